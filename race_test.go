package cors_test

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttputil"

	"github.com/bytecors/cors"
)

// raceTime is how long the test below runs: BYTECORS_RACE_SECONDS, or one second.
func raceTime(t *testing.T) time.Duration {
	text := os.Getenv("BYTECORS_RACE_SECONDS")
	if text == "" {
		return time.Second
	}
	seconds, err := strconv.Atoi(text)
	require.NoError(t, err, "BYTECORS_RACE_SECONDS")
	return time.Duration(seconds) * time.Second
}

// racePolicies differ in every header that they have the middleware write.
func racePolicies() []cors.Config {
	var policies []cors.Config
	for i := range 4 {
		c := cors.Config{
			AllowOrigins:  []string{"https://example.com", "https://*.example.com", fmt.Sprintf("https://only-%d.example", i)},
			AllowMethods:  []string{"PUT", fmt.Sprint("METHOD-", i)},
			AllowHeaders:  []string{"X-A", fmt.Sprint("X-Policy-", i)},
			ExposeHeaders: []string{fmt.Sprint("X-Policy-", i)},
			MaxAge:        100 + i, PreflightStatus: 200 + i,
			AllowCredentials: i%2 == 1,
			OnDecision:       func(*fasthttp.RequestCtx, cors.Decision) {},
		}
		switch i {
		case 2:
			c.AllowOrigins = append(c.AllowOrigins, fillerPatterns...)
		case 3:
			c.AllowOriginFunc = func(_ *fasthttp.RequestCtx, origin []byte) bool { return string(origin) == "https://func.example" }
		}
		policies = append(policies, c)
	}
	return append(policies, cors.Config{AllowOrigins: []string{"*"}, AllowMethods: []string{"*"}, AllowHeaders: []string{"*"},
		ExposeHeaders: []string{"*"}, MaxAge: 7})
}

// raceRequest is one of the requests, and the responses that are right for it: one for each policy, with debug
// mode and without.
type raceRequest struct {
	text, method string
	preflight    bool
	answers      map[string]bool
}

func raceRequests(policies []cors.Config) []raceRequest {
	var requests []raceRequest
	add := func(r naiveRequest) {
		text := r.method + " / HTTP/1.1\r\nHost: h\r\n"
		for _, origin := range r.origins {
			text += "Origin: " + origin + "\r\n"
		}
		for _, method := range r.requestMethods {
			text += "Access-Control-Request-Method: " + method + "\r\n"
		}
		for _, headers := range r.requestHeaders {
			text += "Access-Control-Request-Headers: " + headers + "\r\n"
		}
		answers := map[string]bool{}
		for i := range policies {
			for _, debug := range []bool{false, true} {
				headers, vary := naiveHeaders(&policies[i], debug, &r)
				status := 0
				if r.isPreflight() {
					status = naiveStatus(&policies[i], debug, naiveVerdict(&policies[i], &r))
				}
				answers[raceAnswer(status, headers, vary)] = true
			}
		}
		requests = append(requests, raceRequest{text + "\r\n", r.method, r.isPreflight(), answers})
	}
	for i, origin := range []string{"https://example.com", "https://a.b.example.com", "https://only-1.example", "https://func.example", "https://evil.example", "null"} {
		add(naiveRequest{method: "GET", origins: []string{origin}})
		add(naiveRequest{method: "DELETE", origins: []string{origin}})
		add(naiveRequest{method: "OPTIONS", origins: []string{origin}, requestMethods: []string{"PUT"}, requestHeaders: []string{"x-a"}})
		add(naiveRequest{method: "OPTIONS", origins: []string{origin}, requestMethods: []string{"GET"}, requestHeaders: []string{"x-a", fmt.Sprint("x-policy-", i%4)}})
		add(naiveRequest{method: "OPTIONS", origins: []string{origin}, requestMethods: []string{fmt.Sprint("METHOD-", i%4)}})
	}
	add(naiveRequest{method: "GET"})
	add(naiveRequest{method: "GET", origins: []string{"https://example.com", "https://example.com"}})
	return requests
}

// raceAnswer writes what a response has so that two can be compared. The status is 0 where it is the handler's.
func raceAnswer(status int, headers map[string]string, vary []string) string {
	return fmt.Sprint(status, headers, naiveListForm(vary))
}

