package corstest

import "strings"

// EngineResult is what a page in one engine gets.
type EngineResult struct {
	Engine Engine
	Result *Result
}

// EngineResults are the results of the same fetch in several engines.
type EngineResults []EngineResult

// FetchInAll does the same fetch in every engine of [Engines], each in a window of its own: the server gets the request as often.
func (b *Browser) FetchInAll(r Request) EngineResults {
	var results EngineResults
	for _, engine := range Engines() {
		page := b.Incognito(b.origin)
		page.Engine = engine
		results = append(results, EngineResult{engine, page.Fetch(r)})
	}
	return results
}

// Differ tells whether some engines let script read the response, and others do not.
func (r EngineResults) Differ() bool {
	for _, one := range r {
		if one.Result.Allowed != r[0].Result.Allowed {
			return true
		}
	}
	return false
}

// String says which engines read the response, as in "chromium and webkitgtk read this, firefox does not".
func (r EngineResults) String() string {
	var reading, not []string
	for _, one := range r {
		if one.Result.Allowed {
			reading = append(reading, one.Engine.String())
		} else {
			not = append(not, one.Engine.String())
		}
	}
	switch {
	case len(not) == 0:
		return joined(reading) + verb(reading, " reads", " read") + " this"
	case len(reading) == 0:
		return joined(not) + verb(not, " does", " do") + " not read this"
	}
	return joined(reading) + verb(reading, " reads", " read") + " this, " + joined(not) + verb(not, " does", " do") + " not"
}

func joined(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

func verb(names []string, one, many string) string {
	if len(names) == 1 {
		return one
	}
	return many
}

// ReadableInAll is [Readable] in every engine; where they do not agree, the test's end names those that read the response.
func ReadableInAll(t TB, b *Browser, r Request) EngineResults {
	t.Helper()
	results := b.FetchInAll(r)
	for _, one := range results {
		if !one.Result.Allowed {
			t.Fatalf("a page of %s should be able to read %s in every engine: %s\n%s", b.Origin(), describe(r), results, one.Result)
			break
		}
	}
	return results
}
