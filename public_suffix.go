package cors

import (
	"strings"

	"golang.org/x/net/publicsuffix"
)

// openToStrangers says where below the domain anybody can have a subdomain, or is "": the domain is a public
// suffix, such as github.io, or has one below it, as amazonaws.com has s3.amazonaws.com.
func openToStrangers(domain string) (place string) {
	// What is in no list counts as a suffix, too, if it has no dot: internal, for one.
	suffix, managed := publicsuffix.PublicSuffix(domain)
	switch {
	case suffix == domain && (managed || strings.Contains(suffix, ".")):
		return "the public suffix " + domain
	case hasSuffixBelow(domain):
		return "public suffixes below " + domain
	}
	return ""
}
