// Shows cases and what came of them.

const byId = (id) => document.getElementById(id);
const marks = { running: "…", passed: "✓", failed: "✗" };

// Headers that have a part in CORS. The others are hidden until somebody asks for them.
const relevant = /^(access-control-.*|origin|vary|cookie|set-cookie|x-.*|content-type|sec-fetch-site)$/i;

export function showSettings(settings) {
  const stranger = location.origin !== settings.page;
  byId("page-origin").textContent = location.origin;
  byId("api-origin").textContent = settings.api;
  byId("to-allowed").href = settings.page;
  byId("to-stranger").href = settings.other;
  byId("stranger").hidden = !stranger;
  byId("welcome").hidden = stranger;
  byId("debug").checked = settings.debug;
  byId("all-headers").addEventListener("change", (event) => {
    document.body.classList.toggle("all-headers", event.target.checked);
  });
}

export function showGroup(group) {
  const section = byId("group").content.cloneNode(true).firstElementChild;
  section.querySelector("h2").textContent = group.title;
  section.querySelector(".about").textContent = group.about;
  byId("cases").append(section);
  return section;
}

// showCase adds a case that is yet to run and returns its element.
export function showCase(section, scenario, expected) {
  const article = byId("case").content.cloneNode(true).firstElementChild;
  article.querySelector(".title").textContent = scenario.title;
  article.querySelector(".why").textContent = scenario.why;
  article.querySelector(".call").textContent = call(scenario);
  article.querySelector(".expected").textContent = expected;
  section.append(article);
  setVerdict(article, "running");
  return article;
}

// call shows a request as script, or a page, would write it.
function call({ path, request, form, times }) {
  if (form) {
    const fields = Object.entries(form).map(([name, value]) => `  <input name="${name}" value="${value}">\n`);
    return `<form method="post" action="${path}">\n${fields.join("")}</form>`;
  }
  const options = Object.entries(request).map(([name, value]) => {
    if (name !== "headers") {
      return `  ${name}: ${JSON.stringify(value)},\n`;
    }
    const headers = Object.entries(value).map(([header, text]) => `    ${JSON.stringify(header)}: ${JSON.stringify(text)},\n`);
    return `  headers: {\n${headers.join("")}  },\n`;
  });
  const text = options.length > 0 ? `fetch("${path}", {\n${options.join("")}})` : `fetch("${path}")`;
  return times > 1 ? `${text}  // ${times} times` : text;
}

function setVerdict(article, verdict) {
  article.dataset.verdict = verdict;
  const mark = article.querySelector(".mark");
  mark.textContent = marks[verdict];
  mark.setAttribute("aria-label", verdict);
}

// showResult completes a case. It returns whether all checks have passed.
export function showResult(article, checks, happened) {
  const passed = checks.every((check) => check.passed);
  setVerdict(article, passed ? "passed" : "failed");
  article.querySelector(".happened").textContent = checks[0].found;
  article.querySelector(".reason").hidden = !happened.reason;
  article.querySelector(".reason dd").textContent = happened.reason;
  const details = checks.slice(1);
  const failed = details.filter((check) => !check.passed).length;
  article.querySelector("summary").textContent = failed > 0
    ? `${failed} of ${details.length} details are not as expected`
    : `${details.length} more details are as expected`;
  // All of these read alike; whoever hears them one after the other is told whose each is.
  article.querySelector("summary").setAttribute("aria-label",
    `${article.querySelector(".title").textContent}: ${article.querySelector("summary").textContent}`);
  article.querySelector(".more").open = failed > 0;
  article.querySelector(".checks").replaceChildren(...details.map(({ text, passed, found }) =>
    element("li", passed ? "passed" : "failed", passed ? text : `${text} (${found})`)));
  const wire = article.querySelector(".wire");
  for (const exchange of happened.exchanges) {
    wire.append(exchangeElement(exchange));
  }
  return passed;
}

function exchangeElement({ preflight, request, response }) {
  const figure = element("figure", preflight ? "preflight" : "actual");
  figure.append(element("figcaption", "", preflight ? "Preflight" : "Request"));
  const pre = element("pre", "");
  pre.append(messageElement(request, "sent"), messageElement(response, "received"));
  figure.append(pre);
  return figure;
}

function messageElement({ line, headers }, direction) {
  const block = element("span", `message ${direction}`);
  block.append(element("span", "first", `${line}\n`));
  for (const [name, value] of headers) {
    const row = element("span", relevant.test(name) ? "header" : "header other");
    row.append(element("span", "name", name), `: ${value}\n`);
    block.append(row);
  }
  return block;
}

function element(tag, className, text = "") {
  const e = document.createElement(tag);
  e.className = className;
  e.textContent = text;
  return e;
}

export function showVerdict(passed, total) {
  const verdict = passed === total ? "passed" : "failed";
  const words = `${passed} of ${total} as expected`;
  byId("summary").textContent = words;
  byId("summary").className = verdict;
  Object.assign(byId("verdict").dataset, { passed, total, verdict });
  byId("verdict").textContent = verdict === "passed"
    ? `All ${total} cases came out as expected.`
    : `${total - passed} of ${total} cases did not come out as expected.`;
}

// showBroken tells that the page itself could not go on.
export function showBroken(error) {
  byId("summary").textContent = "failed";
  byId("summary").className = "failed";
  byId("verdict").dataset.verdict = "failed";
  byId("verdict").textContent = `The page could not run the cases: ${error.message}. Is the demo still running?`;
}
