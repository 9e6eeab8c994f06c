package cors_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors"
)

func TestSplitList(t *testing.T) {
	for s, want := range map[string][]string{
		"":                                      {},
		" \t\n":                                 {},
		",;,":                                   {},
		"https://a.example":                     {"https://a.example"},
		" https://a.example ":                   {"https://a.example"},
		"https://a.example,https://b.example":   {"https://a.example", "https://b.example"},
		"https://a.example, https://b.example,": {"https://a.example", "https://b.example"},
		"https://a.example;https://b.example":   {"https://a.example", "https://b.example"},
		"https://a.example https://b.example":   {"https://a.example", "https://b.example"},
		"https://a.example\n\thttps://b.example\r\n":  {"https://a.example", "https://b.example"},
		"http://localhost:*, https://*.example.com ;": {"http://localhost:*", "https://*.example.com"},
	} {
		assert.Equal(t, want, cors.SplitList(s), "%q", s)
	}
	_, err := cors.New(cors.Config{AllowOrigins: cors.SplitList("")})
	var mistake *cors.ConfigError
	require.ErrorAs(t, err, &mistake)
	assert.Equal(t, cors.CodeNoOrigins, mistake.Code)
	assert.Contains(t, err.Error(), "a variable that is not set")
}

func TestParseConfig(t *testing.T) {
	want := cors.Config{
		AllowOrigins: []string{"https://a.example"}, AllowMethods: []string{"PUT"}, AllowHeaders: []string{"X-A"}, ExposeHeaders: []string{"X-B"},
		AllowCredentials: true, MaxAge: -600, AllowPrivateNetwork: true, VaryBy: []string{"X-Tenant"}, ExposeHeadersOnPreflight: true, PreflightStatus: 200,
		DangerouslyAllowInsecureOrigins: true, DangerouslyAllowAnyOriginWithCredentials: true, DangerouslyAllowPrivateNetworkFromAnyOrigin: true,
		DangerouslyAllowPublicSuffixes: true,
	}
	got, err := cors.ParseConfig([]byte(mustMarshal(t, want)))
	require.NoError(t, err)
	assert.Equal(t, want, got)

	got, err = cors.ParseConfig([]byte(" { } \n"))
	require.NoError(t, err)
	assert.Equal(t, cors.Config{}, got)

	got, err = cors.ParseConfig([]byte(`{"allowOrigins": null, "maxAge": null}`))
	require.NoError(t, err, "null is as if it were not there")
	assert.Equal(t, cors.Config{}, got)
}

