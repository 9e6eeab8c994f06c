package corswatch

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"sigs.k8s.io/yaml"

	"github.com/bytecors/cors"
)

// onlyPolicy is the name of the policy of a document that has one, and gives it none.
const onlyPolicy = "default"

// policySpec is one policy of a document, as it is written.
type policySpec struct {
	name   string
	at     *position
	label  string // name, for mistakes; "" where the document has no names
	hosts  []string
	paths  []string
	config cors.Config
	shadow *cors.Config
	m      *cors.Middleware // with the config; nil where there are mistakes in it
	unread map[string]bool  // whether there were fields that could not be read, in the policy and in its shadow
}

// parse reads the policies of a document. Every mistake but the first that makes it unreadable is reported.
func parse(data []byte) ([]*policySpec, error) {
	root, at, err := read(data)
	if err != nil {
		return nil, err
	}
	var ms mistakes
	var specs []*policySpec
	named, several := root["policies"]
	if !several {
		spec := &policySpec{name: onlyPolicy, at: at}
		spec.read(&ms, root)
		return []*policySpec{spec}, ms.err()
	}
	for _, name := range at.sortedByLine(slices.Collect(maps.Keys(root))) {
		if name != "policies" {
			reason := "does not go beside policies; put it into one of them"
			if !isPolicyField(name) {
				reason = unknownField(name, "policies")
			}
			ms.add(&Mistake{Line: at.at(name).line, Field: printable(name), reason: reason})
		}
	}
	at = at.at("policies")
	policies, ok := named.(map[string]any)
	if !ok || len(policies) == 0 {
		reason := "lists none"
		if !ok && named != nil {
			reason = "is " + describe(named) + ", and not policies by name"
		}
		ms.add(&Mistake{Line: at.line, Field: "policies", reason: reason})
		return nil, ms.err()
	}
	for _, name := range at.sortedByLine(slices.Collect(maps.Keys(policies))) {
		spec := &policySpec{name: name, label: name, at: at.at(name)}
		if !policyName.MatchString(name) {
			ms.add(&Mistake{Line: spec.at.line, Policy: name, reason: "is no name: names are up to 63 letters, digits, - , _ and ."})
		}
		if fields, ok := policies[name].(map[string]any); ok {
			spec.read(&ms, fields)
		} else {
			ms.add(&Mistake{Line: spec.at.line, Policy: name, reason: "is " + describe(policies[name]) + ", and not a policy"})
		}
		specs = append(specs, spec)
	}
	return specs, ms.err()
}

// Names are labels of metrics and part of messages.
var policyName = regexp.MustCompile(`^[A-Za-z0-9._-]{1,63}$`)

// read turns a document into values, and tells where they are.
func read(data []byte) (map[string]any, *position, error) {
	if len(data) > MaxDocument {
		return nil, nil, &Mistake{reason: fmt.Sprintf("is longer than %d bytes", MaxDocument)}
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, nil, &Mistake{reason: "is empty"}
	}
	var at *position
	var err error
	if isJSON(data) {
		at, err = jsonPositions(data)
	} else {
		data, at, err = fromYAML(data)
	}
	if err != nil {
		return nil, nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, nil, &Mistake{Err: err, reason: err.Error()}
	}
	root, ok := value.(map[string]any)
	if !ok {
		return nil, nil, &Mistake{Line: at.line, reason: "is " + describe(value) + ", and not a policy"}
	}
	return root, at, nil
}

// fromYAML returns a document as JSON.
func fromYAML(data []byte) ([]byte, *position, error) {
	if second := secondDocument.FindIndex(data); second != nil && len(bytes.TrimSpace(withoutComments(data[:second[0]]))) > 0 {
		return nil, nil, &Mistake{Line: lineAt(data, second[0]), reason: "begins a second document, and there can only be one"}
	}
	asJSON, err := yaml.YAMLToJSONStrict(data)
	if err != nil {
		return nil, nil, yamlMistakes(data, err)
	}
	return asJSON, yamlPositions(data), nil
}

// The parser stops at the second of several documents, and says nothing.
var secondDocument = regexp.MustCompile(`(?m)^---(?:[ \t\r]|$)`)

