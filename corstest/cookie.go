package corstest

import (
	"net/http"
	"net/http/cookiejar"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"
)

// CookieJar holds cookies as a browser does that enforces SameSite: from a page of another site it takes and sends only
// cookies with SameSite=None and Secure, and a cookie without SameSite counts as Lax. Everything else (domains, paths, Secure, how long
// a cookie lasts) is as in [net/http/cookiejar], with the public suffix list.
//
// The zero value is an empty jar. It may be used by several goroutines at once, and also as the Jar of an [http.Client], which is then
// of the same site.
type CookieJar struct {
	// BlockThirdParty takes nothing from and sends nothing to another site than the page's, whatever the cookie says, as
	// Safari and Firefox do, and Chromium where the user wants it so.
	BlockThirdParty bool

	mu  sync.Mutex
	all *cookiejar.Jar
	// crossSite holds again those of all that other sites' pages may send.
	crossSite *cookiejar.Jar
}

// SetCookies keeps what a response to a page of the same site sets.
func (j *CookieJar) SetCookies(u *url.URL, cookies []*http.Cookie) { j.set(u, cookies, false) }

// Cookies returns what goes with a request of a page of the same site.
func (j *CookieJar) Cookies(u *url.URL) []*http.Cookie { return j.get(u, false) }

func (j *CookieJar) set(u *url.URL, cookies []*http.Cookie, crossSite bool) {
	if crossSite && j.BlockThirdParty {
		return
	}
	j.init()
	for _, cookie := range cookies {
		none := cookie.SameSite == http.SameSiteNoneMode
		switch {
		case none && !cookie.Secure, cookie.Secure && !isTrustworthy(u.Scheme, u.Host):
			// Browsers drop it: https://www.rfc-editor.org/rfc/internet-drafts/draft-ietf-httpbis-rfc6265bis-22.html#section-5.7.
			continue
		case none:
			j.crossSite.SetCookies(u, []*http.Cookie{cookie})
		case crossSite:
			continue
		default:
			expired := *cookie
			expired.MaxAge, expired.Expires = -1, time.Time{}
			j.crossSite.SetCookies(u, []*http.Cookie{&expired})
		}
		j.all.SetCookies(u, []*http.Cookie{cookie})
	}
}

func (j *CookieJar) get(u *url.URL, crossSite bool) []*http.Cookie {
	j.init()
	switch {
	case !crossSite:
		return j.all.Cookies(u)
	case j.BlockThirdParty:
		return nil
	}
	return j.crossSite.Cookies(u)
}

func (j *CookieJar) init() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.all == nil {
		options := &cookiejar.Options{PublicSuffixList: publicsuffix.List}
		j.all, _ = cookiejar.New(options) // never fails
		j.crossSite, _ = cookiejar.New(options)
	}
}

// cookies returns the value of Cookie for the current URL, or "".
func (f *fetch) cookies() string {
	if !f.withCredentials() {
		return ""
	}
	var pairs []string
	if f.cookie != "" && f.current().host == f.urls[0].host {
		pairs = append(pairs, f.cookie)
	}
	var held []*http.Cookie
	switch jar := f.browser.Jar.(type) {
	case nil:
	case *CookieJar:
		held = jar.get(f.current().forNet(), f.crossSite())
	default:
		held = jar.Cookies(f.current().forNet())
	}
	for _, cookie := range held {
		pairs = append(pairs, cookie.Name+"="+cookie.Value)
	}
	return strings.Join(pairs, "; ")
}

// keepCookies hands the response's cookies to the jar. A response that CORS withholds from script sets cookies all the same.
func (f *fetch) keepCookies(x *Exchange) {
	if f.browser.Jar == nil || !f.withCredentials() {
		return
	}
	cookies := (&http.Response{Header: http.Header{"Set-Cookie": f.browser.Engine.received(x.ResponseHeader).Values("Set-Cookie")}}).Cookies()
	if len(cookies) == 0 {
		return
	}
	if jar, ok := f.browser.Jar.(*CookieJar); ok {
		jar.set(f.current().forNet(), cookies, f.crossSite())
		return
	}
	f.browser.Jar.SetCookies(f.current().forNet(), cookies)
}

func (f *fetch) withCredentials() bool {
	return f.include || f.mode == SameOrigin && !f.cors && !f.opaque
}

// crossSite tells whether the page, or a URL that led here, is of another site than the current URL.
func (f *fetch) crossSite() bool {
	current := f.current().origin()
	if !SameSite(f.origin, current) {
		return true
	}
	for _, u := range f.urls {
		if !SameSite(u.origin(), current) {
			return true
		}
	}
	return false
}

// SameSite tells whether two origins are of one site: of one scheme, and one registrable domain.
//
// See https://html.spec.whatwg.org/multipage/browsers.html#same-site.
func SameSite(a, b string) bool {
	schemeA, hostA := splitOrigin(a)
	schemeB, hostB := splitOrigin(b)
	return hostA != "" && schemeA == schemeB && (hostA == hostB || registrableDomain(hostA) != "" && registrableDomain(hostA) == registrableDomain(hostB))
}

// splitOrigin returns an origin's scheme and its host without the port.
func splitOrigin(origin string) (scheme, host string) {
	scheme, host, _ = strings.Cut(origin, "://")
	if colon := strings.LastIndexByte(host, ':'); colon > strings.LastIndexByte(host, ']') {
		host = host[:colon]
	}
	return scheme, host
}

// registrableDomain returns the public suffix of host and one label more, or "" where there is no such thing.
func registrableDomain(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	domain, err := publicsuffix.EffectiveTLDPlusOne(host)
	if err != nil {
		return ""
	}
	return domain
}

// isTrustworthy tells whether nobody on the way can tamper with what an origin sends: https, and one's own machine.
//
// See https://w3c.github.io/webappsec-secure-contexts/#potentially-trustworthy-origin.
func isTrustworthy(scheme, hostPort string) bool {
	_, host := splitOrigin(scheme + "://" + hostPort)
	if scheme == "https" || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && address.IsLoopback()
}

// forNet returns what a jar knows the URL by.
func (u *webURL) forNet() *url.URL {
	scheme := u.scheme
	if isTrustworthy(u.scheme, u.host) {
		// Browsers take Secure cookies from one's own machine and send them there, without TLS too.
		scheme = "https"
	}
	return &url.URL{Scheme: scheme, Host: u.hostPort(), Path: u.parsed.Pathname()}
}
