package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/valyala/fasthttp"
)

// demo is the two servers, running.
//
// Both have the host name localhost. Cookies do not look at ports, so the API's are the page's as well, as they
// would be for app.example.com and api.example.com.
type demo struct {
	pageURL  string // also the origin that the API allows
	otherURL string // the same page, by an origin that the API does not allow
	apiURL   string

	servers []*fasthttp.Server
	failed  chan error // gets what ends a server that nobody has stopped
}

// start serves the page and the API on ports of the loopback interface.
func start(pagePort, apiPort int) (*demo, error) {
	page, err := listen(pagePort, "-page-port")
	if err != nil {
		return nil, err
	}
	api, err := listen(apiPort, "-api-port")
	if err != nil {
		closeAll(page)
		return nil, err
	}
	d := &demo{
		pageURL:  "http://localhost:" + portOf(page[0]),
		otherURL: "http://127.0.0.1:" + portOf(page[0]),
		apiURL:   "http://localhost:" + portOf(api[0]),
		failed:   make(chan error, len(page)+len(api)),
	}
	rec := newRecorder()
	a := newAPI(d.pageURL)
	d.serve(page, newPage(d, rec, a))
	d.serve(api, rec.wrap(a.handler))
	return d, nil
}

// listen returns listeners for a port at all addresses that localhost stands for. Browsers try ::1 first: a server
// that has the port there would be asked in place of the demo, and nothing would say so.
func listen(port int, flagName string) ([]net.Listener, error) {
	if port < 0 || port > 65535 {
		return nil, fmt.Errorf("there is no port %d; choose one from 1 to 65535 with %s (0 picks a free one)", port, flagName)
	}
	for tries := 0; ; tries++ {
		first, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
		if err != nil {
			return nil, listenError(err, port, flagName)
		}
		second, err := net.Listen("tcp6", net.JoinHostPort("::1", portOf(first)))
		switch {
		case err == nil:
			return []net.Listener{first, second}, nil
		case errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT):
			return []net.Listener{first}, nil // there is no ::1 on this machine
		}
		closeAll([]net.Listener{first})
		if port != 0 || !errors.Is(err, syscall.EADDRINUSE) || tries == 10 {
			return nil, listenError(err, port, flagName)
		}
		// The free port that was picked is not free at the other address.
	}
}

func listenError(err error, port int, flagName string) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("port %d is in use; choose another with %s (0 picks a free one)", port, flagName)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("port %d needs more rights than this program has; choose one above 1023 with %s", port, flagName)
	}
	return fmt.Errorf("cannot listen on the port of %s: %w", flagName, err)
}

func closeAll(listeners []net.Listener) {
	for _, listener := range listeners {
		_ = listener.Close()
	}
}

func portOf(listener net.Listener) string {
	return strconv.Itoa(listener.Addr().(*net.TCPAddr).Port)
}

func (d *demo) serve(listeners []net.Listener, handler fasthttp.RequestHandler) {
	server := &fasthttp.Server{
		Handler:               handler,
		NoDefaultServerHeader: true,
		ReadTimeout:           10 * time.Second,
		IdleTimeout:           time.Minute,
	}
	d.servers = append(d.servers, server)
	for _, listener := range listeners {
		go func() {
			if err := server.Serve(listener); err != nil {
				d.failed <- err
			}
		}()
	}
}

// close stops both servers. It lets requests end, but does not wait long for connections that browsers keep in stock.
func (d *demo) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var failures []error
	for _, server := range d.servers {
		if err := server.ShutdownWithContext(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

// instructions tells where the demo is and how to ask it from a terminal.
func (d *demo) instructions() string {
	text := `The page  $PAGE    (open it in a browser)
          $OTHER    (the same page, from an origin that the API does not allow)
The API   $API

Simple request, any origin and one origin allowed:
  curl -i -H 'Origin: https://foo.example' $API/resources/public-data/
  curl -i -H 'Origin: https://foo.example' $API/resources/partner-data/

Preflighted request, the preflight and what follows it:
  curl -i -X OPTIONS -H 'Origin: https://foo.example' -H 'Access-Control-Request-Method: POST' -H 'Access-Control-Request-Headers: content-type,x-pingother' $API/doc
  curl -i -X POST -H 'Origin: https://foo.example' -H 'Content-Type: text/xml; charset=UTF-8' -H 'X-PINGOTHER: pingpong' -d '<person><name>Arun</name></person>' $API/doc

Request with credentials:
  curl -i -H 'Origin: https://foo.example' -H 'Cookie: pageAccess=2' $API/resources/credentialed-content/

A form on another site, without and with cross-origin protection:
  curl -i -H 'Origin: https://evil.example' -d 'to=mallory&amount=100' $API/transfer
  curl -i -H 'Origin: https://evil.example' -d 'to=mallory&amount=100' $API/protected/transfer

Ctrl-C stops the demo.
`
	return strings.NewReplacer("$PAGE", d.pageURL, "$OTHER", d.otherURL, "$API", d.apiURL).Replace(text)
}
