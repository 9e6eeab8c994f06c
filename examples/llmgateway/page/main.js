const origins = document.getElementById("origins");
const mistakes = document.getElementById("mistakes");
const state = document.getElementById("state");

const lines = () => origins.value.split("\n").map((line) => line.trim()).filter((line) => line !== "");

function show(list) {
  origins.value = list.join("\n");
}

// Text is set as text, never as HTML: an origin is what somebody has typed.
function showMistakes(list) {
  show(lines()); // as they are counted
  origins.setAttribute("aria-invalid", String(list.length > 0));
  mistakes.replaceChildren(...list.map((mistake) => {
    const item = document.createElement("li");
    const value = lines()[mistake.index];
    item.textContent = value === undefined ? mistake.text + " " : `Line ${mistake.index + 1}: ${value} ${mistake.text} `;
    if (mistake.suggestion) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = `Use ${mistake.suggestion}`;
      button.addEventListener("click", () => {
        show(lines().map((line) => (line === value ? mistake.suggestion : line)));
        item.remove();
      });
      item.append(button);
    }
    return item;
  }));
}

async function exchange(options) {
  const response = await fetch("origins", options);
  const content = await response.json();
  if (content.mistakes) {
    showMistakes(content.mistakes);
    state.textContent = "Nothing was saved. What was in force stays.";
    return;
  }
  if (!response.ok) {
    throw new Error(content.error.message);
  }
  show(content.allowOrigins);
  showMistakes([]);
  state.textContent = options.method === "PUT" ? "Saved, and in force." : "";
}

async function run(options) {
  state.textContent = "";
  try {
    await exchange(options);
  } catch (error) {
    state.textContent = `That failed: ${error.message}`;
  }
}

document.getElementById("form").addEventListener("submit", (event) => {
  event.preventDefault();
  run({ method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ allowOrigins: lines() }) });
});

run({});
