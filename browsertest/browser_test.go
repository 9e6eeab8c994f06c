package browsertest

import (
	"slices"
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
				if test.engines != nil && !slices.Contains(test.engines, as) {
					continue
				}
				t.Run(test.name, func(t *testing.T) {
					b := *b
					b.score = results.scoreOf(as, test.name)
					if test.fresh {
						b.Engine = engine.ForTest(t, as.String())
					}
					test.run(t, &b)
				})
			}
		})
	}
	results.check(t)
}

// tests are what each engine has to pass.
var tests = []struct {
	name    string
	run     func(*testing.T, *browser)
	engines []corstest.Engine // all if nil

	// A start of its own, for those that count preflights of many URLs: a cache that others have filled makes room by
	// dropping entries at random. Those that count the preflights of few come first.
	fresh bool
}{
	{name: "OnePreflightServesTwentyRequests", run: onePreflightServesTwentyRequests},
	{name: "OnePreflightServesTwoPagesOfOneOrigin", run: onePreflightServesTwoPagesOfOneOrigin},
	{name: "TwoOriginsShareNoPreflight", run: twoOriginsShareNoPreflight},
	{name: "NegativeMaxAgeCostsAPreflightForEachRequest", run: negativeMaxAgeCostsAPreflightForEachRequest},
	{name: "WithoutMaxAgeAPreflightServesFiveSeconds", run: withoutMaxAgeAPreflightServesFiveSeconds},
	{name: "MaxAgeIsHowLongAPreflightServes", run: maxAgeIsHowLongAPreflightServes},
	{name: "WildcardsWithCredentialsCostPreflights", run: wildcardsWithCredentialsCostPreflights},
	{name: "WildcardsWithoutCredentials", run: wildcardsWithoutCredentials},
	{name: "PreflightsAfterTheActualRequestFails", run: preflightsAfterTheActualRequestFails},
	{name: "OriginsAreAllowedAsThePolicySays", run: originsAreAllowedAsThePolicySays},
	{name: "MethodsAreAllowedAsThePolicySays", run: methodsAreAllowedAsThePolicySays},
	{name: "RequestHeadersAreAllowedAsThePolicySays", run: requestHeadersAreAllowedAsThePolicySays},
	{name: "ResponseHeadersAreReadableAsThePolicySays", run: responseHeadersAreReadableAsThePolicySays},
	{name: "ServerErrorsAreReadableAsThePolicySays", run: serverErrorsAreReadableAsThePolicySays},
	{name: "BodiesThatAreTooLargeAreReadable", run: bodiesThatAreTooLargeAreReadable},
	{name: "StatusesOfConnections", run: statusesOfConnections},
	{name: "MaxAgeDecidesNothing", run: maxAgeDecidesNothing},
	{name: "PagesWithoutWebAddressesAreAllowedAsThePolicySays", run: pagesWithoutWebAddressesAreAllowedAsThePolicySays},
	{name: "SecurePagesAreAllowedAsThePolicySays", run: securePagesAreAllowedAsThePolicySays},
	{name: "ResourcesAreUsedAsThePolicySays", run: resourcesAreUsedAsThePolicySays},
	{name: "ResponsesAreReadAsTheyAreWritten", run: responsesAreReadAsTheyAreWritten},
	{name: "RedirectsAreFollowedAsBothPoliciesSay", run: redirectsAreFollowedAsBothPoliciesSay},
	{name: "CorstestPredictsEachPreflight", run: corstestPredictsEachPreflight, fresh: true},
	{name: "SequencesCostThePreflightsThatCorstestSays", run: sequencesCostThePreflightsThatCorstestSays, fresh: true},
	{name: "ManyURLsCostThePreflightsThatCorstestSays", run: manyURLsCostThePreflightsThatCorstestSays, fresh: true},
	{name: "WalkCostsThePreflightsThatCorstestSays", run: walkCostsThePreflightsThatCorstestSays, fresh: true},
	{name: "TheBrowsersOwnCacheKeepsOriginsApart", run: theBrowsersOwnCacheKeepsOriginsApart, engines: keepingResponses},
	{name: "WhatPagesSendToAProtectedAPI", run: whatPagesSendToAProtectedAPI},
	{name: "RefusalsCanBeReadWhereCORSAllows", run: refusalsCanBeReadWhereCORSAllows},
	{name: "PlainHTTPHasNoSecFetchSite", run: plainHTTPHasNoSecFetchSite, engines: namingOtherMachines},
	{name: "DebugModeNamesTheCulprit", run: debugModeNamesTheCulprit},
	{name: "ConsolesSayWhatTheDocumentationSays", run: consolesSayWhatTheDocumentationSays},
	{name: "DemoPageSaysWhatHappened", run: demoPageSaysWhatHappened},
	{name: "DemoPageInDebugMode", run: demoPageInDebugMode},
	{name: "DemoPageTellsWhenACaseFails", run: demoPageTellsWhenACaseFails},
	{name: "OperatorLetsAPageUseTheGateway", run: operatorLetsAPageUseTheGateway},
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
