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

// loadFont is told nothing but that no font came, since none does.
function loadFont({ url }) {
  return new FontFace("of the test", `url("${url}")`).load().then(() => "load", () => "error");
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

const kinds = { loadElement, importModule, loadFont, listenToEvents, sendBeacon, keepAlive, openSocket };

// runKinds runs calls, each of which names one of these functions, one after the other.
async function runKinds(calls) {
  const results = [];
  for (const { run, ...argument } of calls) {
    results.push(await kinds[run](argument));
  }
  return results;
}
