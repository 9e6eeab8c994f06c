package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/bytecors/cors/corstest"
)

func writeText(w io.Writer, o *options, result *corstest.Result) error {
	var b strings.Builder
	for _, hop := range result.Hops {
		fmt.Fprintf(&b, "%s\n", hop)
	}
	if o.config != "" {
		b.WriteString("(no server was asked: this is what the configuration makes of it, in debug mode, with a handler that answers 200)\n\n")
	}
	b.WriteString(result.Verdict())
	_, err := io.WriteString(w, b.String())
	return err
}

func writeValid(w io.Writer, o *options) error {
	if o.json {
		return encode(w, map[string]any{"valid": true})
	}
	_, err := fmt.Fprintf(w, "%s is a valid configuration\n", o.config)
	return err
}

// report is what -json writes. Headers are lists of pairs, since their order and repetition matter.
type report struct {
	Allowed     bool          `json:"allowed"`
	Offline     bool          `json:"offline,omitempty"`
	Origin      string        `json:"origin"`
	Credentials string        `json:"credentials"`
	Status      int           `json:"status,omitempty"` // what script may read
	Header      [][2]string   `json:"header,omitempty"` // what script may read
	Reason      *reportReason `json:"reason,omitempty"`
	Dropped     []string      `json:"dropped,omitempty"` // names of request headers that a page may not set
	Hops        []reportHop   `json:"hops"`
}

type reportReason struct {
	Failure   corstest.Failure `json:"failure"`
	Preflight bool             `json:"preflight"`
	URL       string           `json:"url"`
	Header    string           `json:"header,omitempty"`
	Value     string           `json:"value,omitempty"`
	Want      string           `json:"want,omitempty"`
	Message   string           `json:"message"`
	Remedy    string           `json:"remedy,omitempty"`
}

type reportHop struct {
	URL        string          `json:"url"`
	SameOrigin bool            `json:"sameOrigin,omitempty"`
	Preflight  *reportExchange `json:"preflight,omitempty"`
	Actual     *reportExchange `json:"actual,omitempty"`
}

type reportExchange struct {
	Method         string      `json:"method"`
	RequestHeader  [][2]string `json:"requestHeader"`
	Status         int         `json:"status,omitempty"`
	ResponseHeader [][2]string `json:"responseHeader,omitempty"`
	Error          string      `json:"error,omitempty"`
}

func writeJSON(w io.Writer, o *options, result *corstest.Result) error {
	out := report{
		Allowed: result.Allowed, Offline: o.config != "", Origin: result.Origin, Credentials: result.Credentials.String(),
		Status: result.Status, Header: result.Header,
	}
	if r := result.Reason; !result.Allowed {
		out.Reason = &reportReason{r.Failure, r.Preflight, r.URL, r.Header, r.Value, r.Want, r.Message, r.Remedy}
	}
	for _, line := range result.Dropped {
		out.Dropped = append(out.Dropped, line[0])
	}
	for _, hop := range result.Hops {
		out.Hops = append(out.Hops, reportHop{hop.URL, hop.SameOrigin, newReportExchange(hop.PreflightExchange), newReportExchange(hop.Actual)})
	}
	return encode(w, out)
}

func newReportExchange(x *corstest.Exchange) *reportExchange {
	if x == nil {
		return nil
	}
	out := &reportExchange{Method: x.Method, RequestHeader: x.RequestHeader, Status: x.Status, ResponseHeader: x.ResponseHeader}
	if x.Err != nil {
		out.Error = x.Err.Error()
	}
	return out
}

func encode(w io.Writer, v any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}
