package cors

import (
	"fmt"
	"strings"
)

// origins reads AllowOrigins.
func (check *configCheck) origins(c *Config) originSet {
	const field = "AllowOrigins"
	if len(c.AllowOrigins) == 0 && c.AllowOriginFunc == nil {
		check.field(field, "", CodeNoOrigins, `lists no origins, so that no page could use the API; list them, or "*" for all (a variable `+
			"that is not set lists none)")
	}
	alone := c.wildcardIsAlone()
	var any, null bool
	patterns := make([]originPattern, 0, len(c.AllowOrigins))
	for i, s := range c.AllowOrigins {
		pattern := originPattern{text: s}
		switch s {
		case wildcard:
			any = true
		case nullOrigin:
			null = true
		default:
			var ok bool
			if pattern, ok = parseOriginPattern(s); !ok {
				check.entry(field, i, s, c.originMistake(s))
				continue
			}
			patterns = append(patterns, pattern)
		}
		dangers := c.dangersOf(pattern)
		for _, m := range dangers {
			check.entry(field, i, s, m)
		}
		if s == wildcard && !alone && len(dangers) == 0 {
			check.entry(field, i, s, mistake{code: CodeWildcardNotAlone, reason: "allows every origin, so that neither the others nor " +
				"AllowOriginFunc would do anything; leave it out, or them"})
		}
	}
	if len(check.mistakes) > 0 {
		return originSet{}
	}
	return newOriginSet(patterns, any, null)
}

// wildcardIsAlone tells whether nothing but "*" says which origins are allowed, if "*" is there at all.
func (c *Config) wildcardIsAlone() bool {
	for _, s := range c.AllowOrigins {
		if s != wildcard {
			return false
		}
	}
	return c.AllowOriginFunc == nil
}

// originMistake tells why s is no origin and no pattern. A suggestion stays if New would take it.
func (c *Config) originMistake(s string) mistake {
	m := originMistake(s)
	if m.suggestion == "" {
		return m
	}
	p, ok := parseOriginPattern(m.suggestion)
	if m.suggestion == nullOrigin {
		p, ok = originPattern{text: nullOrigin}, true
	}
	if !ok || m.suggestion == s || len(c.dangersOf(p)) > 0 {
		m.suggestion = ""
	}
	return m
}

// dangersOf tells what must not be allowed to the origins that a pattern has, the words "*" and "null"
// included, unless the Config says that it is meant.
func (c *Config) dangersOf(p originPattern) (found []mistake) {
	everyone := p.text == wildcard || p.hosts == anyHost && !isOpaque(p.scheme)
	if everyone && c.AllowPrivateNetwork && !c.DangerouslyAllowPrivateNetworkFromAnyOrigin {
		found = append(found, mistake{code: CodeWildcardPrivateNetwork, reason: "cannot be combined with AllowPrivateNetwork, which would let " +
			"every site into its visitors' own networks; list the origins, or set DangerouslyAllowPrivateNetworkFromAnyOrigin"})
	}
	if !c.AllowCredentials {
		return found
	}
	switch {
	case p.text == nullOrigin:
		return append(found, mistake{code: CodeNullWithCredentials, reason: "cannot be combined with AllowCredentials, because every site can " +
			"make itself a frame with that origin"})
	case everyone && !c.DangerouslyAllowAnyOriginWithCredentials:
		return append(found, mistake{code: CodeWildcardWithCredentials, reason: "cannot be combined with AllowCredentials, which would let every " +
			"site act for its visitors; list the origins"})
	case everyone:
		return found
	case p.scheme == "file" && !c.DangerouslyAllowInsecureOrigins:
		found = append(found, mistake{code: CodeInsecureWithCredentials, reason: "is the origin of every file that a visitor opens, such as one that " +
			"a stranger has sent, which could then act for the visitor; serve the pages, or set DangerouslyAllowInsecureOrigins"})
	case p.isInsecure() && !c.DangerouslyAllowInsecureOrigins:
		found = append(found, mistake{code: CodeInsecureWithCredentials, reason: "is not secure, so that anybody on a visitor's network could " +
			"act for the visitor; use https, or set DangerouslyAllowInsecureOrigins"})
	}
	if place := openToStrangers(p.baseDomain()); place != "" && !c.DangerouslyAllowPublicSuffixes {
		found = append(found, mistake{code: CodePublicSuffixWithCredentials, reason: fmt.Sprintf("allows subdomains of %s, where "+
			"anybody can register one; list domains, or set DangerouslyAllowPublicSuffixes", place)})
	}
	return found
}

// baseDomain returns the domain that a pattern has subdomains of, or "".
func (p originPattern) baseDomain() string {
	if p.hosts != subdomainsOf && p.hosts != partOfLabel {
		return ""
	}
	return strings.ToLower(strings.TrimSuffix(p.host, "."))
}
