package main

import (
	"crypto/x509"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/bytecors/cors/corstest"
)

// options is the question that the command line asks.
type options struct {
	origin        string
	request       corstest.Request
	config        string
	har           string
	engine        corstest.Engine
	allEngines    bool
	json          bool
	passive       bool
	preflightOnly bool
	insecure      bool
	caFile        string
	verbose       bool
	noColor       bool
	version       bool
	timeout       time.Duration

	stdin   io.Reader
	assumed string // what was made of a URL without a scheme, as a sentence
}

// maxInput bounds the files that are read, in bytes.
const maxInput = 64 << 20

// headerFlag collects "Name: value", once for each -header.
type headerFlag corstest.Header

func (h *headerFlag) String() string { return "" }

func (h *headerFlag) Set(line string) error {
	name, value, found := strings.Cut(line, ":")
	if !found || strings.TrimSpace(name) == "" {
		return fmt.Errorf("want %q", "Name: value")
	}
	*h = append(*h, [2]string{strings.TrimSpace(name), strings.TrimSpace(value)})
	return nil
}

// written is what the flags say before it is put together.
type written struct {
	method, data, user, cookie, mode, engine, curl string
	header                                         headerFlag
	credentials                                    bool
}

// aliases are the short names of flags, and curl's.
var aliases = map[string]string{
	"X": "method", "request": "method", "H": "header", "d": "data", "k": "insecure", "u": "user", "b": "cookie", "v": "verbose", "V": "version",
}

// parseOptions reads the command line. Flags may stand before and behind the URL. What is wrong with a flag is in the
// error alone; help is written to stdout. The options are never nil.
func parseOptions(args []string, stdin io.Reader, stdout io.Writer) (*options, error) {
	o := &options{stdin: stdin}
	var w written
	flags := flag.NewFlagSet("corscheck", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&o.origin, "origin", "", "the page's `origin`, such as https://app.example.com, or null")
	flags.StringVar(&w.method, "method", "", "the `method` of the request (default GET, or POST with -data)")
	flags.Var(&w.header, "header", "a request header, as `\"Name: value\"`; may be repeated")
	flags.BoolVar(&w.credentials, "credentials", false, "include credentials (cookies, HTTP authentication)")
	flags.StringVar(&w.data, "data", "", "the `body` of the request; @file reads it from a file, @- from standard input")
	flags.StringVar(&w.cookie, "cookie", "", "a `cookie` that the browser holds, as id=1; includes credentials")
	flags.StringVar(&w.user, "user", "", "`name:password` for the header Authorization, as a page that sets it would send it")
	flags.StringVar(&w.mode, "mode", "cors", "the `mode` of the request: cors, or no-cors for what <img>, <script> and <link> load")
	flags.BoolVar(&o.preflightOnly, "preflight-only", false, "send the preflight alone, where the request would do harm")
	flags.BoolVar(&o.passive, "passive", false, "send nothing beyond what a browser would: do not ask again to find a cause")
	flags.StringVar(&o.config, "config", "", "check this `file`, the JSON of a cors.Config (- is standard input), and decide by it, without a server")
	flags.StringVar(&o.har, "har", "", "explain each blocked request in this `file`, which a browser's network tab has saved (- is standard input)")
	flags.StringVar(&w.curl, "curl", "", "take the request from this `text`, which \"Copy as cURL\" has copied (- is standard input)")
	flags.StringVar(&w.engine, "engine", "standard", "the `engine` whose rules decide: "+strings.Join(engineNames(), ", ")+", or all to see each verdict where they differ")
	flags.BoolVar(&o.insecure, "insecure", false, "take any TLS certificate")
	flags.StringVar(&o.caFile, "cacert", "", "trust the authorities in this `file` (PEM), too")
	flags.BoolVar(&o.json, "json", false, "write JSON")
	flags.BoolVar(&o.verbose, "verbose", false, "show every header line, in full")
	flags.BoolVar(&o.noColor, "no-color", false, "no colors, as with the environment variable NO_COLOR")
	flags.BoolVar(&o.version, "version", false, "tell the version")
	flags.DurationVar(&o.timeout, "timeout", 10*time.Second, "how `long` everything may take, such as 500ms, 10s or 1m")
	for short, long := range aliases {
		flags.Var(flags.Lookup(long).Value, short, "")
	}

	var urls []string
	for {
		if err := flags.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				writeUsage(stdout, flags)
			}
			return o, err
		}
		if flags.NArg() == 0 {
			break
		}
		urls = append(urls, flags.Arg(0))
		args = flags.Args()[1:]
	}
	if o.version {
		return o, nil
	}
	if err := o.take(w); err != nil {
		return o, err
	}
	return o, o.check(urls)
}

