// Runs the cases one after the other, as cookies are shared by all.

import { forDebugger, forStranger, scenarios } from "./scenarios.js";
import { check, describe, run } from "./run.js";
import { showBroken, showCase, showGroup, showResult, showSettings, showVerdict } from "./view.js";

async function main() {
  const settings = await (await fetch("/settings")).json();
  showSettings(settings);
  const allowed = location.origin === settings.page;
  const cases = [];
  for (const group of scenarios(settings)) {
    const section = showGroup(group);
    for (const general of group.cases) {
      const known = allowed ? general : forStranger(general);
      const scenario = settings.debug ? forDebugger(known) : known;
      cases.push({ scenario, article: showCase(section, scenario, describe(scenario.expect)) });
    }
  }
  let passed = 0;
  for (const { scenario, article } of cases) {
    const happened = await run(scenario, settings);
    if (showResult(article, check(scenario.expect, happened), happened)) {
      passed++;
    }
  }
  showVerdict(passed, cases.length);
}

document.getElementById("again").addEventListener("click", () => location.reload());
document.getElementById("debug").addEventListener("change", async (event) => {
  await fetch("/debug", { method: "POST", headers: { "X-Demo": "1" }, body: event.target.checked ? "on" : "off" });
  location.reload();
});
main().catch(showBroken);
