package corstest

import "strings"

// received returns the lines of a response as the engine reads those that no server should send, and some do:
//
//   - A name with white space before its colon, which RFC 9112 section 5.1 has proxies remove. Firefox and WebKitGTK
//     leave out the line.
//   - A carriage return that ends no line, which section 2.2 has read as a space. To Chromium it ends the line. Firefox keeps
//     it in all but lists and what script reads.
func (e Engine) received(h Header) Header {
	var out Header
	for _, line := range h {
		name, value := nameOf(line), line[1]
		if name != line[0] && (e == Firefox || e == WebKitGTK) {
			continue
		}
		switch e {
		case Chromium:
			value, rest, _ := strings.Cut(value, "\r")
			out = append(out, [2]string{name, strings.TrimRight(value, "\t ")})
			for line := range strings.SplitSeq(rest, "\r") {
				if name, value, found := strings.Cut(line, ":"); found {
					out = append(out, [2]string{strings.TrimRight(name, "\t "), strings.Trim(value, "\t ")})
				}
			}
			continue
		case Standard, WebKitGTK:
			value = strings.Trim(strings.ReplaceAll(value, "\r", " "), "\t ")
		}
		out = append(out, [2]string{name, value})
	}
	return out
}

// unread returns the line of a response that has a name and that the engine leaves out, or "".
func (e Engine) unread(response Header, name string) string {
	if e.received(response).Has(name) {
		return ""
	}
	for _, line := range response {
		if equalFold(nameOf(line), name) {
			return line[0] + ": " + line[1]
		}
	}
	return ""
}

// nameOf returns a line's name without white space before the colon.
func nameOf(line [2]string) string { return strings.TrimRight(line[0], "\t ") }
