// Package browsertest holds the middleware, and the browser model of package corstest, to real browsers: Chromium,
// Firefox and WebKitGTK, one after the other.
//
// For each of many combinations of policy, page, request and handler, four verdicts are compared: what the policy means
// (a small model in these tests that reads nothing but the cors.Config), what corstest says by the Fetch standard, what it
// says as the engine, and what the engine does. Where an engine departs from the standard, that is declared beside the cells, and a
// declaration that no longer shows fails. RESULTS.md has the numbers.
//
// Package engine says which browsers are needed and how they are found. Without one, its tests are skipped, unless
// BYTECORS_REQUIRE_CHROMIUM, BYTECORS_REQUIRE_FIREFOX or BYTECORS_REQUIRE_WEBKIT is 1. BYTECORS_WALK_SEED is a number
// that decides another way for random walks. The page that the demo shows is photographed; BYTECORS_SCREENSHOTS names a
// directory to keep the pictures. With -update, RESULTS.md and docs/browser-says.md are written anew, as far as tests run.
//
// It is a module of its own, so that the cors module does not depend on what drives the browsers.
package browsertest