// TestMistakesInJSON: each is reported with its code and its sentence, and then there is no Config.
func TestMistakesInJSON(t *testing.T) {
	const list = `has to be a list of strings, such as ["a", "b"], and is `
	type found struct {
		code     cors.ErrorCode
		sentence string
	}
	for text, want := range map[string][]found{
		`{"allowedOrigins": ["*"]}`:       {{cors.CodeFieldUnknown, `allowedOrigins: is no field of a Config: did you mean "allowOrigins"?`}},
		`{"AllowOrigins": ["*"]}`:         {{cors.CodeFieldUnknown, `AllowOrigins: is no field of a Config: did you mean "allowOrigins"?`}},
		`{"allow_origins": ["*"]}`:        {{cors.CodeFieldUnknown, `allow_origins: is no field of a Config: did you mean "allowOrigins"?`}},
		`{"allowOrgins": ["*"]}`:          {{cors.CodeFieldUnknown, `allowOrgins: is no field of a Config: did you mean "allowOrigins"?`}},
		`{"exposedHeaders": []}`:          {{cors.CodeFieldUnknown, `exposedHeaders: is no field of a Config: did you mean "exposeHeaders"?`}},
		`{"credentials": true}`:           {{cors.CodeFieldUnknown, `credentials: is no field of a Config: did you mean "allowCredentials"?`}},
		`{"max-age": 5}`:                  {{cors.CodeFieldUnknown, `max-age: is no field of a Config: did you mean "maxAge"?`}},
		`{"Access-Control-Max-Age": 5}`:   {{cors.CodeFieldUnknown, `Access-Control-Max-Age: is no field of a Config: did you mean "maxAge"?`}},
		`{"optionsSuccessStatus": 200}`:   {{cors.CodeFieldUnknown, `optionsSuccessStatus: is no field of a Config: did you mean "preflightStatus"?`}},
		`{"allowOriginFunc": "x"}`:        {{cors.CodeFieldUnknown, `allowOriginFunc: is no field of a Config`}},
		`{"colour": "red", "a\nb": 1}`:    {{cors.CodeFieldUnknown, `colour: is no field of a Config`}, {cors.CodeFieldUnknown, `"a\nb": is no field of a Config`}},
		`{"": 1}`:                         {{cors.CodeFieldUnknown, `"": is no field of a Config`}},
		`{"maxAge": 1, "maxAge": 2}`:      {{cors.CodeFieldTwice, `MaxAge: is there twice; which one is meant?`}},
		`{"allowOrigins": "https://a.b"}`: {{cors.CodeFieldType, "AllowOrigins: " + list + "a string"}},
		`{"allowOrigins": {"a": 1}}`:      {{cors.CodeFieldType, "AllowOrigins: " + list + "an object"}},
		`{"allowMethods": true}`:          {{cors.CodeFieldType, "AllowMethods: " + list + "true or false"}},
		`{"allowHeaders": ["a", 5, ["b"], null]}`: {{cors.CodeFieldType, `AllowHeaders[1]: "5" has to be a string, and is the number 5`},
			{cors.CodeFieldType, `AllowHeaders[2]: "[\"b\"]" has to be a string, and is a list`}, {cors.CodeFieldType, `AllowHeaders[3]: "null" has to be a string, and is null`}},
		`{"maxAge": "600"}`:           {{cors.CodeFieldType, "MaxAge: has to be a whole number, and is a string"}},
		`{"maxAge": 600.5}`:           {{cors.CodeFieldType, "MaxAge: has to be a whole number, and is the number 600.5"}},
		`{"maxAge": 1e30}`:            {{cors.CodeFieldType, "MaxAge: has to be a whole number, and is the number 1e30"}},
		`{"allowCredentials": "yes"}`: {{cors.CodeFieldType, "AllowCredentials: has to be true or false, and is a string"}},
		`{"allowCredentials": 1, "maxAge": []}`: {{cors.CodeFieldType, "AllowCredentials: has to be true or false, and is the number 1"},
			{cors.CodeFieldType, "MaxAge: has to be a whole number, and is a list"}},
		`["https://a.example"]`:           {{cors.CodeFieldType, "Config: has to be a JSON object, between { and }"}},
		`null`:                            {{cors.CodeFieldType, "Config: has to be a JSON object, between { and }"}},
		``:                                {{cors.CodeJSONMalformed, "Config: is no JSON: line 1: ends before the object does"}},
		"{\n  \"maxAge\": 5,\n}":          {{cors.CodeJSONMalformed, "Config: is no JSON: line 3: invalid character"}},
		"{\n  'maxAge': 5}":               {{cors.CodeJSONMalformed, `Config: is no JSON: line 2: invalid character`}},
		"// policy\n{}":                   {{cors.CodeJSONMalformed, "Config: is no JSON: line 1: invalid character"}},
		`{"maxAge": 5`:                    {{cors.CodeJSONMalformed, "Config: is no JSON: line 1: ends before the object does"}},
		`{"maxAge": 5} {"maxAge": 6}`:     {{cors.CodeJSONMalformed, "Config: has more behind the JSON object's end"}},
		`{"maxAge": 5, "allowOrigins":[}`: {{cors.CodeJSONMalformed, "Config: is no JSON: line 1: invalid character"}},
	} {
		c, err := cors.ParseConfig([]byte(text))
		assert.Equal(t, cors.Config{}, c, text)
		if assert.Error(t, err, text) {
			var got []found
			for _, one := range err.(interface{ Unwrap() []error }).Unwrap() {
				sentence, _, _ := strings.Cut(one.Error(), " '") // what follows is in the words of encoding/json
				got = append(got, found{one.(*cors.ConfigError).Code, sentence})
			}
			assert.Equal(t, want, got, text)
		}
	}
}

// TestTagsOfConfig: a field has one name in JSON and YAML, and the same in capitals for the environment.
func TestTagsOfConfig(t *testing.T) {
	capitals := regexp.MustCompile(`([a-z])([A-Z])`)
	for _, field := range reflect.VisibleFields(reflect.TypeFor[cors.Config]()) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		assert.Equal(t, field.Tag.Get("json"), field.Tag.Get("yaml"), field.Name)
		if field.Type.Kind() == reflect.Func {
			assert.Equal(t, "-", name, field.Name)
			assert.Equal(t, "-", field.Tag.Get("env"), field.Name)
			continue
		}
		assert.Equal(t, strings.ToLower(field.Name[:1])+field.Name[1:], name)
		assert.Equal(t, "omitempty", options, field.Name)
		assert.Equal(t, strings.ToUpper(capitals.ReplaceAllString(field.Name, "${1}_$2")), field.Tag.Get("env"))
	}
}
