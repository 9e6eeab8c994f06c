package browsertest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest"
)

// namingOtherMachines are the engines for which there are names that lead to this machine and look as if they did not.
var namingOtherMachines = []corstest.Engine{corstest.Chromium}

// Sec-Fetch-Site is sent over plain http to names that lead to the machine itself, which the .test names here are not to
// Chromium. So Origin and Host decide, and come to the same as Sec-Fetch-Site.
func plainHTTPHasNoSecFetchSite(t *testing.T, b *browser) {
	s := newCrossSite(t)
	api := "http://api.example.test:" + s.plainPort
	want := readCrossOriginTable(t, crossOriginTable)
	for where, origin := range map[string]string{
		"same origin": api, "sibling": "http://www.example.test:" + s.plainPort, "another site": "http://evil.test:" + s.plainPort,
	} {
		p := b.open(t, origin+"/")
		for i, sender := range senders {
			function := fmt.Sprintf("(url) => { const BOUNCE = %q; %s (%s)(url); }",
				"http://evil.test:"+s.plainPort+"/bounce?to=", formIn, strings.ReplaceAll(sender.script, `"https:", "wss:"`, `"http:", "ws:"`))
			id := fmt.Sprintf("%s-%d", strings.ReplaceAll(where, " ", "-"), i)
			p.call(function, api+"/api?id="+id, nil)
			d := s.await(t, id)
			require.Empty(t, d.site, "%s from %s", sender.name, where)
			require.Equal(t, d.fallback, d.outcome)
			cell := want[sender.name+", from "+where]
			b.count(false, false, strings.HasSuffix(cell, "-") != d.outcome.IsRefused())
			require.Equal(t, strings.HasSuffix(cell, "-"), d.outcome.IsRefused(), "%s from %s: Origin %q, %s over https", sender.name, where, d.origin, cell)
		}
	}
}
