package browsertest

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/browsertest/engine"
	"github.com/bytecors/cors/corstest"
)

// browser is a real one, and the engine of corstest that is held to it.
type browser struct {
	engine.Engine
	as corstest.Engine
	*score
}

// engines are the real ones, by the name of the one of corstest that is held to it.
var engines = []corstest.Engine{corstest.Chromium, corstest.Firefox, corstest.WebKitGTK}

// TestEngines runs all tests in one engine after the other, which is as much as a machine of two cores bears.
func TestEngines(t *testing.T) {
	results := newResults()
	for _, as := range engines {
		t.Run(as.String(), func(t *testing.T) {
			b := &browser{Engine: engine.ForTest(t, as.String()), as: as}
			results.versions[as] = b.Version()
			for _, test := range tests {
				t.Run(test.name, func(t *testing.T) {
					b := *b
					b.score = results.scoreOf(as, test.name)
					test.run(t, &b)
				})
			}
		})
	}
	results.check(t)
}

// tests are what each engine has to pass.
var tests = []struct {
	name string
	run  func(*testing.T, *browser)
}{
	{"OriginsAreAllowedAsThePolicySays", originsAreAllowedAsThePolicySays},
	{"MethodsAreAllowedAsThePolicySays", methodsAreAllowedAsThePolicySays},
	{"RequestHeadersAreAllowedAsThePolicySays", requestHeadersAreAllowedAsThePolicySays},
	{"ResponseHeadersAreReadableAsThePolicySays", responseHeadersAreReadableAsThePolicySays},
	{"ServerErrorsAreReadableAsThePolicySays", serverErrorsAreReadableAsThePolicySays},
	{"StatusesOfConnections", statusesOfConnections},
	{"MaxAgeDecidesNothing", maxAgeDecidesNothing},
	{"PagesWithoutWebAddressesAreAllowedAsThePolicySays", pagesWithoutWebAddressesAreAllowedAsThePolicySays},
	{"SecurePagesAreAllowedAsThePolicySays", securePagesAreAllowedAsThePolicySays},
	{"ResourcesAreUsedAsThePolicySays", resourcesAreUsedAsThePolicySays},
	{"ResponsesAreReadAsTheyAreWritten", responsesAreReadAsTheyAreWritten},
	{"RedirectsAreFollowedAsBothPoliciesSay", redirectsAreFollowedAsBothPoliciesSay},
	{"OnePreflightServesTwentyRequests", onePreflightServesTwentyRequests},
	{"OnePreflightServesTwoPagesOfOneOrigin", onePreflightServesTwoPagesOfOneOrigin},
	{"TwoOriginsShareNoPreflight", twoOriginsShareNoPreflight},
	{"NegativeMaxAgeCostsAPreflightForEachRequest", negativeMaxAgeCostsAPreflightForEachRequest},
	{"WithoutMaxAgeAPreflightServesFiveSeconds", withoutMaxAgeAPreflightServesFiveSeconds},
	{"MaxAgeIsHowLongAPreflightServes", maxAgeIsHowLongAPreflightServes},
	{"WildcardsWithCredentialsCostPreflights", wildcardsWithCredentialsCostPreflights},
	{"WildcardsWithoutCredentials", wildcardsWithoutCredentials},
	{"PreflightsAfterTheActualRequestFails", preflightsAfterTheActualRequestFails},
	{"CorstestPredictsEachPreflight", corstestPredictsEachPreflight},
	{"SequencesCostThePreflightsThatCorstestSays", sequencesCostThePreflightsThatCorstestSays},
	{"ManyURLsCostThePreflightsThatCorstestSays", manyURLsCostThePreflightsThatCorstestSays},
	{"WalkCostsThePreflightsThatCorstestSays", walkCostsThePreflightsThatCorstestSays},
	{"DebugModeNamesTheCulprit", debugModeNamesTheCulprit},
	{"ConsolesSayWhatTheDocumentationSays", consolesSayWhatTheDocumentationSays},
	{"DemoPageSaysWhatHappened", demoPageSaysWhatHappened},
	{"DemoPageInDebugMode", demoPageInDebugMode},
	{"DemoPageTellsWhenACaseFails", demoPageTellsWhenACaseFails},
}

// tab is a page in the browser, for a test.
type tab struct {
	t *testing.T
	engine.Page
}

// open opens a tab that closes when the test ends.
func (b *browser) open(t *testing.T, url string) *tab {
	t.Helper()
	page, err := b.Open(url)
	require.NoError(t, err, "opening %s", url)
	t.Cleanup(func() { _ = page.Close() })
	return &tab{t, page}
}

// call calls a function of the page's script, waits for its promise and returns what it comes to.
func (p *tab) call(function string, argument, result any) {
	p.t.Helper()
	require.NoError(p.t, p.Call(function, argument, result), "calling %s", function)
}

// devTools returns the page for all that only Chromium can do.
func (p *tab) devTools() engine.DevTools { return p.Page.(engine.DevTools) }
