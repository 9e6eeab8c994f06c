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

// fetchCellsInSandbox does so in a frame whose origin is "null".
async function fetchCellsInSandbox(cells) {
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-scripts";
  frame.src = "/";
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

if (window.parent !== window) {
  window.addEventListener("message", async (event) => {
    window.parent.postMessage(await fetchCells(event.data), "*");
  });
}
