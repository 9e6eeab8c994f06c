package main

import (
	"encoding/json"
	"io"
	"unicode/utf8"

	"github.com/bytecors/cors/corstest"
	"github.com/bytecors/cors/corstest/diagnose"
)

// schemaVersion changes when a field changes its meaning or goes. Fields may be added without.
const schemaVersion = 1

// document is what -json writes; docs/corscheck.md describes it. Headers are lists of pairs, since their order and repetition
// matter.
type document struct {
	Version     int            `json:"version"`
	Verdict     string         `json:"verdict"` // allowed, blocked, failed, error, valid; with -har the worst of all
	Error       string         `json:"error,omitempty"`
	Offline     bool           `json:"offline,omitempty"`
	Origin      string         `json:"origin,omitempty"`
	URL         string         `json:"url,omitempty"`
	Method      string         `json:"method,omitempty"`
	Credentials string         `json:"credentials,omitempty"`
	Engine      string         `json:"engine,omitempty"`
	Response    *jsonReadable  `json:"response,omitempty"` // what script may read
	Reason      *jsonReason    `json:"reason,omitempty"`   // the rule that the browser names
	Causes      []jsonCause    `json:"causes,omitempty"`
	Notes       []jsonNote     `json:"notes,omitempty"`
	Asked       []jsonQuestion `json:"asked,omitempty"`   // preflights sent besides, to find the causes
	Engines     []jsonEngine   `json:"engines,omitempty"` // each engine's verdict
	Dropped     []string       `json:"dropped,omitempty"` // names of request headers that a page may not set
	Hops        []jsonHop      `json:"hops,omitempty"`
	Entries     []document     `json:"entries,omitempty"` // with -har, one for each request
	Incomplete  string         `json:"incomplete,omitempty"`
}

type jsonReadable struct {
	Status int         `json:"status"`
	Header [][2]string `json:"header"`
	Opaque bool        `json:"opaque,omitempty"`
}

type jsonReason struct {
	Failure   corstest.Failure `json:"failure"`
	Preflight bool             `json:"preflight"`
	URL       string           `json:"url"`
	Header    string           `json:"header,omitempty"`
	Value     string           `json:"value,omitempty"`
	Want      string           `json:"want,omitempty"`
	Message   string           `json:"message"`
}

type jsonCause struct {
	Code    diagnose.Code `json:"code"`
	Certain bool          `json:"certain"`
	Message string        `json:"message"`
	Remedy  string        `json:"remedy,omitempty"`
}

type jsonNote struct {
	Code    diagnose.Code `json:"code"`
	Warning bool          `json:"warning"`
	Message string        `json:"message"`
}

type jsonQuestion struct {
	Origin  string           `json:"origin"`
	URL     string           `json:"url"`
	Method  string           `json:"method"`
	Headers []string         `json:"headers,omitempty"`
	Allowed bool             `json:"allowed"`
	Status  int              `json:"status,omitempty"`
	Failure corstest.Failure `json:"failure,omitempty"`
}

type jsonEngine struct {
	Engine  string           `json:"engine"`
	Verdict diagnose.Verdict `json:"verdict"`
	Failure corstest.Failure `json:"failure,omitempty"`
	Message string           `json:"message,omitempty"`
}

type jsonHop struct {
	URL        string        `json:"url"`
	SameOrigin bool          `json:"sameOrigin,omitempty"`
	Preflight  *jsonExchange `json:"preflight,omitempty"`
	Actual     *jsonExchange `json:"actual,omitempty"`
}

type jsonExchange struct {
	Method         string      `json:"method"`
	RequestHeader  [][2]string `json:"requestHeader"`
	Protocol       string      `json:"protocol,omitempty"`
	Status         int         `json:"status,omitempty"`
	ResponseHeader [][2]string `json:"responseHeader,omitempty"`
	Error          string      `json:"error,omitempty"`
}

func (o *options) document(report *diagnose.Report, engines []diagnose.EngineVerdict) document {
	result := report.Result
	out := document{
		Version: schemaVersion, Verdict: string(report.Verdict), Offline: o.config != "", Origin: result.Origin, URL: o.request.URL,
		Method: o.request.Method, Credentials: result.Credentials.String(), Engine: o.engine.String(),
	}
	if out.Method == "" {
		out.Method = "GET"
	}
	if result.Allowed && result.Actual() != nil {
		out.Response = &jsonReadable{result.Status, pairs(result.Header), result.Opaque}
	}
	if r := result.Reason; !result.Allowed {
		out.Reason = &jsonReason{r.Failure, r.Preflight, r.URL, r.Header, text(r.Value), text(r.Want), r.Message}
	}
	for _, c := range report.Causes {
		out.Causes = append(out.Causes, jsonCause(c))
	}
	for _, n := range report.Notes {
		out.Notes = append(out.Notes, jsonNote(n))
	}
	for _, q := range report.Asked {
		question := jsonQuestion{Origin: q.Origin, URL: q.URL, Method: q.Method, Headers: q.Headers, Allowed: q.Allowed, Failure: q.Reason.Failure}
		if q.Exchange != nil {
			question.Status = q.Exchange.Status
		}
		out.Asked = append(out.Asked, question)
	}
	for _, e := range engines {
		out.Engines = append(out.Engines, jsonEngine{e.Engine.String(), e.Verdict, e.Failure, e.Message})
	}
	for _, line := range result.Dropped {
		out.Dropped = append(out.Dropped, line[0])
	}
	for _, hop := range result.Hops {
		out.Hops = append(out.Hops, jsonHop{hop.URL, hop.SameOrigin, newJSONExchange(hop.PreflightExchange), newJSONExchange(hop.Actual)})
	}
	return out
}

func newJSONExchange(x *corstest.Exchange) *jsonExchange {
	if x == nil {
		return nil
	}
	out := &jsonExchange{Method: x.Method, RequestHeader: pairs(x.RequestHeader), Protocol: x.Proto, Status: x.Status, ResponseHeader: pairs(x.ResponseHeader)}
	if x.Err != nil {
		out.Error = x.Err.Error()
	}
	return out
}

func pairs(h corstest.Header) [][2]string {
	out := make([][2]string, len(h))
	for i, line := range h {
		out[i] = [2]string{text(line[0]), text(line[1])}
	}
	return out
}

// text makes the bytes of a header JSON text: what is no UTF-8 is taken for Latin-1, as script sees it.
func text(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

func encode(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
