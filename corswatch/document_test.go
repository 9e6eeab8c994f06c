package corswatch

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors"
)

func TestDocumentsMeanPolicies(t *testing.T) {
	example := cors.Config{AllowOrigins: []string{"https://example.com"}, MaxAge: 600}
	for _, test := range []struct {
		name string
		data string
		want map[string]cors.Config
	}{
		{"one policy, YAML", "allowOrigins:\n- https://example.com\nmaxAge: 600\n", map[string]cors.Config{"default": example}},
		{"one policy, JSON", `{"allowOrigins": ["https://example.com"], "maxAge": 600}`, map[string]cors.Config{"default": example}},
		{"JSON with tabs and escapes", "{\n\t\"allowOrigins\": [\"https:\\/\\/example.com\"],\n\t\"maxAge\": 600\n}\n", map[string]cors.Config{"default": example}},
		{"several", "policies:\n  a: {allowOrigins: [\"*\"]}\n  b:\n    hosts: [b.example]\n    allowOrigins: [https://example.com]\n    maxAge: 600\n",
			map[string]cors.Config{"a": {AllowOrigins: []string{"*"}}, "b": example}},
		{"comments, and a mark in front", "# ours\n---\n# theirs\nallowOrigins: [https://example.com]\nmaxAge: 600\n", map[string]cors.Config{"default": example}},
		{"an anchor", "policies:\n  a: &a {hosts: [a.example], allowOrigins: &o [https://example.com], maxAge: 600}\n  b: {allowOrigins: *o, maxAge: 600}\n",
			map[string]cors.Config{"a": example, "b": example}},
		{"a merge", "policies:\n  a: &a {hosts: [a.example], shadow: &b {allowOrigins: [https://example.com], maxAge: 600}, <<: *b}\n  b: *b\n",
			map[string]cors.Config{"a": example, "b": example}},
		{"every kind of value", `
allowOrigins: ["https://example.com", "null"]
allowMethods: [PUT]
allowHeaders: [X-A]
exposeHeaders: [X-B]
allowCredentials: false
maxAge: -1
preflightStatus: 200
`, map[string]cors.Config{"default": {AllowOrigins: []string{"https://example.com", "null"}, AllowMethods: []string{"PUT"},
			AllowHeaders: []string{"X-A"}, ExposeHeaders: []string{"X-B"}, MaxAge: -1, PreflightStatus: 200}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var set Set
			require.NoError(t, set.Load(Document{"1", []byte(test.data)}))
			got := map[string]cors.Config{}
			for _, name := range set.Status().Policies {
				config := set.Policy(name).Config()
				config.OnDecision = nil // counts for the shadow
				got[name] = config
			}
			assert.Equal(t, test.want, got)
			assert.Nil(t, set.Policy("none"))
		})
	}
}

