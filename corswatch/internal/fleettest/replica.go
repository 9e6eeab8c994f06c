// Package fleettest runs replicas of a server as processes of their own, which follow one source, and judges each of
// their responses: it has to come of one whole document.
package fleettest

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corswatch"
)

// replicaOf is what tells a process that it is a replica, and where its documents are.
const replicaOf = "BYTECORS_REPLICA_OF"

// Main runs the tests, or a replica of a fleet if the process was started as one. source is asked for what
// Start was given.
func Main(m *testing.M, source func(of string) (corswatch.Source, error)) {
	of := os.Getenv(replicaOf)
	if of == "" {
		os.Exit(m.Run())
	}
	if err := serve(of, source); err != nil {
		fmt.Println("failed", err)
		os.Exit(1)
	}
}

// serve is a replica's life. It ends with its parent, which holds the other end of its standard input.
func serve(of string, source func(of string) (corswatch.Source, error)) error {
	ctx, stop := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	s, err := source(of)
	if err != nil {
		return err
	}
	var set corswatch.Set
	err = corswatch.Follow(ctx, s, &set, corswatch.Options{OnChange: func(status corswatch.Status) {
		if status.Err != nil {
			fmt.Println("error", status.Err)
			return
		}
		// One write each, so that lines stay whole.
		fmt.Println("document", set.Policy("a").Config().MaxAge, time.Now().UnixNano())
	}})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("listening", listener.Addr())
	server := &fasthttp.Server{
		Handler:      cors.Select(set.Choose, func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("ok") }),
		ErrorHandler: cors.SelectErrorHandler(set.Choose, nil),
	}
	go func() {
		<-ctx.Done()
		_ = listener.Close()
	}()
	err = server.Serve(listener)
	set.Wait()
	return err
}
