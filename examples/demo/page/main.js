// Runs the cases one after the other, as cookies are shared by all.

import { forStranger, scenarios } from "./scenarios.js";
import { check, describe, run } from "./run.js";
import { showBroken, showCase, showGroup, showResult, showSettings, showVerdict } from "./view.js";

async function main() {
  const settings = await (await fetch("/settings")).json();
  showSettings(settings);
  const allowed = location.origin === settings.page;
  const cases = [];
  for (const group of scenarios(settings.page)) {
    const section = showGroup(group);
    for (const scenario of group.cases) {
      const expect = allowed ? scenario.expect : forStranger(scenario);
      cases.push({ scenario, expect, article: showCase(section, scenario, describe(expect)) });
    }
  }
  let passed = 0;
  for (const { scenario, expect, article } of cases) {
    const happened = await run(scenario, settings);
    if (showResult(article, check(expect, happened), happened)) {
      passed++;
    }
  }
  showVerdict(passed, cases.length);
}

document.getElementById("again").addEventListener("click", () => location.reload());
main().catch(showBroken);
