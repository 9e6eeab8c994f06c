package fleettest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// load is clients that send requests, one after the other, to every replica.
type load struct {
	stop      atomic.Bool
	clients   sync.WaitGroup
	responses atomic.Int64

	mu  sync.Mutex
	err error // the first
}

// load sends requests until end. Documents have numbers up to newest.
func (f *Fleet) load(newest int) *load {
	l := new(load)
	for _, r := range f.replicas {
		l.clients.Go(func() {
			client := &fasthttp.HostClient{Addr: r.address, MaxConns: 1}
			defer client.CloseIdleConnections()
			// A replica's documents follow one another.
			for k, last := 1, 0; !l.stop.Load(); k = k%newest + 1 {
				for _, kind := range kinds {
					i, err := kind(client, k)
					if err == nil && i > 0 && i < last {
						err = fmt.Errorf("document %d came back after %d", i, last)
					}
					if err != nil {
						l.fail(err)
						return
					}
					last = max(last, i)
					l.responses.Add(1)
				}
			}
		})
	}
	return l
}

func (l *load) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = err
	}
}

func (l *load) end() (responses int64, err error) {
	l.stop.Store(true)
	l.clients.Wait()
	return l.responses.Load(), l.err
}

// kinds are requests. Each returns the number of the document that its response came of, or 0 where it cannot be
// told, for a page that only document k allows and for one that all allow.
var kinds = []func(client *fasthttp.HostClient, k int) (int, error){
	func(client *fasthttp.HostClient, k int) (int, error) {
		return preflight(client, "a", "https://page.example", "GET", "", k)
	},
	func(client *fasthttp.HostClient, k int) (int, error) {
		return preflight(client, "b", fmt.Sprintf("https://page-%d.example", k), fmt.Sprintf("M-%d", k), fmt.Sprintf("b-%d", k), k)
	},
	func(client *fasthttp.HostClient, k int) (int, error) {
		return actual(client, "a", "https://page.example", k)
	},
	func(client *fasthttp.HostClient, k int) (int, error) {
		return actual(client, "b", fmt.Sprintf("https://page-%d.example", k), k)
	},
}

func preflight(client *fasthttp.HostClient, policy, origin, method, header string, k int) (int, error) {
	ask := func(r *fasthttp.Request) {
		r.Header.SetMethod("OPTIONS")
		r.Header.Set("Access-Control-Request-Method", method)
		if header != "" {
			r.Header.Set("Access-Control-Request-Headers", header)
		}
	}
	return exchange(client, policy, origin, ask, func(h *fasthttp.ResponseHeader) (int, error) {
		if h.StatusCode() == 403 {
			if header == "" {
				return 0, fmt.Errorf("a preflight that every document allows is refused")
			}
			return 0, expect(h, "", "", "", "", "")
		}
		var i int
		if _, err := fmt.Sscan(string(h.Peek("Access-Control-Max-Age")), &i); err != nil {
			return 0, fmt.Errorf("max-age: %w in %s", err, h)
		}
		if header != "" && i != k {
			return 0, fmt.Errorf("document %d allows what only %d has", i, k)
		}
		return i, expect(h, origin, fmt.Sprintf("M-%d", i), fmt.Sprintf("%s-%d", policy, i), fmt.Sprint(i), "")
	})
}

func actual(client *fasthttp.HostClient, policy, origin string, k int) (int, error) {
	return exchange(client, policy, origin, func(*fasthttp.Request) {}, func(h *fasthttp.ResponseHeader) (int, error) {
		if len(h.Peek("Access-Control-Allow-Origin")) == 0 {
			if origin == "https://page.example" {
				return 0, fmt.Errorf("an origin that every document allows is refused")
			}
			return 0, expect(h, "", "", "", "", "")
		}
		var i int
		if _, err := fmt.Sscanf(string(h.Peek("Access-Control-Expose-Headers")), policy+"-%d", &i); err != nil {
			return 0, fmt.Errorf("expose: %w in %s", err, h)
		}
		if origin != "https://page.example" && i != k {
			return 0, fmt.Errorf("document %d allows what only %d has", i, k)
		}
		return i, expect(h, origin, "", "", "", fmt.Sprintf("%s-%d", policy, i))
	})
}

func exchange(client *fasthttp.HostClient, policy, origin string, ask func(*fasthttp.Request), judge func(*fasthttp.ResponseHeader) (int, error)) (int, error) {
	request, response := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(request)
	defer fasthttp.ReleaseResponse(response)
	request.SetRequestURI("http://" + client.Addr + "/" + policy)
	request.Header.Set("Origin", origin)
	ask(request)
	if err := client.DoTimeout(request, response, time.Minute); err != nil {
		return 0, err
	}
	return judge(&response.Header)
}

// expect compares the headers of the protocol. An empty value stands for no header.
func expect(h *fasthttp.ResponseHeader, origin, methods, headers, maxAge, expose string) error {
	credentials := ""
	if origin != "" {
		credentials = "true"
	}
	for name, want := range map[string]string{
		"Access-Control-Allow-Origin": origin, "Access-Control-Allow-Credentials": credentials,
		"Access-Control-Allow-Methods": methods, "Access-Control-Allow-Headers": headers,
		"Access-Control-Max-Age": maxAge, "Access-Control-Expose-Headers": expose,
	} {
		if got := string(h.Peek(name)); got != want {
			return fmt.Errorf("%s is %q and not %q in %s", name, got, want, h)
		}
	}
	return nil
}
