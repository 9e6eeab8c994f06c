// Fetches what the tests ask for, and tells what script sees.

// fetchCell does one fetch and never throws.
async function fetchCell({ url, method, header, credentials, body }) {
  try {
    const response = await fetch(url, { method, headers: header, credentials, ...(body && { body }) });
    return { allowed: true, status: response.status, header: [...response.headers], body: await response.text() };
  } catch (error) {
    return { allowed: false, error: String(error) };
  }
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
  await Promise.all(Array.from({ length: 24 }, work));
  return results;
}

// fetchInTurn fetches one after the other, each after a pause of so many milliseconds, if any.
async function fetchInTurn(cells) {
  const results = [];
  for (const cell of cells) {
    if (cell.pause) {
      await new Promise((resolve) => setTimeout(resolve, cell.pause));
    }
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
