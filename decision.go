package cors

// Outcome is what the middleware made of a request. Its String is fit for a metrics label.
type Outcome uint8

const (
	// NotCORS is a request without an Origin header.
	NotCORS Outcome = iota
	// ActualAllowed is a request whose response the origin may read.
	ActualAllowed
	// ActualRefused is a request whose response the browser will withhold from the origin. The handler runs
	// all the same: CORS is no access control.
	ActualRefused
	// PreflightAllowed is a preflight that leaves the browser free to send the actual request.
	PreflightAllowed
	// PreflightRefusedOrigin is a preflight from an origin that is not allowed.
	PreflightRefusedOrigin
	// PreflightRefusedMethod is a preflight that asks for a method that is not allowed.
	PreflightRefusedMethod
	// PreflightRefusedHeaders is a preflight that asks for a request header that is not allowed.
	PreflightRefusedHeaders
)

var outcomeNames = [...]string{
	NotCORS:                 "not_cors",
	ActualAllowed:           "actual_allowed",
	ActualRefused:           "actual_refused",
	PreflightAllowed:        "preflight_allowed",
	PreflightRefusedOrigin:  "preflight_refused_origin",
	PreflightRefusedMethod:  "preflight_refused_method",
	PreflightRefusedHeaders: "preflight_refused_headers",
}

// String returns the outcome in lower case, with underscores, such as "preflight_refused_method".
func (o Outcome) String() string {
	if int(o) < len(outcomeNames) {
		return outcomeNames[o]
	}
	return "unknown"
}

// IsPreflight tells whether the request was a preflight, which the middleware answers itself.
func (o Outcome) IsPreflight() bool {
	return o >= PreflightAllowed
}

// Decision is the outcome for one request, and what was refused.
type Decision struct {
	Outcome Outcome

	// Refused is the origin, the method or the name of the header that was refused, as it was sent; nil
	// where nothing was. It is valid until the request changes: copy it to keep it, and do not change it.
	// Where a request has several Origin lines or none that is well formed, it is the first of them and may
	// be empty.
	Refused []byte
}

// String returns the outcome's label.
func (d Decision) String() string {
	return d.Outcome.String()
}

// Allowed tells whether the policy lets the origin do what it asks for. It is false for requests that are
// not CORS requests, which no policy is asked about.
func (d Decision) Allowed() bool {
	return d.Outcome == ActualAllowed || d.Outcome == PreflightAllowed
}
