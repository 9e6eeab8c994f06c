package main

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// withScheme completes a URL that was written without a scheme, and says so: https, and http for one's own machine.
func withScheme(written string) (url, assumed string) {
	trimmed := strings.TrimSpace(written)
	if strings.Contains(trimmed, ":/") || trimmed == "" || strings.HasPrefix(trimmed, "/") || strings.HasPrefix(trimmed, "?") {
		return written, ""
	}
	host, _, _ := strings.Cut(trimmed, "/")
	if name, port, err := net.SplitHostPort(host); err == nil && strings.Trim(port, "0123456789") == "" {
		host = name
	} else if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		return written, "" // data:, mailto: and the like
	}
	scheme := "https"
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || err == nil && address.IsLoopback() {
		scheme = "http"
	}
	url = scheme + "://" + trimmed
	return url, fmt.Sprintf("%s was written without a scheme: asking %s", trimmed, url)
}