// Every mistake has the line, the policy and the field.
func TestMistakesSayWhereTheyAre(t *testing.T) {
	for _, test := range []struct {
		name string
		data string
		want []string
	}{
		{"nothing", "", []string{"is empty"}},
		{"comments only", "# to do\n", []string{"is nothing, and not a policy"}},
		{"a list", "- a\n", []string{"line 1: is a list, and not a policy"}},
		{"text", "hello\n", []string{`line 1: is the text "hello", and not a policy`}},
		{"no YAML", "allowOrigins:\n  - https://example.com\n maxAge: 5\n", []string{"line 2: cannot be read as YAML, here or on the next line: did not find expected key"}},
		{"a tab", "policies:\n\ta: {}\n", []string{"line 2: cannot be read as YAML, here or on the next line: found character that cannot start any token"}},
		{"no such anchor", "maxAge: 5\nallowOrigins: *none\n", []string{"line 2: cannot be read as YAML: unknown anchor 'none' referenced"}},
		{"merged, and written again", "policies:\n  a: &a {hosts: [a.example], maxAge: 5}\n  b:\n    <<: *a\n    maxAge: 6\n", []string{"line 5: maxAge: is there a second time; what is merged cannot be written again"}},
		{"a bare *", "maxAge: 5\nallowOrigins: [*]\n", []string{`line 2: has a * without quotes, which means something else in YAML; write "*"`}},
		{"a bare * in a list of lines", "allowOrigins:\n  - https://example.com\n  - *\nmaxAge: 5\n", []string{`line 3: has a * without quotes, which means something else in YAML; write "*"`}},
		{"twice", "allowOrigins: [\"*\"]\nmaxAge: 1\nmaxAge: 2\n", []string{"line 3: maxAge: is there a second time"}},
		{"a second document", "allowOrigins: [\"*\"]\n---\nmaxAge: 5\n", []string{"line 2: begins a second document, and there can only be one"}},
		{"JSON cut short", "{\"allowOrigins\":\n[\"https://example.com\"", []string{"line 2: ends too early"}},
		{"JSON with too much", "{\"allowOrigins\": [\"*\"]}\n}", []string{"line 2: goes on behind the end of the document"}},
		{"JSON with a comma too many", "{\"allowOrigins\":\n[\"*\"],\n}", []string{"line 3: "}},
		{"JSON, twice", "{\"maxAge\": 1,\n\"maxAge\": 2}", []string{"line 2: maxAge: is there a second time, after line 1"}},
		{"an unknown field", "allowedOrigins: [https://example.com]\n", []string{`line 1: allowedOrigins: is no field that there is: did you mean "allowOrigins"?`}},
		{"fields of other spellings", "allow_origins: [a]\nAllowMethods: [PUT]\nallow-headers: [X-A]\nmax-age: 5\ncredentials: true\n", []string{
			`line 1: allow_origins: is no field that there is: did you mean "allowOrigins"?`,
			`line 2: AllowMethods: is no field that there is: did you mean "allowMethods"?`,
			`line 3: allow-headers: is no field that there is: did you mean "allowHeaders"?`,
			`line 4: max-age: is no field that there is: did you mean "maxAge"?`,
			`line 5: credentials: is no field that there is: did you mean "allowCredentials"?`,
		}},
		{"a field that is nothing like any", "colour: red\nallowOrigins: [\"*\"]\n", []string{"line 1: colour: is no field that there is; there are allowCredentials, allowHeaders, "}},
		{"fields of documents alone", "allowOrigins: [\"*\"]\nhost: [a]\nPath: [/]\nshadows: {}\n", []string{
			`line 2: host: is no field that there is: did you mean "hosts"?`, `line 3: Path: is no field that there is: did you mean "paths"?`,
			`line 4: shadows: is no field that there is: did you mean "shadow"?`}},
		{"a field that was begun", "allowOrigins:\nmaxAge:\n", []string{"line 1: allowOrigins: is nothing", "line 2: maxAge: is nothing"}},
		{"a field with a mistake does not hide others", "policies:\n  a:\n    allowOrigin: [\"*\"]\n    maxAge: 1000000\n  b:\n    allowOrigins: [\"https://example.com/\"]\n", []string{
			`line 3: policy "a": allowOrigin: is no field that there is: did you mean "allowOrigins"?`,
			`line 4: policy "a": maxAge: `,
			`line 6: policy "b": allowOrigins[0]: "https://example.com/" has a path`,
		}},
		{"values of other kinds", "allowOrigins: https://example.com\nallowMethods: [PUT, 5]\nallowCredentials: \"true\"\nmaxAge: 5m\nexposeHeaders: [{a: b}]\nallowHeaders: [true]\npreflightStatus: 1.5\n", []string{
			`line 1: allowOrigins: has to be a list of strings, such as ["a", "b"], and is a string`,
			`line 2: allowMethods[1]: "5" has to be a string, and is the number 5; write it in quotes: "5"`,
			`line 3: allowCredentials: has to be true or false, and is a string`,
			`line 4: maxAge: has to be a whole number, and is a string`,
			`line 5: exposeHeaders[0]: "{\"a\":\"b\"}" has to be a string, and is an object`,
			`line 6: allowHeaders[0]: "true" has to be a string, and is true or false; write it in quotes: "true"`,
			`line 7: preflightStatus: has to be a whole number, and is the number 1.5`,
		}},
		{"null without quotes", "allowOrigins:\n  - https://example.com\n  - null\n", []string{
			`line 3: allowOrigins[1]: "null" has to be a string, and is null in YAML; the origin null is written "null", with the quotes`}},
		{"what Go would say, in the document's names", "allowOrigins:\n  - https://example.com\n  - \"*\"\nallowCredentials: true\n", []string{
			`line 3: allowOrigins[1]: "*" cannot be combined with allowCredentials`}},
		{"no origins", "maxAge: 5\n", []string{"line 1: allowOrigins: lists no origins"}},
		{"no policies", "policies: {}\n", []string{"line 1: policies: lists none"}},
		{"policies without any", "policies:\n", []string{"line 1: policies: lists none"}},
		{"a list of policies", "policies:\n- a\n", []string{"line 1: policies: is a list, and not policies by name"}},
		{"an empty policy", "policies:\n  a:\n", []string{`line 2: policy "a": is nothing, and not a policy`}},
		{"a name that is none", "policies:\n  a b: {allowOrigins: [\"*\"]}\n", []string{`line 2: policy "a b": is no name`}},
		{"beside policies", "policies:\n  a: {allowOrigins: [\"*\"]}\nmaxAge: 5\npolicie: {}\n", []string{
			"line 3: maxAge: does not go beside policies; put it into one of them",
			`line 4: policie: is no field that there is: did you mean "policies"?`}},
		{"in a shadow", "policies:\n  a:\n    allowOrigins: [\"*\"]\n    shadow:\n      allowOrigins:\n        - https://example.com:443\n      maxage: 5\n      hosts: [a.example]\n", []string{
			`line 6: policy "a": shadow.allowOrigins[0]: "https://example.com:443" `,
			`line 7: policy "a": shadow.maxage: is no field that there is: did you mean "maxAge"?`,
			`line 8: policy "a": shadow.hosts: does not go into a shadow`}},
		{"a shadow that is none", "allowOrigins: [\"*\"]\nshadow: true\n", []string{"line 2: shadow: is true, and not a policy"}},
		{"hosts", "allowOrigins: [\"*\"]\nhosts: [\"https://a.example\", A.example, a.example/x, \"a.example:80\", \"a..b\", \"*\", \"é.example\"]\n", []string{
			`line 2: hosts[0]: "https://a.example" has a scheme`, `line 2: hosts[1]: "A.example" has capitals: did you mean "a.example"?`,
			`line 2: hosts[2]: "a.example/x" has a path`, `line 2: hosts[3]: "a.example:80" has a port`, `line 2: hosts[4]: "a..b" is no host`,
			`line 2: hosts[5]: "*" is no host`, `line 2: hosts[6]: "é.example" is no host`}},
		{"paths", "allowOrigins: [\"*\"]\npaths: [a, /a/*, \"/a?b\", /%41, /a//b, /a/../b]\n", []string{
			`line 2: paths[0]: "a" does not begin`, `line 2: paths[1]: "/a/*" has a *`, `line 2: paths[2]: "/a?b" has more`,
			`line 2: paths[3]: "/%41" is encoded`, `line 2: paths[4]: "/a//b" is never`, `line 2: paths[5]: "/a/../b" is never`}},
		{"no hosts", "allowOrigins: [\"*\"]\nhosts: []\n", []string{"line 2: hosts: lists none; leave it out"}},
		{"two for all", "policies:\n  a: {allowOrigins: [\"*\"]}\n  b: {allowOrigins: [\"*\"]}\n", []string{`line 3: policy "b": is for all hosts and paths, as is policy "a"`}},
		{"two for a path", "policies:\n  a: {allowOrigins: [\"*\"], paths: [/x]}\n  b: {allowOrigins: [\"*\"], paths: [/y, /x/]}\n", []string{`line 3: policy "b": paths: policy "a" is for path /x/, too`}},
		{"two for a host", "policies:\n  a: {allowOrigins: [\"*\"], hosts: [x.example]}\n  b: {allowOrigins: [\"*\"], hosts: [x.example]}\n", []string{`line 3: policy "b": hosts: policy "a" is for host x.example, too`}},
		{"one path twice", "allowOrigins: [\"*\"]\npaths: [/x, /x/]\n", []string{`line 2: paths[1]: "/x" is there a second time`}},
		{"a merged field has its own line", "policies:\n  a:\n    hosts: [a.example]\n    shadow: &a\n      allowOrigins: [\"https://example.com/\"]\n    <<: *a\n", []string{
			`line 5: policy "a": allowOrigins[0]`, `line 5: policy "a": shadow.allowOrigins[0]`}},
		{"many aliases", bomb(), []string{"document contains excessive aliasing"}},
		{"no UTF-8", "allowOrigins: [\"\xff\"]\n", []string{"invalid leading UTF-8 octet"}},
		{"too long", strings.Repeat("#", MaxDocument+1), []string{"is longer than 4194304 bytes"}},
		{"deep", strings.Repeat(`{"a":`, 20) + "1" + strings.Repeat("}", 20), []string{"line 1: is nested too deeply"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var set Set
			require.NoError(t, set.Load(Document{"good", []byte("allowOrigins: [https://good.example]\n")}))
			err := set.Load(Document{"bad", []byte(test.data)})
			require.Error(t, err)
			lines := strings.Split(strings.TrimPrefix(err.Error(), "document bad is not in force: "), "\n")
			require.Len(t, lines, len(test.want), err.Error())
			for i, want := range test.want {
				assert.Contains(t, lines[i], want)
			}
			var mistake *Mistake
			assert.True(t, errors.As(err, &mistake))

			status := set.Status()
			assert.Equal(t, "good", status.Version)
			assert.Equal(t, err, status.Err)
			assert.True(t, set.Policy("default").AllowsOrigin([]byte("https://good.example")))
		})
	}
}

