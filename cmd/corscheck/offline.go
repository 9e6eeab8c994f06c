package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corstest"
	"github.com/valyala/fasthttp"
)

// loadConfig reads and checks a configuration.
func loadConfig(path string) (*cors.Middleware, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var config cors.Config
	decoder := json.NewDecoder(bytes.NewReader(text))
	// A misspelt field would else be an empty one, and a policy other than the one that was meant.
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&config); err != nil {
		return nil, fmt.Errorf("%s: %w", atLine(path, text, err), err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%s: something follows the configuration", path)
	}
	middleware, err := cors.New(config)
	if err != nil {
		return nil, fmt.Errorf("%s is no valid configuration:\n%w", path, err)
	}
	return middleware, nil
}

// atLine adds the line to the path where the error tells it.
func atLine(path string, text []byte, err error) string {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	offset := int64(-1)
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
	}
	if offset < 0 {
		return path
	}
	before := text[:min(int(offset), len(text))]
	return fmt.Sprintf("%s:%d", path, bytes.Count(before, []byte("\n"))+1)
}

// offlineBrowser returns a page whose server is the middleware before a handler that answers 200. In debug mode the
// middleware refuses the same requests, but lets the browser see, and say, what it was that was refused.
func offlineBrowser(origin string, middleware *cors.Middleware) *corstest.Browser {
	middleware.SetDebug(true)
	return corstest.NewBrowser(origin, middleware.Wrap(func(ctx *fasthttp.RequestCtx) {
		ctx.SetStatusCode(fasthttp.StatusOK)
	}))
}
