package browsertest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/browsertest/engine"
)

// TestPlainHTTPHasNoSecFetchSite but to names that lead to the machine itself, which the .test names here are not to
// Chromium. So Origin and Host decide, and come to the same as Sec-Fetch-Site.
func TestPlainHTTPHasNoSecFetchSite(t *testing.T) {
	s := newCrossSite(t)
	api := "http://api.example.test:" + s.plainPort
	want := readCrossOriginTable(t, crossOriginTable)
	chromium := &browser{Engine: engine.ForTest(t, "chromium")}
	for where, origin := range map[string]string{
		"same origin": api, "sibling": "http://www.example.test:" + s.plainPort, "another site": "http://evil.test:" + s.plainPort,
	} {
		tab := chromium.open(t, origin+"/")
		for i, sender := range senders {
			function := fmt.Sprintf("(url) => { const BOUNCE = %q; %s (%s)(url); }",
				"http://evil.test:"+s.plainPort+"/bounce?to=", formIn, strings.ReplaceAll(sender.script, `"https:", "wss:"`, `"http:", "ws:"`))
			id := fmt.Sprintf("%s-%d", strings.ReplaceAll(where, " ", "-"), i)
			var done bool
			tab.call("((url) => { ("+function+")(url); return true; })", api+"/api?id="+id, &done)
			d := s.await(t, id)
			require.Empty(t, d.site, "%s from %s", sender.name, where)
			require.Equal(t, d.fallback, d.outcome)
			cell := want[sender.name+", from "+where]
			require.Equal(t, strings.HasSuffix(cell, "-"), d.outcome.IsRefused(), "%s from %s: Origin %q, %s over https", sender.name, where, d.origin, cell)
		}
	}
}
