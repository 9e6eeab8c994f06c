// Package corsgateway reads the CORS filter of a Kubernetes Gateway API route into the cors.Config that means
// the same: a program behind a gateway, or one that is a gateway, can then be given the policy that its routes
// have.
//
//	c, notes, err := corsgateway.FromFilter(filter)
//
// A cors.Config has the filter's names in its own JSON, but another meaning where the API says less than a
// safe policy needs: a Config is checked more strictly, and has other defaults. Here, all that the API lets a
// filter say is read as the API means it, and all that it does not is a mistake.
//
// The meaning is that of HTTPCORSFilter in version 1.6 of the API
// (https://gateway-api.sigs.k8s.io/guides/http-cors). Its official conformance test, HTTPRouteCORS, is run in the
// module below this one, and what is read is held there against the schema that the API publishes.
package corsgateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	yamlstream "go.yaml.in/yaml/v2"
	kjson "sigs.k8s.io/json"
	"sigs.k8s.io/yaml"

	"github.com/bytecors/cors"
)

// Danger is something that the API lets a filter say and that FromFilter refuses, unless it is told to accept
// it. Each has the name of the field of cors.Config that it sets, where more is said about it.
type Danger string

const (
	// DangerouslyAllowAnyOriginWithCredentials accepts "*", https://* and http://* together with
	// allowCredentials. Every site can then act for its visitors, and read what the server tells them.
	DangerouslyAllowAnyOriginWithCredentials Danger = "DangerouslyAllowAnyOriginWithCredentials"

	// DangerouslyAllowInsecureOrigins accepts plain http origins together with allowCredentials. Whoever can
	// tamper with a user's network can then act as that origin.
	DangerouslyAllowInsecureOrigins Danger = "DangerouslyAllowInsecureOrigins"

	// DangerouslyAllowPublicSuffixes accepts all subdomains of a public suffix, such as https://*.github.io,
	// together with allowCredentials. Anybody can register one.
	DangerouslyAllowPublicSuffixes Danger = "DangerouslyAllowPublicSuffixes"
)

// Note tells of a value that the Config does not have as the filter has it.
type Note struct {
	Field string // of the filter, such as "allowOrigins"
	Index int    // in the field's list, or -1
	Value string // as it is in the filter
	Text  string // goes on where a sentence that begins with the value stops
}

// String returns a sentence that says which value it is, and what became of it.
func (n Note) String() string {
	return sentence(n.Field, n.Index, n.Value, n.Text)
}

// FilterError is one mistake in a filter. FromFilter joins all of them, with errors.Join.
type FilterError struct {
	Field  string // of the filter, such as "allowOrigins"
	Index  int    // in the field's list, or -1
	Value  string // as it is in the filter
	Reason string // goes on where a sentence that begins with the value stops
}

// Error returns a sentence that says what is wrong, and where.
func (e *FilterError) Error() string {
	return sentence(e.Field, e.Index, e.Value, e.Reason)
}

func sentence(field string, index int, value, rest string) string {
	switch {
	case index >= 0:
		return fmt.Sprintf("%s[%d]: %q %s", field, index, value, rest)
	case value != "":
		return fmt.Sprintf("%s: %s %s", field, value, rest)
	}
	return field + ": " + rest
}

// FromFilter reads an HTTPCORSFilter, which is what stands below "cors" in a filter of an HTTPRoute, in JSON
// or YAML. The Config is one that cors.New accepts.
//
// The notes are about the values that the Config does not have as they stand: those that no browser ever
// sends or heeds are left out, and the few whose meaning is another here are said to be. Whoever replaces a
// gateway should read them.
//
// The error joins a *FilterError for each value that the API does not allow, and for each danger that was not
// accepted. A filter that is not well formed, names a field that the API does not have, or names one twice, is
// an error, too.
func FromFilter(document []byte, accepted ...Danger) (cors.Config, []Note, error) {
	f, err := decode(document)
	if err != nil {
		return cors.Config{}, nil, err
	}
	if mistakes := f.mistakes(); len(mistakes) > 0 {
		return cors.Config{}, nil, errors.Join(mistakes...)
	}
	return f.translate(accepted)
}

// filter is an HTTPCORSFilter of the API. Null means the same as a field that is left out.
type filter struct {
	AllowOrigins     []string `json:"allowOrigins"`
	AllowCredentials bool     `json:"allowCredentials"`
	AllowMethods     []string `json:"allowMethods"`
	AllowHeaders     []string `json:"allowHeaders"`
	ExposeHeaders    []string `json:"exposeHeaders"`
	MaxAge           *int32   `json:"maxAge"`
}

var fieldNames = []string{"allowOrigins", "allowCredentials", "allowMethods", "allowHeaders", "exposeHeaders", "maxAge"}

// decode reads a document with regard to the case of names, as an API server does.
func decode(document []byte) (f filter, err error) {
	if err := checkStream(document); err != nil {
		return f, err
	}
	asJSON, err := yaml.YAMLToJSONStrict(document)
	if err != nil {
		return f, fmt.Errorf("the filter cannot be read: %w", err)
	}
	if !bytes.HasPrefix(asJSON, []byte("{")) {
		return f, errors.New("the filter is not an object with fields such as allowOrigins")
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(asJSON, &fields); err != nil {
		return f, fmt.Errorf("the filter cannot be read: %w", err)
	}
	if err := checkNames(fields); err != nil {
		return f, err
	}
	if err := kjson.UnmarshalCaseSensitivePreserveInts(asJSON, &f); err != nil {
		return f, fmt.Errorf("the filter cannot be read: %w", err)
	}
	return f, nil
}

// checkStream makes sure that there is one document, of which the decoder would read the first only.
func checkStream(document []byte) error {
	stream := yamlstream.NewDecoder(bytes.NewReader(document))
	for count := 0; ; count++ {
		var content any
		switch err := stream.Decode(&content); {
		case err == io.EOF && count == 0:
			return errors.New("the filter is empty")
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("the filter cannot be read: %w", err)
		case count > 0 && content != nil:
			return errors.New("there is more than one document; a filter is one")
		}
	}
}

// checkNames reports all fields that the API does not have, in the order of their names.
func checkNames(fields map[string]json.RawMessage) error {
	var mistakes []error
	for name := range fields {
		if slices.Contains(fieldNames, name) {
			continue
		}
		reason := "is not a field of the filter; its fields are " + strings.Join(fieldNames, ", ")
		if name == "cors" {
			reason = "is not a field of the filter; give what stands below it"
		}
		for _, known := range fieldNames {
			if strings.EqualFold(name, known) {
				reason = "is not a field of the filter: did you mean " + known + "?"
			}
		}
		mistakes = append(mistakes, &FilterError{name, -1, "", reason})
	}
	slices.SortFunc(mistakes, func(a, b error) int { return strings.Compare(a.Error(), b.Error()) })
	return errors.Join(mistakes...)
}