// bomb would be 10^9 values.
func bomb() string {
	var b strings.Builder
	b.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n")
	for i := 1; i < 9; i++ {
		fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 10), ","))
	}
	return b.String()
}

func TestMistakesOfPoliciesAreConfigErrors(t *testing.T) {
	err := new(Set).Load(Document{"1", []byte("allowOrigins:\n- https://example.com/\n")})
	var mistake *Mistake
	require.True(t, errors.As(err, &mistake))
	assert.Equal(t, 2, mistake.Line)
	assert.Equal(t, "allowOrigins[0]", mistake.Field)
	var inner *cors.ConfigError
	require.True(t, errors.As(err, &inner))
	assert.Equal(t, "https://example.com", inner.Suggestion)
}

func TestNotMoreMistakesAreReportedThanAnybodyReads(t *testing.T) {
	data := "allowOrigins:\n" + strings.Repeat("- x\n", 500)
	err := new(Set).Load(Document{"1", []byte(data)})
	lines := strings.Split(err.Error(), "\n")
	assert.Len(t, lines, mostMistakes+1)
	assert.Equal(t, "400 more mistakes", lines[mostMistakes])
}

func TestADocumentMayHaveTenThousandOrigins(t *testing.T) {
	var b strings.Builder
	b.WriteString("allowOrigins:\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "- https://tenant-%d.example.com\n", i)
	}
	path := filepath.Join(t.TempDir(), "cors.yaml")
	write(t, path, b.String())
	site := new(site)
	site.has("", b.String())
	for _, source := range []Source{File(path), site.serve(t)} {
		w := mustFollow(t, source, Options{})
		assert.True(t, w.allows("https://tenant-9999.example.com"), "%T", source)
		assert.False(t, w.allows("https://tenant-10000.example.com"), "%T", source)
	}
}

func FuzzDocument(f *testing.F) {
	for _, seed := range []string{"allowOrigins: [\"*\"]\n", `{"policies": {"a": {"allowOrigins": ["null"], "shadow": {}}}}`, bomb(),
		"a: &a\n  <<: *a\n", "policies:\n  a: &a {allowOrigins: [x], hosts: [b]}\n  b: {<<: *a}\n", "a: &a [*a]\n", "? [a]\n: b\n", "allowOrigins: !!binary aGk=\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var set Set
		err := set.Load(Document{"1", data})
		if (err == nil) != (set.inForce.Load() != nil) {
			t.Errorf("half a document is in force: %v", err)
		}
		for _, mistake := range strings.Split(fmt.Sprint(err), "\n") {
			if mistake == "" {
				t.Errorf("a mistake without a sentence: %q", err)
			}
		}
	})
}