// TestRacesOfClientsPoliciesAndHandlers: 8 clients, half of them pipelining, while policies and debug mode
// change all the time, and handlers time out and go on using what they were given. Each response is wholly
// of one policy. What else may go wrong, the race detector tells.
func TestRacesOfClientsPoliciesAndHandlers(t *testing.T) {
	policies := racePolicies()
	requests := raceRequests(policies)
	m := cors.MustNew(policies[0])
	var stop atomic.Bool
	var late, clients, background sync.WaitGroup

	server := &fasthttp.Server{Handler: m.Wrap(raceHandler(m, &late)), ErrorHandler: m.WrapErrorHandler(nil), Logger: discard{}}
	listener := fasthttputil.NewInmemoryListener()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	background.Go(func() {
		for i := 0; !stop.Load(); i++ {
			assert.NoError(t, m.Reconfigure(policies[i%len(policies)]))
			m.SetDebug(i%3 == 0)
			if i%5 == 0 {
				assert.Error(t, m.Reconfigure(cors.Config{}))
				assert.NoError(t, m.Reconfigure(m.Config()))
				m.AllowsOrigin([]byte("https://a.example.com"))
			}
			time.Sleep(50 * time.Microsecond)
		}
	})
	var exchanges atomic.Int64
	for client := range 8 {
		clients.Go(func() {
			for connections := 0; !stop.Load(); connections++ {
				conn, err := listener.Dial()
				if !assert.NoError(t, err) {
					return
				}
				n, err := raceClient(conn, requests, client+8*connections, client%2 == 1)
				exchanges.Add(int64(n))
				_ = conn.Close()
				if !assert.NoError(t, err) {
					return
				}
			}
		})
	}
	time.Sleep(raceTime(t))
	stop.Store(true)
	clients.Wait()
	background.Wait()
	late.Wait()
	require.NoError(t, listener.Close())
	require.NoError(t, <-served)
	t.Logf("%d exchanges", exchanges.Load())
	require.Positive(t, exchanges.Load())
}

// raceHandler ends differently from request to request.
func raceHandler(m *cors.Middleware, late *sync.WaitGroup) fasthttp.RequestHandler {
	var count atomic.Int64
	timingOut := fasthttp.TimeoutHandler(func(ctx *fasthttp.RequestCtx) {
		defer late.Done()
		time.Sleep(500 * time.Microsecond)
		for i := range 20 {
			m.Evaluate(ctx)
			ctx.Request.Header.Set("Origin", fmt.Sprint("https://late.example:", i))
			ctx.Response.Header.Set("Access-Control-Allow-Origin", "*")
			ctx.Response.Header.Add("Vary", "Late")
			ctx.Response.Reset()
		}
	}, 100*time.Microsecond, "late")
	return func(ctx *fasthttp.RequestCtx) {
		switch count.Add(1) % 16 {
		case 0, 1:
			late.Add(1)
			timingOut(ctx)
			return
		case 2:
			ctx.Error("no", 500)
		case 3:
			ctx.Request.Reset()
		case 4:
			ctx.Response.Header.Add("Access-Control-Allow-Origin", "*")
			ctx.Response.Header.Add("Access-Control-Allow-Origin", "https://handler.example")
		case 5:
			ctx.Request.Header.Set("Origin", "https://handler.example")
		case 6:
			ctx.TimeoutError("late")
			return
		case 7:
			ctx.SetBodyStreamWriter(func(w *bufio.Writer) { _, _ = w.WriteString("streamed") })
			return
		}
		m.Evaluate(ctx)
		ctx.SetBodyString("body")
	}
}

// raceClient sends some requests on one connection, one after the other or all at once, and checks every response.
func raceClient(conn net.Conn, requests []raceRequest, seed int, pipelined bool) (n int, err error) {
	if err := conn.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return 0, err
	}
	const batch = 32
	order := make([]raceRequest, batch)
	var all strings.Builder
	for i := range order {
		order[i] = requests[(seed*31+i*7)%len(requests)]
		all.WriteString(order[i].text)
	}
	br := bufio.NewReader(conn)
	if pipelined {
		go func() { _, _ = conn.Write([]byte(all.String())) }()
	}
	for _, r := range order {
		if !pipelined {
			if _, err := conn.Write([]byte(r.text)); err != nil {
				return n, err
			}
		}
		var response fasthttp.Response
		response.Header.DisableNormalizing()
		if err := response.Read(br); err != nil {
			return n, fmt.Errorf("response to %q: %w", r.text, err)
		}
		lines := map[string][]string{}
		for name, value := range response.Header.All() {
			lower := strings.ToLower(string(name))
			lines[lower] = append(lines[lower], string(value))
		}
		got := map[string]string{}
		for _, name := range naiveOwned {
			if len(lines[name]) == 0 {
				continue
			}
			got[name] = strings.Join(lines[name], " and ")
			switch name {
			case "access-control-allow-headers", "access-control-expose-headers":
				got[name] = naiveListForm(naiveElements([]string{strings.ToLower(got[name])}))
			case "access-control-allow-methods":
				got[name] = naiveListForm(naiveElements(lines[name]))
			}
		}
		status := 0
		if r.preflight {
			status = response.StatusCode()
		}
		vary := naiveElements(lines["vary"])
		for i := range vary {
			vary[i] = strings.ToLower(vary[i])
		}
		if answer := raceAnswer(status, got, vary); !r.answers[answer] {
			return n, fmt.Errorf("response to %q is of no policy:\n%s\n%s", r.text, answer, response.Header.String())
		}
		n++
	}
	return n, nil
}
