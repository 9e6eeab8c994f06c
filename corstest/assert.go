package corstest

// TB is the part of testing.TB that the assertions need.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Readable ends the test, with the reason, the remedy and the exchange, unless the browser lets the page read the
// response. It returns the result for further questions.
func Readable(t TB, b *Browser, r Request) *Result {
	t.Helper()
	result := b.Fetch(r)
	if !result.Allowed {
		t.Fatalf("a page of %s should be able to read %s, but cannot\n%s", b.Origin(), describe(r), result)
	}
	return result
}

// Blocked ends the test, with the exchange, unless CORS keeps the page from the response. A request that fails for another
// reason (a malformed URL, a broken connection) ends it too: it proves nothing.
func Blocked(t TB, b *Browser, r Request) *Result {
	t.Helper()
	result := b.Fetch(r)
	if result.Allowed || !result.Reason.Failure.IsCORS() {
		t.Fatalf("CORS should keep a page of %s from %s, but does not\n%s", b.Origin(), describe(r), result)
	}
	return result
}

// BlockedBy is [Blocked] for one certain failure.
func BlockedBy(t TB, b *Browser, r Request, want Failure) *Result {
	t.Helper()
	result := b.Fetch(r)
	if result.Allowed || result.Reason.Failure != want {
		t.Fatalf("%s should keep a page of %s from %s, but does not\n%s", want, b.Origin(), describe(r), result)
	}
	return result
}

func describe(r Request) string {
	method := r.Method
	if method == "" {
		method = "GET"
	}
	return normalizeMethod(method) + " " + r.URL
}