var comment = regexp.MustCompile(`(?m)^[ \t]*(#|%).*$`)

func withoutComments(data []byte) []byte {
	return comment.ReplaceAll(data, nil)
}

func lineAt(data []byte, offset int) int {
	return bytes.Count(data[:offset], []byte("\n")) + 1
}

var (
	yamlLine      = regexp.MustCompile(`line (\d+): (.*)`)
	alreadySet    = regexp.MustCompile(`^key "(.*)" already set in map$`)
	unknownAnchor = regexp.MustCompile(`unknown anchor '(.*)' referenced`)
	bareStar      = regexp.MustCompile(`(?m)(^|[-\[,:\s])\*([\s\],]|$)`)
)

// yamlMistakes takes the sentences of the parser apart. Some have a line, which is that of what could not be
// read or one in front of it.
func yamlMistakes(data []byte, err error) error {
	if at := bareStar.FindSubmatchIndex(data); at != nil {
		return &Mistake{Line: lineAt(data, at[3]), Err: err, reason: `has a * without quotes, which means something else in YAML; write "*"`}
	}
	var ms mistakes
	for _, found := range yamlLine.FindAllStringSubmatch(err.Error(), -1) {
		m := &Mistake{Err: err, reason: "cannot be read as YAML, here or on the next line: " + found[2]}
		m.Line, _ = strconv.Atoi(found[1])
		if twice := alreadySet.FindStringSubmatch(found[2]); twice != nil {
			m.Field, m.reason = printable(twice[1]), "is there a second time"
			if bytes.Contains(data, []byte("<<:")) {
				m.reason += "; what is merged cannot be written again"
			}
		}
		ms.add(m)
	}
	if len(ms.all) == 0 {
		_, reason, _ := strings.Cut(err.Error(), "yaml: ")
		m := &Mistake{Err: err, reason: "cannot be read as YAML: " + reason}
		if anchor := unknownAnchor.FindStringSubmatch(reason); anchor != nil {
			m.Line = lineAt(data, max(0, bytes.Index(data, []byte("*"+anchor[1]))))
		}
		ms.add(m)
	}
	return ms.err()
}

func isPolicyField(name string) bool {
	_, ok := configFields[name]
	return ok || name == fieldHosts || name == fieldPaths || name == fieldShadow
}

// read reads the fields of a policy.
func (spec *policySpec) read(ms *mistakes, fields map[string]any) {
	members := map[string]any{}
	for _, name := range spec.at.sortedByLine(slices.Collect(maps.Keys(fields))) {
		switch value := fields[name]; name {
		case fieldHosts:
			spec.hosts = spec.readPlaces(ms, name, value, hostMistake)
		case fieldPaths:
			spec.paths = spec.readPlaces(ms, name, value, pathMistake)
		case fieldShadow:
			spec.readShadow(ms, value)
		default:
			spec.collect(ms, members, "", name, value)
		}
	}
	spec.config = spec.readConfig(ms, members, "")
	spec.m = spec.check(ms, spec.config, "")
	if spec.shadow != nil {
		spec.check(ms, *spec.shadow, fieldShadow)
	}
}

// readShadow reads the policy in the field shadow.
func (spec *policySpec) readShadow(ms *mistakes, value any) {
	fields, ok := value.(map[string]any)
	if !ok {
		spec.mistake(ms, "is "+describe(value)+", and not a policy", fieldShadow)
		return
	}
	members := map[string]any{}
	for _, name := range spec.at.at(fieldShadow).sortedByLine(slices.Collect(maps.Keys(fields))) {
		if name == fieldHosts || name == fieldPaths || name == fieldShadow {
			spec.mistake(ms, "does not go into a shadow, which is for the requests that its policy is for", fieldShadow, name)
			continue
		}
		spec.collect(ms, members, fieldShadow, name, fields[name])
	}
	shadow := spec.readConfig(ms, members, fieldShadow)
	spec.shadow = &shadow
}

