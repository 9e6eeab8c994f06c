// Proxy puts CORS in front of a server that has none, or another. Its policies are in a file, which is followed
// while it runs: package corswatch says what can stand there. In this folder, in front of a server on port 8080:
//
//	go run . -upstream 127.0.0.1:8080 -policies policies.yaml
//
// Responses are streamed, events reach a page at once, and what the upstream sends in headers of the CORS protocol
// is replaced. Where the upstream fails, pages can read the proxy's 502 or 504. A WebSocket can be opened by
// the origins in AllowOrigins, and by what is no browser.
//
// It shows how this is done; it is no product for the edge. fasthttp has no HTTP/2, and does not tell when a client
// has left: an upstream is disconnected at its next write after that, and works on until then. Requests are held in
// memory, up to 4 MiB. There is no TLS, no choice of upstreams, no health check, no limit of rates. Requests that
// have both a Content-Length and a Transfer-Encoding, which fasthttp lets through, are refused here, since two
// servers can read two different requests in them.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/bytecors/cors/corswatch"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8000", "address to serve on")
	upstream := flag.String("upstream", "", "host and port of the server to forward to")
	policies := flag.String("policies", "", "file with the policies")
	silence := flag.Duration("silence", time.Minute, "for how long the upstream may send nothing")
	flag.Parse()
	if *upstream == "" || *policies == "" || flag.NArg() > 0 {
		fmt.Fprintln(os.Stderr, "proxy: -upstream and -policies are needed, and no other arguments")
		os.Exit(2)
	}
	if err := run(*listen, *upstream, *policies, *silence); err != nil {
		fmt.Fprintln(os.Stderr, "proxy:", err)
		os.Exit(1)
	}
}

// run serves until the program is interrupted.
func run(listen, upstream, policies string, silence time.Duration) error {
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var set corswatch.Set
	err := corswatch.Follow(interrupted, corswatch.File(policies), &set, corswatch.Options{OnChange: report})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	server := newProxy(upstream, set.Choose, silence).server()
	fmt.Printf("http://%s forwards to %s\n", listener.Addr(), upstream)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-interrupted.Done():
		stop() // a second signal ends streams that go on
		return server.Shutdown()
	}
}

func report(s corswatch.Status) {
	if s.Err != nil {
		fmt.Fprintln(os.Stderr, "policies stay as they are:", s.Err)
		return
	}
	fmt.Printf("policies in force: %q\n", s.Policies)
}
