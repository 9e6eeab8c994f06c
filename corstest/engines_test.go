package corstest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestAllEnginesAtOnce(t *testing.T) {
	b := browse(t, page, allowAll)
	results := ReadableInAll(t, b, Request{URL: api, Method: "PUT"})
	assert.Len(t, results, len(Engines()))
	assert.False(t, results.Differ())
	for i, engine := range Engines() {
		assert.Equal(t, engine, results[i].Engine)
		assert.Equal(t, 1, results[i].Result.Preflights(), "each has a preflight cache of its own")
	}

	// Only Chromium takes these for one of the client hints that were safelisted once.
	var tb recorder
	b = browse(t, page, split(reply(403), reply(200, "Access-Control-Allow-Origin: *")))
	results = ReadableInAll(&tb, b, Request{URL: api, Header: Header{{"DPR", "1"}}})
	assert.True(t, results.Differ())
	assert.Regexp(t, "^chromium reads this, .*firefox.* not$", results.String())
	assert.Contains(t, tb.failure, "in every engine: "+results.String())

	results = browse(t, page, reply(200)).FetchInAll(Request{URL: api})
	assert.False(t, results.Differ())
	assert.Regexp(t, "^chromium.* not read this$", results.String())
}

func TestSentencesAboutEngines(t *testing.T) {
	yes, no := &Result{Allowed: true}, &Result{}
	assert.Equal(t, "chromium and firefox read this, standard does not", EngineResults{{Chromium, yes}, {Firefox, yes}, {Standard, no}}.String())
	assert.Equal(t, "chromium reads this, firefox and standard do not", EngineResults{{Chromium, yes}, {Firefox, no}, {Standard, no}}.String())
	assert.Equal(t, "chromium, firefox and standard read this", EngineResults{{Chromium, yes}, {Firefox, yes}, {Standard, yes}}.String())
}