// collect takes a field of a cors.Config, which is the policy itself or the group of fields within it. A field
// without a value is a mistake, also where cors.ParseConfig would let it pass: in YAML, it is one that was begun.
func (spec *policySpec) collect(ms *mistakes, members map[string]any, within, name string, value any) {
	_, known := configFields[name]
	switch {
	case known && value != nil:
		members[name] = value
		return
	case known:
		spec.mistake(ms, "is "+describe(nil), pathWithin(within, name)...)
	case within == "":
		spec.mistake(ms, unknownField(name, fieldHosts, fieldPaths, fieldShadow), name)
	default:
		spec.mistake(ms, unknownField(name), within, name)
	}
	spec.leaveOut(within)
}

// readConfig reads the members that can be read, and reports the others.
func (spec *policySpec) readConfig(ms *mistakes, members map[string]any, within string) cors.Config {
	for {
		data, _ := json.Marshal(members) // which were JSON before
		config, err := cors.ParseConfig(data)
		if err == nil {
			return config
		}
		for _, e := range configMistakes(err) {
			name := documentName(e.Field)
			path, hint := pathWithin(within, name), ""
			if list, ok := members[name].([]any); ok && e.Index >= 0 && e.Index < len(list) {
				path, hint = append(path, e.Index), quoting(list[e.Index])
			}
			ms.add(&Mistake{spec.at.at(path...).line, spec.label, fieldPath(path), e, configReason(e) + hint})
		}
		left := len(members)
		for _, e := range configMistakes(err) {
			delete(members, documentName(e.Field))
		}
		spec.leaveOut(within)
		if len(members) == left {
			return cors.Config{} // a mistake that is of no field
		}
	}
}

// pathWithin is the path of a field of a policy, or of a field in a group of them.
func pathWithin(within, name string) []any {
	if within == "" {
		return []any{name}
	}
	return []any{within, name}
}

func (spec *policySpec) leaveOut(within string) {
	if spec.unread == nil {
		spec.unread = map[string]bool{}
	}
	spec.unread[within] = true
}

// readPlaces reads the hosts or the paths that a policy is for.
func (spec *policySpec) readPlaces(ms *mistakes, name string, value any, wrong func(string) string) []string {
	list, reason, index := readList(value)
	switch {
	case reason != "" && index >= 0:
		spec.mistake(ms, reason, name, index)
	case reason != "":
		spec.mistake(ms, reason, name)
	case len(list) == 0:
		spec.mistake(ms, "lists none; leave it out where the policy is for all", name)
	}
	for i, place := range list {
		if reason := wrong(place); reason != "" {
			spec.mistake(ms, fmt.Sprintf("%q %s", place, reason), name, i)
		}
	}
	return list
}

// check asks cors.New for what is wrong with a policy that could be read.
func (spec *policySpec) check(ms *mistakes, c cors.Config, within string) *cors.Middleware {
	m, err := cors.New(c)
	for _, e := range configMistakes(err) {
		if spec.unread[within] && e.Field == "AllowOrigins" && e.Index < 0 {
			continue // they may be what could not be read
		}
		path := pathWithin(within, documentName(e.Field))
		if e.Index >= 0 {
			path = append(path, e.Index)
		}
		ms.add(&Mistake{spec.at.at(path...).line, spec.label, fieldPath(path), e, configReason(e)})
	}
	return m
}

func (spec *policySpec) mistake(ms *mistakes, reason string, path ...any) {
	ms.add(&Mistake{Line: spec.at.at(path...).line, Policy: spec.label, Field: fieldPath(path), reason: reason})
}

// fieldPath writes a path as documents have it, such as shadow.allowOrigins[2].
func fieldPath(path []any) string {
	var b strings.Builder
	for i, step := range path {
		switch step := step.(type) {
		case int:
			fmt.Fprintf(&b, "[%d]", step)
		default:
			if i > 0 {
				b.WriteByte('.')
			}
			b.WriteString(printable(fmt.Sprint(step)))
		}
	}
	return b.String()
}

// printable is a name as it is, unless that would be unfit for a sentence.
func printable(name string) string {
	if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || !unicode.IsPrint(r) }) {
		return strconv.Quote(name)
	}
	return name
}
