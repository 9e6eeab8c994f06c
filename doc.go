// Package cors is CORS middleware for fasthttp.
//
// (Package documentation follows.)
package cors

//go:generate go run ./internal/headergen
