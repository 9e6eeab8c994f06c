package cors

import (
	"bytes"
	"strings"
)

// originMatcher is an originPattern other than an exact origin, cut for comparing:
//
//	https://*.example.com:8080   prefix "https://"            suffix ".example.com:8080"
//	https://app-*.example.com    prefix "https://app-"        suffix ".example.com"
//	http://localhost:*           prefix "http://localhost"    suffix ""
//	https://*                    prefix "https://"            suffix ""
//
// What an origin has between the two must be labels for the first, the rest of a label for the second, nothing
// for the third and a host for the fourth.
type originMatcher struct {
	prefix, suffix string
	scheme         string
	hosts          hostRule
	anyPort        bool
	opaque         bool
	labels         *labelBytes
	longestHost    int // between the two: a host has a length that DNS can carry
	longestLabel   int // of partOfLabel, the same for what "*" stands for
}

func newOriginMatcher(p originPattern) originMatcher {
	m := originMatcher{
		prefix:       p.scheme + "://",
		scheme:       p.scheme,
		hosts:        p.hosts,
		anyPort:      p.port == anyPort,
		labels:       labelsOf(p.scheme),
		opaque:       isOpaque(p.scheme),
		longestHost:  maxHostLen,
		longestLabel: maxLabelLen - len(p.prefix) - len(p.suffix),
	}
	switch p.hosts {
	case oneHost:
		m.prefix += p.host
	case subdomainsOf:
		m.suffix = "." + p.host
	case partOfLabel:
		m.prefix += p.prefix
		m.suffix = p.suffix + "." + p.host
		m.longestHost -= len(p.prefix)
	}
	m.longestHost -= len(m.suffix)
	if !m.anyPort && p.port != "" {
		m.suffix += ":" + p.port
	}
	return m
}

func (m *originMatcher) matches(o []byte) bool {
	if len(o) < len(m.prefix) || string(o[:len(m.prefix)]) != m.prefix {
		return false
	}
	if m.opaque && m.hosts == anyHost {
		return isHostAndPort(o[len(m.prefix):])
	}
	if m.anyPort {
		o = cutPort(o, m.scheme)
	}
	end := len(o) - len(m.suffix)
	if end < len(m.prefix) || string(o[end:]) != m.suffix {
		return false
	}
	between := o[len(m.prefix):end]
	switch m.hosts {
	case subdomainsOf:
		return len(between) <= m.longestHost && isLabels(between, m.labels)
	case partOfLabel:
		return len(between) <= min(m.longestLabel, m.longestHost) && isPartOfLabel(between, m.labels)
	case anyHost:
		return isAnyHost(between)
	}
	return len(between) == 0
}

// isPartOfLabel tells whether b is one or more bytes of a label.
func isPartOfLabel(b []byte, bytes *labelBytes) bool {
	for _, c := range b {
		if bytes[c] == 0 {
			return false
		}
	}
	return len(b) > 0
}

// isAnyHost tells whether b is what "*" for the whole host of http and https stands for: a domain, whatever a URL
// parser lets it have, or an address.
func isAnyHost(b []byte) bool {
	inBrackets := len(b) > 2 && b[0] == '[' && b[len(b)-1] == ']'
	if inBrackets {
		b = b[1 : len(b)-1]
	}
	for _, c := range b {
		isAddress := c-'0' <= 9 || c-'a' <= 5 || c == ':' || c == '.'
		isDomain := byteClass[c]&classOrigin != 0 && c != ':' && c != '[' && c != ']' && c-'A' >= 26
		if inBrackets && !isAddress || !inBrackets && !isDomain {
			return false
		}
	}
	return len(b) > 0
}

// schemePatterns holds the patterns of one scheme, where a policy has many. An origin is cut at the dots of
// its host, from the right and no further than the longest pattern, and what is behind each is looked up:
//
//	https://a.b.example.com:8080   example.com:8080 in subdomains, example.com in subdomainsAnyPort, ...
//
// What is behind the first dot is looked up among the patterns for a part of the first label, too.
type schemePatterns struct {
	scheme            string
	labels            *labelBytes
	anyHost           *originMatcher             // https://*
	hostsAnyPort      byteTable                  // http://localhost:*
	subdomains        byteTable                  // https://*.example.com, https://*.example.com:8080; without the "*."
	subdomainsAnyPort byteTable                  // https://*.example.com:*; without the "*." and the port
	parts             map[string][]originMatcher // https://app-*.example.com, by what is behind the label; without a port that is any
	mostDots          int                        // in any key of subdomains and subdomainsAnyPort
}

func newSchemePatterns(scheme string, patterns []originPattern) *schemePatterns {
	s := &schemePatterns{scheme: scheme, labels: labelsOf(scheme), parts: map[string][]originMatcher{}}
	var hostsAnyPort, subdomains, subdomainsAnyPort []string
	for _, p := range patterns {
		hostport := p.host
		if p.port != "" && p.port != anyPort {
			hostport += ":" + p.port
		}
		switch {
		case p.hosts == anyHost && (s.anyHost == nil || p.port == anyPort):
			m := newOriginMatcher(p)
			s.anyHost = &m
		case p.hosts == anyHost:
		case p.hosts == oneHost:
			hostsAnyPort = append(hostsAnyPort, p.host)
		case p.hosts == partOfLabel:
			s.parts[hostport] = append(s.parts[hostport], newOriginMatcher(p))
		case p.port == anyPort:
			subdomainsAnyPort = append(subdomainsAnyPort, p.host)
		default:
			subdomains = append(subdomains, hostport)
		}
		if p.hosts == subdomainsOf {
			s.mostDots = max(s.mostDots, strings.Count(p.host, "."))
		}
	}
	s.hostsAnyPort = newByteTable(hostsAnyPort)
	s.subdomains = newByteTable(subdomains)
	s.subdomainsAnyPort = newByteTable(subdomainsAnyPort)
	return s
}

// match is for an origin that has the scheme already.
func (s *schemePatterns) match(o []byte) bool {
	rest := o[len(s.scheme):]
	if len(rest) < len("://") || string(rest[:len("://")]) != "://" {
		return false
	}
	if s.anyHost != nil && s.anyHost.matches(o) {
		return true
	}
	hostport := rest[len("://"):]
	host := cutPort(hostport, s.scheme)
	return s.hostsAnyPort.has(host) || s.matchPart(o, hostport, host) || s.matchSubdomain(hostport, host)
}

// matchPart looks for the patterns that match a part of the first label.
func (s *schemePatterns) matchPart(o, hostport, host []byte) bool {
	if len(s.parts) == 0 {
		return false
	}
	dot := bytes.IndexByte(host, '.')
	if dot < 0 {
		return false
	}
	for _, behind := range [...][]byte{hostport[dot+1:], host[dot+1:]} {
		matchers := s.parts[string(behind)]
		for i := range matchers {
			if matchers[i].matches(o) {
				return true
			}
		}
		if len(host) == len(hostport) {
			break
		}
	}
	return false
}

// matchSubdomain looks for the patterns that match whole labels.
func (s *schemePatterns) matchSubdomain(hostport, host []byte) bool {
	dot := len(host)
	for range s.mostDots + 1 {
		if dot = bytes.LastIndexByte(host[:dot], '.'); dot < 0 {
			return false
		}
		if s.subdomains.has(hostport[dot+1:]) || s.subdomainsAnyPort.has(host[dot+1:]) {
			return len(host) <= maxHostLen && isLabels(host[:dot], s.labels)
		}
	}
	return false
}
