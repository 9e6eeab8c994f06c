package corstest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestRemedies(t *testing.T) {
	const origin = "Access-Control-Allow-Origin: "
	for _, tt := range []struct {
		status  int
		lines   []string
		request Request
		message string
		remedy  string
	}{
		{200, nil, Request{}, "the response has no Access-Control-Allow-Origin", "Allow the origin at the server"},
		{500, nil, Request{}, "the response has no Access-Control-Allow-Origin", "with errors too: status 500"},
		{404, nil, put, "and its status 404 is none from 200 to 299 either", "The answer does not say why. The server may not allow the origin \"https://a.example\", the method PUT; or something answers"},
		{302, []string{"Location: /login"}, Request{}, "the redirect has no Access-Control-Allow-Origin", "with the redirect, too"},
		{200, []string{origin + "$O", origin + "$O"}, Request{}, "more than one value", "Two components add the header"},
		{200, []string{origin + "$O", "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Credentials: true"}, Request{Credentials: Include}, `holds more than one value ("true, true")`, "Two components add the header"},
		{204, []string{origin + "*", "Access-Control-Allow-Headers: x-b"}, Request{Header: Header{{"X-A", "1"}, {"X-B", "1"}, {"X-C", "1"}}}, "does not list the request headers x-a, x-c", "Access-Control-Allow-Headers: x-b, x-a, x-c."},
		{204, []string{origin + "$O", "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Headers: *, x-b"}, Request{Header: withXA.Header, Credentials: Include}, "", "List the names: Access-Control-Allow-Headers: x-b, x-a;"},
		{200, []string{origin + "https://a.example/"}, Request{}, `is "https://a.example/", not the page's origin "https://a.example"`, "a trailing slash is no part of it"},
		{200, []string{origin + "https://A.example"}, Request{}, "", "browsers send it in lower case"},
		{200, []string{origin + "https://a.example:443"}, Request{}, "", "the scheme's default port is not written"},
		{200, []string{origin + "a.example"}, Request{}, "", "it has no scheme"},
		{200, []string{origin + `"https://a.example"`}, Request{}, "", "neither quotes nor white space"},
		{200, []string{origin + "http://a.example"}, Request{}, "", "the schemes differ"},
		{200, []string{origin + "https://*.example"}, Request{}, "", "browsers know no patterns"},
		{200, []string{origin + "https://c.example"}, Request{}, "", "Add https://a.example to the allowed origins"},
		{200, []string{origin + "*", origin + "$O"}, Request{}, "more than one value", "let only one of them do it"},
		{200, []string{origin + "*"}, Request{Credentials: Include}, `"*", which allows no request that includes credentials`, `instead of "*"`},
		{200, []string{origin + "$O"}, Request{Credentials: Include}, "has no Access-Control-Allow-Credentials", "Access-Control-Allow-Credentials: true, in lower case"},
		{200, []string{origin + "$O", "Access-Control-Allow-Credentials: TRUE"}, Request{Credentials: Include}, `"TRUE", not "true"`, "in lower case"},
		{404, []string{origin + "*"}, put, "the preflight was answered with status 404", "Answer OPTIONS requests"},
		{301, []string{"Location: https://b.example/items/"}, put, "the preflight was redirected (status 301", "the right slash at its end from the start: https://b.example/items/"},
		{302, []string{"Location: /login"}, put, "", "authentication comes before CORS"},
		{302, []string{"Location: https://c.example/"}, put, "", "fetch the final URL from the start: https://c.example/"},
		{302, nil, put, "", "Answer OPTIONS requests without a redirect."},
		{308, []string{"Location: https://b.example/items"}, Request{URL: "http://b.example/items", Method: "PUT"}, "", "fetch the https URL from the start: https://b.example/items"},
		{204, []string{origin + "*"}, put, "the preflight's response has no Access-Control-Allow-Methods to list the method PUT", "Access-Control-Allow-Methods: PUT."},
		{204, []string{origin + "*", "Access-Control-Allow-Methods: GET, put"}, put, "", "Write PUT in upper case"},
		{204, []string{origin + "*", "Access-Control-Allow-Methods: PATCH"}, Request{Method: "patch"}, "", "Let the page write the method as PATCH"},
		{204, []string{origin + "*", "Access-Control-Allow-Methods: GET"}, put, "", "Access-Control-Allow-Methods: GET, PUT."},
		{204, []string{origin + "$O", "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Methods: *"}, putCred, `"*" allows nothing in a request that includes credentials`, "List the method"},
		{204, []string{origin + "$O", "Access-Control-Allow-Credentials: true", "Access-Control-Allow-Headers: *"}, Request{Header: withXA.Header, Credentials: Include}, `"*" allows nothing`, "List the names: Access-Control-Allow-Headers: x-a;"},
		{204, []string{origin + "*", "Access-Control-Allow-Headers: x-b"}, withXA, "does not list the request header x-a", "Access-Control-Allow-Headers: x-b, x-a."},
		{204, []string{origin + "*", "Access-Control-Allow-Headers: *"}, Request{Header: Header{{"Authorization", "x"}}}, `which "*" does not cover`, "Access-Control-Allow-Headers: *, authorization."},
		{204, []string{origin + "*", `Access-Control-Allow-Headers: ["x-a"]`}, withXA, "is no list of names", "without quotes, brackets"},
	} {
		if tt.request.URL == "" {
			tt.request.URL = api
		}
		r := browse(t, page, reply(tt.status, tt.lines...)).Fetch(tt.request)
		assert.Contains(t, r.Reason.Message, tt.message)
		assert.Contains(t, r.Reason.Remedy, tt.remedy, r.Reason.Message)
		assert.True(t, r.Reason.Failure.IsCORS())
		assert.Contains(t, r.String(), "remedy: ")
	}
}

func TestRemedyForTheOriginThatBecameNull(t *testing.T) {
	b := browse(t, page, via)
	r := b.Fetch(Request{URL: "https://b.example/302/https://c.example/end", Credentials: Omit})
	assert.True(t, r.Allowed)

	b = browse(t, page, reply(302, "Access-Control-Allow-Origin: https://a.example", "Location: https://c.example/"))
	r = b.Fetch(Request{URL: api})
	assert.Contains(t, r.Reason.Message, `not "null", which the origin has become by a redirect`)
	assert.Contains(t, r.Reason.Remedy, "Redirect within one origin")
}
