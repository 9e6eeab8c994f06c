// Etcd is a server that follows the CORS policies under a key of etcd. It is here to show that any store will do:
// source.go is all that it takes. In this folder, with the first document of docs/operate.md, or another, in cors.yaml:
//
//	etcd &
//	etcdctl put cors "$(cat cors.yaml)"
//	go run . -endpoint localhost:2379 -key cors
package main

import (
	"context"
	"flag"
	"log"
	"time"

	"github.com/valyala/fasthttp"
	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corswatch"
)

func main() {
	endpoint := flag.String("endpoint", "localhost:2379", "of etcd")
	key := flag.String("key", "cors", "that the document is under")
	address := flag.String("listen", "localhost:8080", "where to serve")
	flag.Parse()
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{*endpoint}, DialTimeout: 2 * time.Second})
	if err != nil {
		log.Fatal(err)
	}
	var set corswatch.Set
	if err := corswatch.Follow(context.Background(), source{client, *key}, &set, corswatch.Options{OnChange: logChange}); err != nil {
		log.Fatal(err)
	}
	server := &fasthttp.Server{
		Handler:      cors.Select(set.Choose, func(ctx *fasthttp.RequestCtx) { ctx.SetBodyString("hello\n") }),
		ErrorHandler: cors.SelectErrorHandler(set.Choose, nil),
	}
	log.Fatal(server.ListenAndServe(*address))
}

func logChange(s corswatch.Status) {
	if s.Err != nil {
		log.Printf("CORS policies of version %s stay in force: %v", s.Version, s.Err)
		return
	}
	log.Printf("CORS policies of version %s are in force", s.Version)
}
