// Requests that a page makes otherwise than by fetch. Each function returns a promise of what script learns of it.

// loadElement adds an element that loads a URL.
function loadElement({ tag, attributes, property, url }) {
  return new Promise((resolve) => {
    const element = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => element.setAttribute(name, value));
    element.onload = () => resolve("load");
    element.onerror = () => resolve("error");
    element[property] = url;
    document.head.append(element);
  });
}

function importModule({ url }) {
  return import(url).then(() => "load", () => "error");
}

// loadFont loads a font that script has made of a URL.
function loadFont({ url }) {
  return new FontFace("of a script", `url("${url}")`).load().then(() => "load", () => "error");
}

// loadStyledFont loads the font of an @font-face rule, and tells whether text came out in it: whether it is as wide as in the font
// that stands behind it.
async function loadStyledFont({ url }) {
  const style = document.createElement("style");
  style.textContent = `@font-face { font-family: "${url}"; src: url("${url}"); }`;
  document.head.append(style);
  const text = document.createElement("span");
  text.textContent = "iiiiiiiiii";
  document.body.append(text);
  const widthIn = (family) => {
    text.style.font = `80px ${family}`;
    return text.getBoundingClientRect().width;
  };
  await document.fonts.load(`80px "${url}"`).catch(() => {});
  const loaded = widthIn(`"${url}", monospace`) !== widthIn("monospace");
  text.remove();
  return loaded ? "load" : "error";
}

// listenToEvents returns the messages of two connections: the first ends after one message.
function listenToEvents({ url, withCredentials }) {
  return new Promise((resolve) => {
    const messages = [];
    const source = new EventSource(url, { withCredentials });
    source.onmessage = (event) => {
      messages.push(event.data);
      if (messages.length === 2) {
        source.close();
        resolve(messages.join(", "));
      }
    };
    source.onerror = () => {
      if (source.readyState === EventSource.CLOSED) {
        resolve("error");
      }
    };
  });
}

function sendBeacon({ url, type }) {
  return String(navigator.sendBeacon(url, new Blob(["text"], { type })));
}

function keepAlive({ url, method, credentials }) {
  return fetch(url, { method, credentials, keepalive: true, body: "text" }).then(() => "load", () => "error");
}

function openSocket({ url }) {
  return new Promise((resolve) => {
    const socket = new WebSocket(url.replace("http", "ws"));
    socket.onopen = () => { socket.close(); resolve("open"); };
    socket.onerror = () => resolve("error");
  });
}

const kinds = { loadElement, importModule, loadFont, loadStyledFont, listenToEvents, sendBeacon, keepAlive, openSocket };

// runKinds runs calls, each of which names one of these functions, one after the other.
async function runKinds(calls) {
  const results = [];
  for (const { run, ...argument } of calls) {
    results.push(await kinds[run](argument));
  }
  return results;
}
