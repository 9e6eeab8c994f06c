package crossorigin

import "strconv"

// Outcome is what was made of a request. Its String is fit for a metrics label.
type Outcome uint8

const (
	// SafeMethod is a GET, HEAD or OPTIONS request: nothing else is looked at.
	SafeMethod Outcome = iota
	// SameOrigin is a request that the browser says comes from the same origin, or from the visitor.
	SameOrigin
	// SameHost is a request without Sec-Fetch-Site whose Origin is the server's own.
	SameHost
	// NoOrigin is a request with neither Sec-Fetch-Site nor Origin, as programs other than browsers send it.
	NoOrigin
	// Trusted is a request from another origin, which is trusted.
	Trusted
	// Bypassed is a request from another origin, to a path that bypasses the check.
	Bypassed
	// RefusedSite is a request that the browser says comes from another origin.
	RefusedSite
	// RefusedOrigin is a request without Sec-Fetch-Site whose Origin is not the server's own.
	RefusedOrigin
)

var outcomeNames = [...]string{
	SafeMethod:    "safe_method",
	SameOrigin:    "same_origin",
	SameHost:      "same_host",
	NoOrigin:      "no_origin",
	Trusted:       "trusted",
	Bypassed:      "bypassed",
	RefusedSite:   "refused_site",
	RefusedOrigin: "refused_origin",
}

// String returns the outcome in lower case, with underscores, such as "refused_site".
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return "unknown"
}

// IsRefused tells whether the request is to be refused.
func (o Outcome) IsRefused() bool {
	return o >= RefusedSite
}

// Decision is the outcome for one request, and what it comes from. Its slices are parts of the request as it was
// sent, empty where there is no such header and where it was not looked at. They are valid until the request
// changes: copy them to keep them, and do not change them.
type Decision struct {
	Outcome Outcome
	Site    []byte // Sec-Fetch-Site
	Origin  []byte
	Host    []byte // what Origin was compared with; empty where that were Options.OwnOrigins
}

// String returns the outcome's label.
func (d Decision) String() string {
	return d.Outcome.String()
}

// RefusedError is the error that Check returns. Its fields are copies of those of Decision.
type RefusedError struct {
	Outcome Outcome
	Site    string
	Origin  string
	Host    string
}

// Error returns a sentence that says what was compared.
func (e *RefusedError) Error() string {
	const refused = "cross-origin request refused: "
	origin := "Origin " + strconv.Quote(e.Origin)
	switch {
	case e.Outcome == RefusedSite && e.Origin == "":
		return refused + "Sec-Fetch-Site is " + strconv.Quote(e.Site) + ", and there is no Origin that could be trusted"
	case e.Outcome == RefusedSite:
		return refused + "Sec-Fetch-Site is " + strconv.Quote(e.Site) + ", and " + origin + " is not trusted"
	case e.Host == "":
		return refused + origin + " is neither the server's own nor trusted"
	}
	return refused + origin + " does not match Host " + strconv.Quote(e.Host) + " and is not trusted"
}

// err returns d as an error, or nil where nothing is refused.
func (d Decision) err() error {
	if !d.Outcome.IsRefused() {
		return nil
	}
	return &RefusedError{d.Outcome, string(d.Site), string(d.Origin), string(d.Host)}
}
