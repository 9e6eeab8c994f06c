package diagnose

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
)

// mixedContent tells whether an https page asks for http, which browsers block whatever CORS says. One's own machine is exempt.
//
// See https://w3c.github.io/webappsec-mixed-content/#should-block-fetch.
func (d *diagnosis) mixedContent() {
	if d.report.Verdict == Failed || !strings.HasPrefix(d.result.Origin, "https://") {
		return
	}
	for _, hop := range d.result.Hops {
		if !isHTTP(hop.URL) || isOwnMachine(hostOf(hop.URL)) {
			continue
		}
		message := fmt.Sprintf("A page that came by https may not use %s, which is http: browsers block that as mixed content.", hop.URL)
		if d.report.Verdict == Allowed {
			message = "CORS allows it, but a" + message[1:]
		}
		if isPrivate(addressOf(hop.URL, nil)) {
			message += " (Chrome 142 and later ask the user instead, as this is a private address; Firefox and Safari do not.)"
		}
		d.report.Verdict = Blocked
		d.certain(MixedContent, message, "Serve the API by https.")
		return
	}
}

// localNetwork tells of Local Network Access: https://wicg.github.io/local-network-access/.
func (d *diagnosis) localNetwork() {
	page := addressOf(d.result.Origin, nil)
	if isPrivate(page) || isOwnMachine(hostOf(d.result.Origin)) {
		return
	}
	for _, hop := range d.result.Hops {
		x := hop.Actual
		if x == nil {
			x = hop.PreflightExchange
		}
		var remote net.Addr
		if x != nil {
			remote = x.RemoteAddr
		}
		address := addressOf(hop.URL, remote)
		kind := "at a private address"
		switch {
		case isOwnMachine(hostOf(hop.URL)), address.IsLoopback():
			kind = "on this machine (loopback)"
		case !isPrivate(address):
			continue
		}
		message := fmt.Sprintf("The server is %s. Chrome (142 and later) asks the user before a page from a public address may reach it (Local Network Access); no header grants that.", kind)
		if strings.HasPrefix(d.result.Origin, "http://") {
			message += " A page that did not come by https may not even ask."
		}
		d.note(LocalNetwork, message)
		return
	}
}

// isOwnMachine tells whether a host, or host and port, is loopback by its name.
func isOwnMachine(hostPort string) bool {
	host := hostPort
	if h, _, err := net.SplitHostPort(hostPort); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	address, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && address.Unmap().IsLoopback()
}

// addressOf returns the address in a URL's host, or the one that was connected to.
func addressOf(url string, remote net.Addr) netip.Addr {
	host := hostOf(url)
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	if address, err := netip.ParseAddr(strings.Trim(host, "[]")); err == nil {
		return address.Unmap()
	}
	if remote != nil {
		if address, err := netip.ParseAddrPort(remote.String()); err == nil {
			return address.Addr().Unmap()
		}
	}
	return netip.Addr{}
}

var carrierNAT = netip.MustParsePrefix("100.64.0.0/10")

// isPrivate tells whether an address is one that the public network does not reach.
func isPrivate(address netip.Addr) bool {
	return address.IsValid() && (address.IsPrivate() || address.IsLoopback() || address.IsLinkLocalUnicast() || carrierNAT.Contains(address))
}
