// Llmgateway is an API for language models in the shape of those that are built on fasthttp: handlers in a chain of
// middleware, answers that are streamed, and a settings page where an operator says which web pages may use it.
//
//	go run ./examples/llmgateway
//
// It prints the address of the settings page, and a curl command for the API. What is saved there is in force at
// once and kept in a file; what cannot be right is shown beside the line that it is in, and changes nothing.
//
// The model repeats what it is told. There is no login for the settings; a gateway that others can reach needs one.
package main

import (
	"context"
	"flag"
	"fmt"
	"net"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:8082", "address to serve on")
	file := flag.String("settings", "llmgateway.json", "file that keeps the settings")
	key := flag.String("key", "secret", "key that clients of the API send")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "llmgateway: %q is no flag; it takes no other arguments\n", flag.Arg(0))
		os.Exit(2)
	}
	if err := run(*listen, *file, *key); err != nil {
		fmt.Fprintln(os.Stderr, "llmgateway:", err)
		os.Exit(1)
	}
}

// run serves until the program is interrupted.
func run(address, file, key string) error {
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	g, err := newGateway(listener.Addr().(*net.TCPAddr).Port, file, key, repeat)
	if err != nil {
		return err
	}
	fmt.Printf("Settings  http://%[1]s/settings/\nThe API   curl -i -H 'Authorization: Bearer %[2]s' -H 'Origin: https://app.example' "+
		"-d '{\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"Hello there\"}]}' http://%[1]s/v1/chat/completions\n",
		listener.Addr(), key)
	server, failed := g.server(), make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-interrupted.Done():
		stop()
		return server.Shutdown()
	}
}
