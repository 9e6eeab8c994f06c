// Fetches what the tests ask for, and tells what script sees.

// fetchCell does one fetch, never throws, and tells between which points of time it went on.
async function fetchCell(cell) {
  const began = Date.now();
  const result = await (cell.upload ? uploadCell : fetchOne)(cell);
  return { ...result, began, ended: Date.now() };
}

async function fetchOne({ url, method, header, credentials, body }) {
  try {
    const response = await fetch(url, { method, headers: header, credentials, ...(body && { body }) });
    return { allowed: true, status: response.status, header: [...response.headers], body: await response.text() };
  } catch (error) {
    return { allowed: false, error: String(error) };
  }
}

// uploadCell does the same with XMLHttpRequest, which can listen to the progress of an upload.
function uploadCell({ url, method, header, credentials, body }) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.withCredentials = credentials === "include";
    header.forEach(([name, value]) => request.setRequestHeader(name, value));
    request.upload.addEventListener("progress", () => {});
    request.onload = () => resolve({ allowed: true, status: request.status, header: [], body: request.responseText });
    request.onerror = () => resolve({ allowed: false, error: "error" });
    request.send(body);
  });
}

// fetchCells fetches many at a time and returns the results in order.
async function fetchCells(cells) {
  const results = new Array(cells.length);
  let next = 0;
  const work = async () => {
    while (next < cells.length) {
      const i = next++;
      results[i] = await fetchCell(cells[i]);
    }
  };
  await Promise.all(Array.from({ length: 4 }, work));
  return results;
}

// fetchInTurn fetches one after the other.
async function fetchInTurn(cells) {
  const results = [];
  for (const cell of cells) {
    results.push(await fetchCell(cell));
  }
  return results;
}

// fetchWithin does so in a frame or a worker, or in the page itself where none is named.
async function fetchWithin(name, cells) {
  if (!name) {
    return fetchCells(cells);
  }
  const script = `${fetchCells}; ${fetchCell}; ${fetchOne}; ${uploadCell};`;
  if (name.startsWith("worker")) {
    const code = script + "onmessage = async (event) => postMessage(await fetchCells(event.data));";
    const url = name === "worker-data"
      ? "data:text/javascript," + encodeURIComponent(code)
      : URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
    const worker = new Worker(url);
    const answered = new Promise((resolve, reject) => {
      worker.onmessage = (event) => resolve(event.data);
      worker.onerror = reject;
    });
    worker.postMessage(cells);
    const results = await answered;
    worker.terminate();
    return results;
  }
  const frame = document.createElement("iframe");
  const html = `<script>${script}
    onmessage = async (event) => event.source.postMessage(await fetchCells(event.data), "*");
  <\/script>`;
  if (name.endsWith("sandbox")) {
    frame.sandbox = "allow-scripts";
  }
  if (name.startsWith("srcdoc")) {
    frame.srcdoc = html;
  } else if (name.startsWith("blob")) {
    frame.src = URL.createObjectURL(new Blob([html], { type: "text/html" }));
  } else if (name.startsWith("data")) {
    frame.src = "data:text/html," + encodeURIComponent(html);
  } else {
    frame.src = "/frame";
  }
  const loaded = new Promise((resolve) => { frame.onload = resolve; });
  document.body.append(frame);
  await loaded;
  const answered = new Promise((resolve) => {
    window.addEventListener("message", (event) => resolve(event.data), { once: true });
  });
  frame.contentWindow.postMessage(cells, "*");
  const results = await answered;
  frame.remove();
  return results;
}