// take puts together what the flags say.
func (o *options) take(w written) (err error) {
	if w.curl != "" {
		text, err := o.readText("-curl", w.curl)
		if err != nil {
			return err
		}
		if err := o.takeCurl(text); err != nil {
			return fmt.Errorf("-curl: %w", err)
		}
	}
	r := &o.request
	if w.method != "" {
		r.Method = w.method
	}
	r.Header = append(r.Header, corstest.Header(w.header)...)
	if w.user != "" {
		r.Header = append(r.Header, [2]string{"Authorization", "Basic " + base64.StdEncoding.EncodeToString([]byte(w.user))})
	}
	if w.cookie != "" {
		r.Cookie = w.cookie
	}
	if w.credentials || w.cookie != "" {
		r.Credentials = corstest.Include
	}
	if w.data != "" {
		if r.Body, err = o.readData(w.data); err != nil {
			return fmt.Errorf("-data: %w", err)
		}
	}
	if r.Method == "" && r.Body != "" {
		r.Method = "POST"
	}
	switch w.mode {
	case "cors":
	case "no-cors":
		r.NoCORS = true
	default:
		return fmt.Errorf("-mode is cors or no-cors, not %q", w.mode)
	}
	if w.engine == "all" {
		o.allEngines = true
		return nil
	}
	for _, engine := range engines() {
		// The port has a name of its own, and most people think of the engine's.
		if engine.String() == w.engine || engine == corstest.WebKitGTK && w.engine == "webkit" {
			o.engine = engine
			return nil
		}
	}
	return fmt.Errorf("-engine is one of %s or all, not %q", strings.Join(engineNames(), ", "), w.engine)
}

func (o *options) check(urls []string) error {
	if len(urls) == 1 {
		o.request.URL, o.assumed = withScheme(urls[0])
	}
	switch {
	case o.timeout <= 0:
		return fmt.Errorf("-timeout has to be positive: %s", o.timeout)
	case len(urls) > 1:
		return fmt.Errorf("one URL at a time: %s", strings.Join(urls, " "))
	case o.har != "":
		if o.request.URL != "" || o.config != "" {
			return errors.New("-har takes all requests from the file: no URL, and no -config")
		}
		if o.origin != "" {
			return o.checkOrigin()
		}
		return nil
	case o.config != "" && o.origin == "" && o.request.URL == "":
		return nil
	case o.request.URL == "" && o.config == "":
		return errors.New("which URL? corscheck -origin ORIGIN [flags] URL (-help lists the flags)")
	case o.origin == "":
		return errors.New("which origin does the page have? -origin https://app.example.com")
	}
	return o.checkOrigin()
}

func (o *options) checkOrigin() error {
	if err := corstest.CheckOrigin(o.origin); err != nil {
		return fmt.Errorf("-origin: %w", err)
	}
	return nil
}

// readText returns a flag's value, or what standard input has for "-".
func (o *options) readText(name, value string) (string, error) {
	if value != "-" {
		return value, nil
	}
	text, err := readAll(o.stdin)
	if err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	return string(text), nil
}

// readData returns what curl's -d means.
func (o *options) readData(value string) (string, error) {
	name, isFile := strings.CutPrefix(value, "@")
	if !isFile {
		return value, nil
	}
	text, err := o.readFile(name)
	return string(text), err
}

// readFile reads a file, or standard input for "-".
func (o *options) readFile(name string) ([]byte, error) {
	if name == "-" {
		return readAll(o.stdin)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return readAll(file)
}

func readAll(r io.Reader) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxInput+1))
	if err == nil && len(text) > maxInput {
		err = fmt.Errorf("more than %d bytes", maxInput)
	}
	return text, err
}

// roots returns the authorities that are trusted; nil are the system's.
func (o *options) roots() (*x509.CertPool, error) {
	if o.caFile == "" {
		return nil, nil
	}
	text, err := o.readFile(o.caFile)
	if err != nil {
		return nil, fmt.Errorf("-cacert: %w", err)
	}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("-cacert: %s has no certificate (PEM)", o.caFile)
	}
	return pool, nil
}

// version returns the module's version, as the go command has built it in.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

func engines() []corstest.Engine {
	return append([]corstest.Engine{corstest.Standard}, corstest.Engines()...)
}

func engineNames() (names []string) {
	for _, engine := range engines() {
		names = append(names, engine.String())
	}
	return names
}

func writeUsage(w io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(w, `corscheck asks a server, as a browser would, whether a page may send a request and read the response,
and finds out why not.

usage: corscheck -origin ORIGIN [flags] URL
       corscheck -curl TEXT [flags]
       corscheck -har FILE
       corscheck -config FILE [-origin ORIGIN [flags] [URL]]

exit status: 0 allowed, 1 blocked, 2 the question is not well formed or no response came

`)
	shorts := make(map[string][]string)
	for short, long := range aliases {
		if len(short) == 1 {
			shorts[long] = append(shorts[long], short)
		}
	}
	flags.VisitAll(func(f *flag.Flag) {
		if aliases[f.Name] != "" {
			return
		}
		name := "-" + f.Name
		for _, short := range shorts[f.Name] {
			name += ", -" + short
		}
		argument, usage := flag.UnquoteUsage(f)
		if argument != "" {
			name += " " + argument
		}
		if f.DefValue != "" && f.DefValue != "false" {
			usage += " (default " + f.DefValue + ")"
		}
		fmt.Fprintf(w, "  %s\n    \t%s\n", name, usage)
	})
}
