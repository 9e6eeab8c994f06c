package corswatch

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// HTTP is a document behind a URL, which is asked for every five seconds, with If-None-Match where the response
// had an ETag. Its version is the ETag, or a hash of the content. A nil client is one with a time limit
// of ten seconds; one that is given should have a limit, too.
//
// Whoever can answer for the URL says who may use the API: use https, or a network that is one's own.
func HTTP(url string, client *http.Client) Source {
	if client == nil {
		client = &http.Client{Timeout: 10 * time.Second}
	}
	return &httpSource{url, client, 5 * time.Second}
}

type httpSource struct {
	url    string
	client *http.Client
	every  time.Duration
}

// Next implements Source.
func (h *httpSource) Next(ctx context.Context, version string) (Document, error) {
	for first := true; ; first = false {
		// The first time, nobody can tell how long ago the version was the present one.
		if !first {
			if err := sleep(ctx, jitter(h.every)); err != nil {
				return Document{}, err
			}
		}
		d, err := h.get(ctx, version)
		if err != nil || d.Version != version {
			return d, err
		}
	}
}

// get asks once. Where there is nothing new, it returns a Document that has no more than the version.
func (h *httpSource) get(ctx context.Context, version string) (Document, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url, nil)
	if err != nil {
		return Document{}, err
	}
	request.Header.Set("Accept", "application/yaml, application/json, text/plain;q=0.9, */*;q=0.1")
	if isETag(version) {
		request.Header.Set("If-None-Match", version)
	}
	response, err := h.client.Do(request)
	if err != nil {
		return Document{}, err
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode == http.StatusNotModified && isETag(version):
		return Document{Version: version}, nil
	case response.StatusCode != http.StatusOK:
		return Document{}, fmt.Errorf("corswatch: GET %s: %s", request.URL.Redacted(), response.Status)
	}
	data, err := readDocument(response.Body)
	if err != nil {
		return Document{}, err
	}
	if response.ContentLength < 0 && response.ProtoMajor == 1 && len(response.TransferEncoding) == 0 {
		// It ends where the connection ends, which may be anywhere.
		if err := endsWell(data); err != nil {
			return Document{}, fmt.Errorf("corswatch: %s %w", request.URL.Redacted(), err)
		}
	}
	if tag := response.Header.Get("ETag"); isETag(tag) {
		return Document{tag, data}, nil
	}
	return Document{hashed(data), data}, nil
}

// isETag tells versions that a server gave from hashes, which have no quotes.
func isETag(version string) bool {
	return strings.HasSuffix(version, `"`)
}
