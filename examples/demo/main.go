// Demo shows what a CORS policy does: a page on one port uses an API on another, and says beside each exchange of
// headers what the browser made of it.
//
//	go run ./examples/demo
//
// It prints the page's address, and curl commands that show the same from a terminal.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	flags := flag.NewFlagSet("demo", flag.ExitOnError)
	flags.Usage = func() {
		fmt.Fprintln(flags.Output(), "Serves a page and an API of different origins, to watch CORS at work.")
		flags.PrintDefaults()
	}
	pagePort := flags.Int("page-port", 8080, "port of the page; 0 picks a free one")
	apiPort := flags.Int("api-port", 8081, "port of the API; 0 picks a free one")
	_ = flags.Parse(os.Args[1:]) // ExitOnError: it does not return one
	if flags.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "demo: %q is no flag; it takes no other arguments\n", flags.Arg(0))
		os.Exit(2)
	}
	if err := run(*pagePort, *apiPort); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run serves until the program is interrupted or a server fails.
func run(pagePort, apiPort int) error {
	interrupted, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	d, err := start(pagePort, apiPort)
	if err != nil {
		return err
	}
	fmt.Print(d.instructions())
	select {
	case <-interrupted.Done():
		fmt.Println("\nStopped.")
		return d.close()
	case err := <-d.failed:
		_ = d.close()
		return err
	}
}
