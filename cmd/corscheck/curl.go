package main

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/bytecors/cors/corstest"
)

// What curl's options mean here. Those without a meaning for CORS are read and left.
var (
	curlWithValue = map[string]string{
		"-X": "method", "--request": "method", "-H": "header", "--header": "header",
		"-d": "data", "--data": "data", "--data-raw": "data", "--data-binary": "data", "--data-ascii": "data", "--data-urlencode": "data", "--json": "json",
		"-F": "form", "--form": "form", "--form-string": "form", "-b": "cookie", "--cookie": "cookie", "-u": "user", "--user": "user",
		"-e": "referer", "--referer": "referer", "--url": "url", "--cacert": "cacert",
		"-A": "", "--user-agent": "", "-o": "", "--output": "", "-m": "", "--max-time": "", "--connect-timeout": "", "-x": "", "--proxy": "",
		"-c": "", "--cookie-jar": "", "-w": "", "--write-out": "", "-D": "", "--dump-header": "", "--resolve": "", "--retry": "", "-E": "", "--cert": "", "--key": "",
	}
	curlFlags = map[string]string{
		"-k": "insecure", "--insecure": "insecure", "-I": "head", "--head": "head", "-G": "get", "--get": "get",
		"-L": "", "--location": "", "-i": "", "--include": "", "-s": "", "--silent": "", "-S": "", "--show-error": "", "-v": "", "--verbose": "", "-f": "", "--fail": "",
		"--compressed": "", "--http1.1": "", "--http2": "", "--http2-prior-knowledge": "", "--http3": "", "-g": "", "--globoff": "", "-N": "", "--no-buffer": "", "-#": "", "-4": "", "-6": "",
	}
)

// addedByBrowsers are headers that "Copy as cURL" shows although no page has set them. What a page may not set anyway
// needs no place here.
var addedByBrowsers = []string{"user-agent", "accept-language", "priority", "x-client-data", "x-browser-channel", "x-browser-copyright", "x-browser-validation", "x-browser-year"}

// takeCurl makes the request out of a curl command.
func (o *options) takeCurl(text string) error {
	words, err := shellWords(text)
	if err != nil {
		return err
	}
	if len(words) == 0 || words[0] != "curl" && words[0] != "curl.exe" {
		return errors.New(`this is no curl command: in the browser's network tab, choose "Copy as cURL"`)
	}
	c := curlCommand{o: o, r: &o.request}
	if err := c.read(words[1:]); err != nil {
		return err
	}
	return c.finish()
}

// curlCommand is a curl command while it is read.
type curlCommand struct {
	o *options
	r *corstest.Request

	data      []string
	referer   string
	query     bool // whether data goes with the URL
	formatted bool // whether the data has a type of its own
}

func (c *curlCommand) read(words []string) error {
	for i := 0; i < len(words); i++ {
		word := words[i]
		if !strings.HasPrefix(word, "-") || word == "-" {
			if err := c.url(word); err != nil {
				return err
			}
			continue
		}
		name, value, attached := splitOption(word)
		if meaning, ok := curlFlags[name]; ok {
			c.flag(meaning)
			if attached && !strings.HasPrefix(name, "--") {
				words[i] = "-" + value // the other letters of -sSL
				i--
			}
			continue
		}
		meaning, ok := curlWithValue[name]
		if !ok {
			return fmt.Errorf("curl's option %s is not known here", name)
		}
		if !attached {
			if i++; i == len(words) {
				return fmt.Errorf("nothing follows %s", name)
			}
			value = words[i]
		}
		if err := c.option(meaning, value); err != nil {
			return err
		}
	}
	return nil
}

// splitOption tells an option from a value that is written together with it: -XPOST, --request=POST.
func splitOption(word string) (name, value string, attached bool) {
	if strings.HasPrefix(word, "--") {
		return strings.Cut(word, "=")
	}
	if len(word) == 2 {
		return word, "", false
	}
	return word[:2], word[2:], true
}

func (c *curlCommand) url(word string) error {
	if c.r.URL != "" {
		return fmt.Errorf("one URL at a time: %s", word)
	}
	c.r.URL, c.o.assumed = withScheme(word)
	return nil
}

func (c *curlCommand) flag(meaning string) {
	switch meaning {
	case "insecure":
		c.o.insecure = true
	case "head":
		c.r.Method = "HEAD"
	case "get":
		c.query = true
	}
}

func (c *curlCommand) option(meaning, value string) error {
	switch meaning {
	case "method":
		c.r.Method = value
	case "url":
		return c.url(value)
	case "header":
		return c.header(value)
	case "data", "json", "form":
		c.data = append(c.data, value)
		switch meaning {
		case "json":
			c.r.Header = append(c.r.Header, [2]string{"Content-Type", "application/json"})
			c.formatted = true
		case "form":
			c.r.Header = append(c.r.Header, [2]string{"Content-Type", "multipart/form-data; boundary=x"})
			c.formatted = true
		}
	case "cookie":
		c.cookie(value)
	case "user":
		c.r.Header = append(c.r.Header, [2]string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(value))})
	case "referer":
		c.referer = value
	case "cacert":
		c.o.caFile = value
	}
	return nil
}

