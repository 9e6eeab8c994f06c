// Package browsertest holds the middleware, and the browser model of package corstest, to a real Chromium.
//
// For each of many combinations of policy, page, request and handler, three verdicts are compared: what the policy
// means (a small model in these tests that reads nothing but the cors.Config), what corstest says, and what Chromium
// does. Where Chromium departs from the Fetch standard, the tests say so.
//
// The tests need Debian's chromium, or another one that they find as chromium, chromium-browser or google-chrome, or
// by the environment variable BYTECORS_CHROMIUM. Without one they are skipped, unless BYTECORS_REQUIRE_CHROMIUM is 1.
// The page that the demo shows is photographed; BYTECORS_SCREENSHOTS names a directory to keep the pictures.
//
// It is a module of its own, so that the cors module does not depend on what drives the browser.
package browsertest
