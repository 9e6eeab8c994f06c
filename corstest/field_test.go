package corstest

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLinesThatNoServerShouldSend(t *testing.T) {
	const allowed = "Access-Control-Allow-Origin: *\r\n"
	for _, tt := range []struct {
		rule, lines string
		request     Request
		want        map[Engine]Failure // "" is read
	}{
		{"white space before the colon", "Access-Control-Allow-Origin : *\r\n", Request{}, map[Engine]Failure{
			Firefox: AllowOriginMissing, WebKitGTK: AllowOriginMissing,
		}},
		{"a tab before the colon", "Access-Control-Allow-Origin\t: *\r\n", Request{}, map[Engine]Failure{
			Firefox: AllowOriginMissing, WebKitGTK: AllowOriginMissing,
		}},
		{"once without and once with white space", allowed + "Access-Control-Allow-Origin : *\r\n", Request{}, map[Engine]Failure{
			Standard: AllowOriginMultiple, Chromium: AllowOriginMultiple,
		}},
		{"white space in a preflight's response", allowed + "Access-Control-Allow-Methods : PUT\r\n", Request{Method: "PUT"}, map[Engine]Failure{
			Firefox: MethodNotAllowed, WebKitGTK: MethodNotAllowed,
		}},
		{"white space before another header's colon", allowed + "Server : x\r\n", Request{}, nil},
		{"a carriage return at the end", "Access-Control-Allow-Origin: *\r\r\n", Request{}, map[Engine]Failure{Firefox: AllowOriginMismatch}},
		{"a carriage return in front", "Access-Control-Allow-Origin: \r*\r\n", Request{}, map[Engine]Failure{
			Chromium: AllowOriginMismatch, Firefox: AllowOriginMismatch,
		}},
		{"a carriage return between lines", "Server: x\rAccess-Control-Allow-Origin: *\r\n", Request{}, map[Engine]Failure{
			Standard: AllowOriginMissing, Firefox: AllowOriginMissing, WebKitGTK: AllowOriginMissing,
		}},
		{"a carriage return at a list's end", allowed + "Access-Control-Allow-Methods: PUT\r\r\n", Request{Method: "PUT"}, nil},
		{"a carriage return within a list", allowed + "Access-Control-Allow-Methods: PUT\r, DELETE\r\n", Request{Method: "DELETE"}, map[Engine]Failure{
			Chromium: MethodNotAllowed,
		}},
	} {
		for _, engine := range everyEngine {
			b := NewLiveBrowser(page)
			b.Engine, b.Dial = engine, dialScript(t, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n"+tt.lines+"\r\n")
			tt.request.URL = api
			assert.Equal(t, tt.want[engine], b.Fetch(tt.request).Reason.Failure, "%s: %s", engine, tt.rule)
		}
	}
}

func TestCarriageReturnsThatScriptReads(t *testing.T) {
	const script = "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: *\r\nContent-Length: 0\r\r\n" +
		"X-Odd : 1\r\nX-A: 1\r\r\nX-B: \r2\r\nX-C: 3\r4\r\n\r\n"
	for engine, want := range map[Engine]map[string]string{
		Standard:  {"x-odd": "1", "x-a": "1", "x-b": "2", "x-c": "3 4"},
		Chromium:  {"x-odd": "1", "x-a": "1", "x-b": "", "x-c": "3"},
		Firefox:   {"x-a": "1", "x-b": "2"},
		WebKitGTK: {"x-a": "1", "x-b": "2", "x-c": "3 4"},
	} {
		b := NewLiveBrowser(page)
		b.Engine, b.Dial = engine, dialScript(t, script)
		got := map[string]string{}
		for _, line := range Readable(t, b, Request{URL: api}).Header {
			if line[0][:2] == "x-" {
				got[line[0]] = line[1]
			}
		}
		assert.Equal(t, want, got, engine)
	}
}

func TestLineThatIsLeftOutIsNamed(t *testing.T) {
	b := NewLiveBrowser(page)
	b.Engine, b.Dial = Firefox, dialScript(t, "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin : *\r\nContent-Length: 0\r\n\r\n")
	r := BlockedBy(t, b, Request{URL: api}, AllowOriginMissing)
	assert.Contains(t, r.Reason.Message, `firefox leaves out the line "Access-Control-Allow-Origin : *", for the white space before its colon`)
	assert.Equal(t, "Send Access-Control-Allow-Origin without white space before its colon, as RFC 9112 has it.", r.Reason.Remedy)
	assert.Equal(t, [2]string{"Access-Control-Allow-Origin ", "*"}, r.Actual().ResponseHeader[0])
}

func TestAvailableDictionaryFailsInChromium(t *testing.T) {
	for _, url := range []string{api, page + "/items"} {
		for _, engine := range everyEngine {
			b := browse(t, page, echo)
			b.Engine = engine
			r := b.Fetch(Request{URL: url, Header: Header{{"available-dictionary", ":AA=:"}}})
			assert.Equal(t, engine != Chromium, r.Allowed, engine)
			if engine == Chromium {
				assert.Equal(t, NetworkFailure, r.Reason.Failure)
				assert.Nil(t, r.Actual())
				assert.Zero(t, r.Preflights())
			}
		}
	}
}