func (c *curlCommand) header(line string) error {
	name, value, found := strings.Cut(line, ":")
	if !found {
		name, found = strings.CutSuffix(line, ";") // curl's way to send an empty one
	}
	if !found {
		return fmt.Errorf("header %q: want %q", line, "Name: value")
	}
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	switch lower := strings.ToLower(name); {
	case lower == "origin":
		if c.o.origin == "" {
			c.o.origin = value
		}
	case lower == "referer":
		c.referer = value
	case lower == "cookie":
		c.cookie(value)
	case strings.HasPrefix(lower, "sec-"), slices.Contains(addedByBrowsers, lower):
	default:
		c.formatted = c.formatted || lower == "content-type"
		c.r.Header = append(c.r.Header, [2]string{name, value})
	}
	return nil
}

func (c *curlCommand) cookie(value string) {
	c.r.Cookie, c.r.Credentials = value, corstest.Include
}

func (c *curlCommand) finish() error {
	if c.r.URL == "" {
		return errors.New("the command has no URL")
	}
	body := strings.Join(c.data, "&")
	switch {
	case body == "":
	case c.query:
		separator := "?"
		if strings.Contains(c.r.URL, "?") {
			separator = "&"
		}
		c.r.URL += separator + body
	default:
		c.r.Body = body
		if c.r.Method == "" {
			c.r.Method = "POST"
		}
		if !c.formatted {
			c.r.Header = append(c.r.Header, [2]string{"Content-Type", "application/x-www-form-urlencoded"})
		}
	}
	c.dropReload()
	if u, err := url.Parse(c.referer); c.o.origin == "" && err == nil && u.Host != "" {
		c.o.origin = u.Scheme + "://" + u.Host
	}
	return nil
}

// dropReload removes what the network tab's "Disable cache" adds: no page has set it.
func (c *curlCommand) dropReload() {
	has := func(name, value string) bool {
		return strings.EqualFold(c.r.Header.Get(name), value)
	}
	if has("Pragma", "no-cache") && has("Cache-Control", "no-cache") {
		c.r.Header = slices.DeleteFunc(c.r.Header, func(line [2]string) bool {
			return strings.EqualFold(line[0], "Pragma") || strings.EqualFold(line[0], "Cache-Control")
		})
	}
}

// shellWords splits a command as a POSIX shell would, and as cmd.exe would where its escapes are found.
func shellWords(text string) ([]string, error) {
	if strings.Contains(text, `^"`) {
		text = fromCmd(text)
	}
	var words []string
	var word strings.Builder
	inWord := false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
			continue
		case c == '\\' && i+1 < len(text):
			i++
			if text[i] == '\r' && i+1 < len(text) && text[i+1] == '\n' {
				i++
			}
			if text[i] == '\n' {
				continue // a line that goes on
			}
			word.WriteByte(text[i])
		case c == '\'', c == '"', c == '$' && i+1 < len(text) && text[i+1] == '\'':
			length, err := quotedWord(&word, text[i:])
			if err != nil {
				return nil, err
			}
			i += length - 1
		default:
			word.WriteByte(c)
		}
		inWord = true
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// quotedWord reads what is in quotes at the beginning of text: '...', "..." or $'...'.
func quotedWord(word *strings.Builder, text string) (length int, err error) {
	quote, i := text[0], 1
	if quote == '$' {
		quote, i = '$', 2
	}
	for ; i < len(text); i++ {
		switch c := text[i]; {
		case c == quote, quote == '$' && c == '\'':
			return i + 1, nil
		case c == '\\' && quote == '"' && i+1 < len(text) && strings.IndexByte("\"\\$`\n", text[i+1]) >= 0:
			if i++; text[i] != '\n' {
				word.WriteByte(text[i])
			}
		case c == '\\' && quote == '$':
			r, n := ansiEscape(text[i:])
			word.WriteString(r)
			i += n - 1
		default:
			word.WriteByte(c)
		}
	}
	return 0, errors.New("a quote is not closed")
}

// ansiEscape reads one escape of $'...', which begins with a backslash.
func ansiEscape(text string) (value string, length int) {
	if len(text) < 2 {
		return text, len(text)
	}
	digits := map[byte]int{'x': 2, 'u': 4, 'U': 8}[text[1]]
	if digits > 0 {
		end := 2
		for end < len(text) && end < 2+digits && strings.IndexByte("0123456789abcdefABCDEF", text[end]) >= 0 {
			end++
		}
		n, err := strconv.ParseUint(text[2:end], 16, 32)
		switch {
		case err != nil:
			return text[:2], 2
		case text[1] == 'x':
			return string([]byte{byte(n)}), end
		}
		return string(rune(n)), end
	}
	if plain, ok := map[byte]string{'n': "\n", 't': "\t", 'r': "\r", 'a': "\a", 'b': "\b", 'f': "\f", 'v': "\v", '0': "\x00"}[text[1]]; ok {
		return plain, 2
	}
	return text[1:2], 2
}

// fromCmd undoes what cmd.exe needs: a caret in front of what it would else take for its own, also at the end of a line.
func fromCmd(text string) string {
	text = strings.NewReplacer("^\r\n", "", "^\n", "").Replace(text)
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] == '^' && i+1 < len(text) {
			i++
		}
		b.WriteByte(text[i])
	}
	return b.String()
}
