package main

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
)

// settings is what an operator decides. It is in a file, and in force.
type settings struct {
	file   string
	policy *cors.Middleware

	mu      sync.Mutex // held while they change
	present values
}

type values struct {
	AllowOrigins []string `json:"allowOrigins"`
}

// config is the policy with these origins. The rest of it is the gateway's affair, and no operator's.
func (v values) config() cors.Config {
	return cors.Config{
		AllowOrigins:  v.AllowOrigins,
		AllowHeaders:  []string{fasthttp.HeaderAuthorization, fasthttp.HeaderContentType},
		ExposeHeaders: []string{requestID},
		MaxAge:        7200,
	}
}

// openSettings brings into force what the file has; without one, no page may use the API.
func openSettings(file string, policy *cors.Middleware) (*settings, error) {
	s := &settings{file: file, policy: policy}
	content, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		content, err = []byte("{}"), nil
	}
	if err == nil {
		s.present, err = readValues(content)
	}
	if err == nil {
		err = s.apply(s.present)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return s, nil
}

func readValues(content []byte) (v values, err error) {
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&v); err != nil {
		return v, err
	}
	if v.AllowOrigins == nil {
		v.AllowOrigins = []string{} // which is [] in JSON, and not null
	}
	return v, nil
}

// apply brings v into force.
func (s *settings) apply(v values) error {
	if len(v.AllowOrigins) == 0 {
		s.policy.Disable() // without CORS headers, browsers let no page read anything
		return nil
	}
	return s.policy.Reconfigure(v.config())
}

// save keeps v and brings it into force, or neither.
func (s *settings) save(v values) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(v.AllowOrigins) > 0 {
		if _, err := cors.New(v.config()); err != nil {
			return err
		}
	}
	content, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := replaceFile(s.file, content); err != nil {
		return err
	}
	s.present = v
	return s.apply(v)
}

// replaceFile leaves the old content or the new, and never half of it.
func replaceFile(name string, content []byte) error {
	next, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(next.Name())
	_, err = next.Write(content)
	if err := errors.Join(err, next.Sync(), next.Close()); err != nil {
		return err
	}
	return os.Rename(next.Name(), name)
}

// mistake is a cors.ConfigError as the page shows it.
type mistake struct {
	Index      int            `json:"index"` // of the origin, or -1
	Code       cors.ErrorCode `json:"code"`  // for pages that say it in their own words
	Text       string         `json:"text"`
	Suggestion string         `json:"suggestion"`
}

// mistakesIn returns all that an error of the middleware joins, or nothing if it is another error.
func mistakesIn(err error) (all []mistake) {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	for _, err := range joined.Unwrap() {
		var e *cors.ConfigError
		if errors.As(err, &e) {
			all = append(all, mistake{e.Index, e.Code, e.Reason, e.Suggestion})
		}
	}
	return all
}

//go:embed page
var pageFiles embed.FS

var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
}

func (s *settings) serve(ctx *fasthttp.RequestCtx) {
	// A site that could show this page in a frame could have the operator click in it.
	ctx.Response.Header.Set(fasthttp.HeaderContentSecurityPolicy, "default-src 'self'; img-src data:; frame-ancestors 'none'")
	switch name := strings.TrimPrefix(string(ctx.Path()), "/settings/"); {
	case name == "origins" && ctx.IsGet():
		s.mu.Lock()
		present := s.present
		s.mu.Unlock()
		writeJSON(ctx, present)
	case name == "origins" && ctx.IsPut():
		s.put(ctx)
	case ctx.IsGet():
		writeFile(ctx, name)
	default:
		fail(ctx, fasthttp.StatusMethodNotAllowed, "settings are read with GET and saved with PUT")
	}
}

func (s *settings) put(ctx *fasthttp.RequestCtx) {
	v, err := readValues(ctx.PostBody())
	if err != nil {
		fail(ctx, fasthttp.StatusBadRequest, "these are no settings: "+err.Error())
		return
	}
	err = s.save(v)
	if mistakes := mistakesIn(err); len(mistakes) > 0 {
		writeJSON(ctx, map[string][]mistake{"mistakes": mistakes})
		ctx.SetStatusCode(fasthttp.StatusUnprocessableEntity)
		return
	}
	if err != nil {
		fail(ctx, fasthttp.StatusInternalServerError, "the settings could not be kept: "+err.Error())
		return
	}
	writeJSON(ctx, v)
}

func writeFile(ctx *fasthttp.RequestCtx, name string) {
	if name == "" {
		name = "index.html"
	}
	content, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		fail(ctx, fasthttp.StatusNotFound, "there is nothing here")
		return
	}
	ctx.SetContentType(contentTypes[path.Ext(name)])
	ctx.Response.Header.Set(fasthttp.HeaderCacheControl, "no-cache")
	ctx.SetBody(content)
}
