// Runs a case and compares what happened with what was expected.

let runs = 0;

// run fetches and returns what script got, and what the API recorded:
//
//   script     {error} or {status, headers, body}, of the last fetch; nothing of forms
//   exchanges  [{preflight, request: {line, headers}, response: {line, headers}}], headers as [name, value] pairs
//   cookie     document.cookie, in the end
//   reason     why the browser has blocked the request, or ""
export async function run(scenario, settings) {
  if (scenario.cookie) {
    document.cookie = `${scenario.cookie}; path=/; SameSite=Lax`;
  }
  // An id of its own makes a URL of its own, for which no permission is remembered.
  const id = `${Date.now().toString(36)}-${runs++}`;
  const url = `${settings.api}${scenario.path}?exchange=${id}`;
  if (scenario.form) {
    await submitElsewhere(scenario, id, settings);
  }
  let script;
  for (let i = 0; !scenario.form && i < (scenario.times ?? 1); i++) {
    script = await tryFetch(url, scenario.request);
  }
  const recorded = await exchangesOf(id);
  const said = script?.error ? await reasonOf(url, scenario.request) : "";
  return { script, exchanges: recorded.map(parseExchange), cookie: document.cookie, reason: said };
}

// reasonOf asks the demo what no page is told.
async function reasonOf(url, request) {
  // Without the id, so that it is not taken for the page's own exchange.
  const body = JSON.stringify({ ...request, origin: location.origin, url: url.replace(/\?.*/, "") });
  return (await (await fetch("/reason", { method: "POST", body })).json()).message;
}

async function exchangesOf(id) {
  return (await fetch(`/exchanges?id=${id}`)).json();
}

// submitElsewhere loads the other site's page with the form into a frame. The frame loads once more when the API has
// answered, and then there is an exchange.
async function submitElsewhere({ path, form }, id, { other }) {
  const frame = document.createElement("iframe");
  frame.hidden = true;
  frame.src = `${other}/form.html?${new URLSearchParams({ path: `${path}?exchange=${id}`, ...form })}`;
  await new Promise((resolve, reject) => {
    frame.addEventListener("load", async () => {
      try {
        if ((await exchangesOf(id)).length > 0) {
          resolve();
        }
      } catch (error) {
        reject(error);
      }
    });
    document.body.append(frame);
  });
  frame.remove();
}

async function tryFetch(url, request) {
  try {
    const response = await fetch(url, request);
    return { status: response.status, headers: response.headers, body: await response.text() };
  } catch (error) {
    return { error };
  }
}

function parseExchange({ request, response }) {
  const parsed = { request: parseMessage(request), response: parseMessage(response) };
  parsed.preflight = parsed.request.line.startsWith("OPTIONS ")
    && header(parsed.request, "access-control-request-method") !== null;
  return parsed;
}

function parseMessage([line, ...rest]) {
  const headers = rest.map((text) => {
    const colon = text.indexOf(":");
    return [text.slice(0, colon), text.slice(colon + 1).trim()];
  });
  return { line, headers };
}

// header returns a message's header, or null where there is none. Several lines make one value, as for browsers.
function header(message, name) {
  const values = message.headers.filter(([n]) => n.toLowerCase() === name).map(([, value]) => value);
  return values.length > 0 ? values.join(", ") : null;
}

// check returns what was looked at, as [{text, passed, found}]. The first is the outcome itself.
export function check(expect, happened) {
  const { script, exchanges, cookie } = happened;
  const preflights = exchanges.filter((exchange) => exchange.preflight);
  const actual = exchanges.filter((exchange) => !exchange.preflight);
  const handled = actual.filter(({ response }) => statusOf(response) !== 403); // which none of the handlers answers
  const isForm = expect.acted !== undefined;
  const checks = isForm
    ? [{ text: describe(expect), passed: expect.acted === (handled.length > 0), found: answer(actual.at(-1)?.response) }]
    : [{ text: describe(expect), passed: expect.readable === !script.error, found: outcome(script) }];
  const compare = (text, want, got) => checks.push({ text, passed: want === got, found: `found ${got ?? "nothing"}` });
  const compareHeaders = (place, want, message) => {
    for (const [name, value] of Object.entries(want ?? {})) {
      const text = value === null ? `${place} no ${name}` : `${place} ${name}: ${value}`;
      compare(text, value, message ? header(message, name) : undefined);
    }
  };

  if (isForm) {
    compare(`the API answers with ${expect.status}`, expect.status, statusOf(actual.at(-1)?.response));
  }
  if (expect.readable) {
    compare(`script reads status ${expect.status}`, expect.status, script.status);
  }
  for (const [name, value] of Object.entries(expect.reads ?? {})) {
    const text = value === null ? `script is not shown ${name}` : `script reads ${name}: ${value}`;
    compare(text, value, script.headers?.get(name));
  }
  compare(count(expect.preflights, "preflight"), expect.preflights, preflights.length);
  if (expect.preflights > 0) {
    compare(`it is answered with ${expect.preflightStatus}`, expect.preflightStatus,
      statusOf(preflights[0]?.response));
  }
  compareHeaders("its answer has", expect.granted, preflights[0]?.response);
  compare(`${count(expect.handled, "request")} reached the handler`, expect.handled, handled.length);
  compareHeaders("the request has", expect.received, actual.at(-1)?.request);
  compareHeaders("the response has", expect.sent, actual.at(-1)?.response);
  if (expect.cookie) {
    compare(`the browser holds ${expect.cookie}`, true, cookie.split("; ").includes(expect.cookie));
  }
  return checks;
}

function count(n, noun) {
  return `${n || "no"} ${noun}${n === 1 ? "" : "s"}`;
}

function statusOf(response) {
  return Number(response?.line.split(" ")[1]);
}

// describe says in a few words what should come of a case.
export function describe(expect) {
  if (expect.acted !== undefined) {
    return expect.acted ? "the API acts on the form" : "the API refuses the form";
  }
  return expect.readable ? `script reads the response, status ${expect.status}` : "the browser keeps the response from script";
}

// answer says in a few words what the API answered to a form, which no script is shown.
function answer(response) {
  return response ? `the API answered ${response.line.replace(/^\S+ /, "")}` : "nothing came to the API";
}

// outcome says in a few words what came of it.
export function outcome(script) {
  return script.error
    ? `fetch threw “${script.error.message}”`
    : `script read status ${script.status} and “${script.body}”`;
}
