package cors_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// FuzzConfig: no Config makes New panic. One that is refused is refused with messages that each name a field,
// and propose only what would be accepted. One that is accepted comes back from Config as it went in, whatever
// happens to the caller's copy of it.
func FuzzConfig(f *testing.F) {
	for i, pattern := range seedPatterns {
		c := cors.Config{AllowOrigins: []string{pattern, seedPatterns[(i*7)%len(seedPatterns)]}, AllowMethods: []string{"PUT", "patch"},
			AllowHeaders: []string{"X-Pingother", "content-type"}, ExposeHeaders: []string{"X-Request-Id"}, AllowCredentials: i%2 == 0,
			MaxAge: i * 5000, PreflightStatus: 195 + 3*i}
		block, err := json.Marshal(c)
		require.NoError(f, err)
		f.Add(block)
	}
	f.Add([]byte(`{"allowOrigins":["*"],"allowMethods":["*"],"allowHeaders":["*","authorization"],"exposeHeaders":["*"],"maxAge":-1}`))
	f.Add([]byte(`{"allowOrigins":["null"],"allowMethods":["put","TRACE"," ","GET,POST"],"allowHeaders":["X:","Cookie","Vary"],"exposeHeaders":["Set-Cookie","Origin"],"allowCredentials":true}`))
	f.Add([]byte(`{"allowOrigins":["http://a.example","https://*.github.io"],"allowCredentials":true,"dangerouslyAllowInsecureOrigins":true}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, block []byte) {
		var c cors.Config
		if json.Unmarshal(block, &c) != nil {
			return
		}
		m, err := cors.New(c)
		if err != nil {
			require.Nil(t, m)
			checkMistakes(t, &c, err)
			return
		}
		want := mustMarshal(t, c)
		got := m.Config()
		require.Equal(t, want, mustMarshal(t, got))

		for _, list := range [][]string{c.AllowOrigins, c.AllowMethods, c.AllowHeaders, c.ExposeHeaders} {
			for i := range list {
				list[i] = "https://changed.example"
			}
		}
		require.Equal(t, want, mustMarshal(t, m.Config()), "changed through the Config that New was given")

		again, err := cors.New(got)
		require.NoError(t, err)
		require.True(t, reflect.DeepEqual(m.Config(), again.Config()))
		require.NoError(t, m.Reconfigure(m.Config()))
		require.Equal(t, want, mustMarshal(t, m.Config()))
	})
}

func mustMarshal(t *testing.T, c cors.Config) string {
	text, err := json.Marshal(c)
	require.NoError(t, err)
	return string(text)
}

// checkMistakes checks each of the errors that New has joined.
func checkMistakes(t *testing.T, c *cors.Config, err error) {
	joined, ok := err.(interface{ Unwrap() []error })
	require.True(t, ok, "%T joins no errors", err)
	require.NotEmpty(t, joined.Unwrap())
	lists := map[string][]string{"AllowOrigins": c.AllowOrigins, "AllowMethods": c.AllowMethods, "AllowHeaders": c.AllowHeaders,
		"ExposeHeaders": c.ExposeHeaders}
	for _, one := range joined.Unwrap() {
		var mistake *cors.ConfigError
		require.True(t, errors.As(one, &mistake), "%T", one)
		_, isField := reflect.TypeFor[cors.Config]().FieldByName(mistake.Field)
		require.True(t, isField, "%q is no field", mistake.Field)
		require.True(t, strings.HasPrefix(one.Error(), mistake.Field), "%s", one)
		require.NotEmpty(t, mistake.Reason)
		if mistake.Index >= 0 {
			require.Less(t, mistake.Index, len(lists[mistake.Field]))
			require.Equal(t, lists[mistake.Field][mistake.Index], mistake.Value)
		}
		if mistake.Suggestion == "" {
			continue
		}
		repaired := cors.Config{AllowOrigins: []string{"https://example.com"}}
		switch list := []string{mistake.Suggestion}; mistake.Field {
		case "AllowOrigins":
			repaired.AllowOrigins = list
		case "AllowMethods":
			repaired.AllowMethods = list
		case "AllowHeaders":
			repaired.AllowHeaders = list
		case "ExposeHeaders":
			repaired.ExposeHeaders = list
		}
		_, err := cors.New(repaired)
		require.NoError(t, err, "the suggestion of: %s", one)
	}
}

// FuzzSuggestion: whatever stands in a list, New does not panic, says no more than fits on a screen about each
// entry, and suggests only what it would take in that place of the same Config, with the same credentials and
// the same neighbours. The work is bounded by the length of the input.
func FuzzSuggestion(f *testing.F) {
	for i, pattern := range seedPatterns {
		f.Add(pattern, seedOrigins[i%len(seedOrigins)], uint8(i))
	}
	for i, s := range []string{
		" Origin ", " Set-Cookie ", "*,", "http://example.com/", "https://*.github.io/", "*.github.io", "file:///a", "NULL", "'*'", `["*"]`,
		"http//a", "https://https://*", "^https://.*\\.com$", "https?://*.com", "localhost:[1,2]", "127.0.0.1:1-2", ":1,2", "10.0.*", "blob:http://a/b",
		"data:,x", "ws://*", "wss://*.com", "htps://*.com/", "http*://*", "*://*.com:443", "https://*:443", "http://*:080", "*example.com", "https://*b.com./",
		"https://app-*.vercel.app:443", "https://*.\u00fc.example", "http://[::1", "::1", "http://1.2.3.-4:80", "https://xn--", "a|b", "GET|POST", "X-A: b", "X-*",
		"{\"a\"}", "\u201chttps://a.example\u201d", "https://a\u3002example", "https://A.example:0443/x?y#z", "view-source:view-source:a", "app://A*.B.C:80/",
	} {
		f.Add(s, seedPatterns[i%len(seedPatterns)], uint8(i))
	}
	f.Fuzz(func(t *testing.T, value, neighbour string, bits uint8) {
		c := cors.Config{
			AllowOrigins:        []string{value, neighbour},
			AllowMethods:        []string{neighbour, value},
			AllowHeaders:        []string{value},
			ExposeHeaders:       []string{value, neighbour},
			VaryBy:              []string{value},
			AllowCredentials:    bits&1 != 0,
			AllowPrivateNetwork: bits&2 != 0,

			DangerouslyAllowInsecureOrigins:             bits&4 != 0,
			DangerouslyAllowPublicSuffixes:              bits&8 != 0,
			DangerouslyAllowAnyOriginWithCredentials:    bits&16 != 0,
			DangerouslyAllowPrivateNetworkFromAnyOrigin: bits&32 != 0,
		}
		if bits&64 != 0 {
			c.AllowOriginFunc = func(*fasthttp.RequestCtx, []byte) bool { return true }
		}
		_, err := cors.New(c)
		for _, mistake := range mistakesIn(err) {
			require.NotEmpty(t, mistake.Code)
			require.NotEmpty(t, mistake.Reason)
			require.Less(t, len(mistake.Error()), 2500)
			if mistake.Suggestion == "" {
				continue
			}
			require.GreaterOrEqual(t, mistake.Index, 0)
			repaired := c
			field := reflect.ValueOf(&repaired).Elem().FieldByName(mistake.Field)
			list := slices.Clone(field.Interface().([]string))
			require.NotEqual(t, list[mistake.Index], mistake.Suggestion)
			list[mistake.Index] = mistake.Suggestion
			field.Set(reflect.ValueOf(list))
			_, err := cors.New(repaired)
			for _, left := range mistakesIn(err) {
				require.False(t, left.Field == mistake.Field && left.Index == mistake.Index, "suggested: %s\nthen: %s", mistake, left)
			}
		}
	})
}

// mistakesIn returns the mistakes that New has joined.
func mistakesIn(err error) (mistakes []*cors.ConfigError) {
	if err == nil {
		return nil
	}
	for _, one := range err.(interface{ Unwrap() []error }).Unwrap() {
		var mistake *cors.ConfigError
		if errors.As(one, &mistake) {
			mistakes = append(mistakes, mistake)
		}
	}
	return mistakes
}

// FuzzParseConfig: it takes no more than encoding/json does, and then reads the same; of what it does not take, it
// says why.
func FuzzParseConfig(f *testing.F) {
	for _, text := range []string{
		`{}`, `{"allowOrigins":["https://a.example"],"maxAge":5,"allowCredentials":true}`, `{"allowedOrigins":[]}`, `{"maxAge":5,"maxAge":6}`,
		`{"allowOrigins":[null]}`, `{"allowOrigins":"a"}`, `[]`, `{"maxAge":1e2}`, ` {"varyBy" : [ "a" , "b" ] } `, `{"":1}`, "{\"a\":\xff}", `{"maxAge":5}}`, `{"maxAge":`,
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got, err := cors.ParseConfig(text)
		if err != nil {
			require.NotEmpty(t, mistakesIn(err))
			require.Equal(t, cors.Config{}, got)
			return
		}
		decoder := json.NewDecoder(strings.NewReader(string(text)))
		decoder.DisallowUnknownFields()
		var want cors.Config
		require.NoError(t, decoder.Decode(&want))
		require.Equal(t, mustMarshal(t, want), mustMarshal(t, got))
	})
}
