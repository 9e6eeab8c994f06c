// Package corswatch follows CORS policies that live outside the program: in a file, behind a URL, in a store
// that a fleet shares. They change while requests are served, without a deploy.
//
//	var set corswatch.Set
//	err := corswatch.Follow(ctx, corswatch.File("/etc/api/cors.yaml"), &set, corswatch.Options{})
//	if err != nil {
//		log.Fatal(err) // every mistake of the document, with its line
//	}
//	server := &fasthttp.Server{
//		Handler:      cors.Select(set.Choose, handler),
//		ErrorHandler: cors.SelectErrorHandler(set.Choose, nil),
//	}
//
// # Documents
//
// A document is YAML or JSON. It has one policy, whose fields are those of cors.Config:
//
//	allowOrigins: ["https://example.com"]
//	maxAge: 600
//
// or several, each with a name, and the hosts and paths that it is for:
//
//	policies:
//	  public:
//	    paths: [/feed, /public]
//	    allowOrigins: ["*"]
//	  partners:
//	    hosts: [partners.api.example, "*.partners.api.example"]
//	    allowOrigins: ["https://*.partner.example"]
//	    allowCredentials: true
//	    shadow:
//	      allowOrigins: ["https://app.partner.example"]
//	      allowCredentials: true
//
// A path is for what lies below it, too: /feed for /feed and /feed/today, and not for /feeds or /Feed. A host has no
// port; "*." in front of it stands for one or more labels. A policy without hosts is for all of them, one
// without paths likewise. Of several that fit, the one with the most exact host counts, and among those the one
// with the longest path. Where none fits, CORS has no part in the exchange.
//
// A shadow is a policy that is tried on live traffic: it decides about the same requests and is counted, and
// changes no response.
//
// A document comes into force whole or not at all: it is read and checked to its end, and then takes the place
// of the one before in one step. Each request is under one document, from its preflight's first byte to its
// response's last. A document with a mistake is reported, and the last good one stays in force; so it does when
// the file is deleted, or the store is down.
package corswatch

import "context"

// Document is what a Source has: policies, and a version that tells them from others.
type Document struct {
	Version string // never empty, and another whenever Data is
	Data    []byte // YAML or JSON
}

// MaxDocument is for how many bytes a document may have.
const MaxDocument = 4 << 20

// Source is where documents come from.
//
// With an empty version, Next returns the present document at once. Otherwise it waits until there is one
// of another version, and returns that, the newest. It returns early with an error when ctx is done, or when it
// cannot tell. It is called by one goroutine at a time, and after an error it is called again.
type Source interface {
	Next(ctx context.Context, version string) (Document, error)
}
