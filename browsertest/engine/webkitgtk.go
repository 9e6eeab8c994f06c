package engine

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
)

// webkitGTK is driven through WebKitWebDriver, a program that starts WebKit's MiniBrowser. That needs a display, which
// Xvfb has.
type webkitGTK struct {
	group       *group
	session     string // URL
	version     string
	environment []string // of the processes
	browser     string   // the program

	mu    sync.Mutex // a session has one current window, and one command at a time
	first string     // the window that stays: the session would end with the last
}

func startWebKitGTK() (Engine, error) {
	driver, err := find("BYTECORS_WEBKIT", "WebKitWebDriver")
	if err != nil {
		return nil, err
	}
	xvfb, err := find("BYTECORS_XVFB", "Xvfb")
	if err != nil {
		return nil, err
	}
	browser, err := findMiniBrowser()
	if err != nil {
		return nil, err
	}
	g, err := newGroup()
	if err != nil {
		return nil, err
	}
	w := &webkitGTK{group: g}
	if err := w.start(driver, xvfb, browser); err != nil {
		g.stop()
		return nil, err
	}
	return w, nil
}

// findMiniBrowser looks where Debian puts it: /usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser.
func findMiniBrowser() (string, error) {
	if path := os.Getenv("BYTECORS_MINIBROWSER"); path != "" {
		return path, nil
	}
	for _, pattern := range []string{"/usr/lib/*/webkit*gtk-*/MiniBrowser", "/usr/libexec/webkit*gtk-*/MiniBrowser"} {
		if found, err := filepath.Glob(pattern); err == nil && len(found) > 0 {
			return found[len(found)-1], nil
		}
	}
	return "", fmt.Errorf("%w: no MiniBrowser, and BYTECORS_MINIBROWSER names none", ErrMissing)
}

func (w *webkitGTK) start(driver, xvfb, browser string) error {
	display, err := w.startDisplay(xvfb)
	if err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	w.browser = browser
	w.environment = []string{
		"DISPLAY=" + display, "HOME=" + w.group.dir, "XDG_RUNTIME_DIR=" + w.group.dir, "NO_AT_BRIDGE=1", "GTK_A11Y=none",
		"LIBGL_ALWAYS_SOFTWARE=1", "WEBKIT_DISABLE_DMABUF_RENDERER=1", "GIO_USE_VFS=local", "GSETTINGS_BACKEND=memory",
	}
	if _, err := w.group.start(w.environment, nil, driver, "-p", port); err != nil {
		return err
	}
	base := "http://127.0.0.1:" + port
	if err := w.awaitDriver(base); err != nil {
		return err
	}
	var made struct {
		SessionID    string
		Capabilities struct{ BrowserVersion string }
	}
	err = webDriver("POST", base+"/session", map[string]any{"capabilities": map[string]any{"alwaysMatch": map[string]any{
		"acceptInsecureCerts":      true,
		"timeouts":                 map[string]any{"script": callTimeout.Milliseconds(), "pageLoad": commandTimeout.Milliseconds()},
		"webkitgtk:browserOptions": map[string]any{"binary": browser, "args": []string{"--automation"}},
	}}}, &made, commandTimeout)
	if err != nil {
		return err
	}
	w.session, w.version = base+"/session/"+made.SessionID, made.Capabilities.BrowserVersion
	return webDriver("GET", w.session+"/window", nil, &w.first, commandTimeout)
}

// startDisplay starts an X server, which takes a display that is free and says which.
func (w *webkitGTK) startDisplay(xvfb string) (string, error) {
	r, wr, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer r.Close()
	_, err = w.group.start(nil, []*os.File{wr}, xvfb, "-displayfd", "3", "-screen", "0", "1024x768x24", "-nolisten", "tcp", "-noreset")
	wr.Close()
	if err != nil {
		return "", err
	}
	line, err := bufio.NewReader(r).ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("%s named no display: %w", xvfb, err)
	}
	return ":" + strings.TrimSpace(line), nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	return port, err
}

// awaitDriver waits until the driver listens, which it does not announce.
func (w *webkitGTK) awaitDriver(base string) error {
	for deadline := time.Now().Add(commandTimeout); ; time.Sleep(20 * time.Millisecond) {
		err := webDriver("GET", base+"/status", nil, nil, commandTimeout)
		if err == nil || time.Now().After(deadline) {
			return err
		}
	}
}

// webDriver sends a command of https://www.w3.org/TR/webdriver2 and decodes its value.
func webDriver(method, url string, params, value any, limit time.Duration) error {
	body := []byte("{}")
	if params != nil {
		var err error
		if body, err = json.Marshal(params); err != nil {
			return err
		}
	}
	if method != "POST" {
		body = nil
	}
	request, err := http.NewRequest(method, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	client := http.Client{Timeout: limit}
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var got struct{ Value json.RawMessage }
	if err := json.NewDecoder(response.Body).Decode(&got); err != nil {
		return fmt.Errorf("%s %s: %w", method, url, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: status %d: %s", method, url, response.StatusCode, got.Value)
	}
	if value == nil {
		return nil
	}
	return json.Unmarshal(got.Value, value)
}

func (w *webkitGTK) Name() string    { return "webkitgtk" }
func (w *webkitGTK) Version() string { return w.version }

func (w *webkitGTK) Close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	_ = webDriver("DELETE", w.session, nil, nil, commandTimeout)
	w.group.stop()
}

// inWindow runs f while a window is the current one.
func (w *webkitGTK) inWindow(handle string, f func() error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := webDriver("POST", w.session+"/window", map[string]any{"handle": handle}, nil, commandTimeout); err != nil {
		return err
	}
	return f()
}

func (w *webkitGTK) Open(url string) (Page, error) {
	var made struct{ Handle string }
	// The window that was current may be gone, and without one no other can be made.
	err := w.inWindow(w.first, func() error {
		return webDriver("POST", w.session+"/window/new", map[string]any{"type": "tab"}, &made, commandTimeout)
	})
	if err != nil {
		return nil, err
	}
	p := &webkitGTKPage{engine: w, handle: made.Handle}
	return p, p.Go(url)
}

// Show starts another browser, without the driver: only so does it print what consoles show.
func (w *webkitGTK) Show(url string) (Shown, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	// It would keep what it prints to a pipe until there is more of it.
	printed, err := w.group.start(w.environment, nil, "stdbuf", "-oL", w.browser, "--enable-write-console-messages-to-stdout=true", url)
	if err != nil {
		return nil, err
	}
	return &printedConsole{printed, w.group.others[len(w.group.others)-1].Process}, nil
}

// printedConsole is the console of a browser that prints it.
type printedConsole struct {
	printed *output
	process *os.Process
}

// consoleLine is how WebKitGTK prints a message: "http://app.localhost/:1:20: CONSOLE LOG text".
var consoleLine = regexp.MustCompile(`(?m)^(?:\S+: )?CONSOLE (?:[A-Z]+ )*(?:LOG|INFO|WARN|ERROR|DEBUG) (.+)$`)

func (c *printedConsole) Console() (messages []string) {
	for _, match := range consoleLine.FindAllStringSubmatch(c.printed.String(), -1) {
		messages = append(messages, match[1])
	}
	return messages
}

func (c *printedConsole) AwaitConsole(pattern *regexp.Regexp) (string, error) {
	return awaitMessage(c.printed.changed, c.Console, pattern)
}

// Close ends the browser. The group waits for the process when it ends itself.
func (c *printedConsole) Close() error { return c.process.Kill() }

type webkitGTKPage struct {
	engine *webkitGTK
	handle string
}

func (p *webkitGTKPage) Go(url string) error {
	return p.engine.inWindow(p.handle, func() error {
		return webDriver("POST", p.engine.session+"/url", map[string]any{"url": url}, nil, commandTimeout)
	})
}

const callInWebKit = `(%s)(arguments[0]).then((ok) => arguments[1]({ ok }), (error) => arguments[1]({ error: String(error) }));`

func (p *webkitGTKPage) Call(function string, argument, result any) error {
	text, err := toText(argument)
	if err != nil {
		return err
	}
	var called struct{ OK, Error string }
	err = p.engine.inWindow(p.handle, func() error {
		return webDriver("POST", p.engine.session+"/execute/async", map[string]any{
			"script": fmt.Sprintf(callInWebKit, functionOfText(function)), "args": []any{text},
		}, &called, callTimeout)
	})
	switch {
	case err != nil:
		return err
	case called.Error != "":
		return scriptError(called.Error)
	}
	return fromText(called.OK, result)
}

func (p *webkitGTKPage) Console() []string { return nil }

func (p *webkitGTKPage) AwaitConsole(*regexp.Regexp) (string, error) {
	return "", errors.New("WebKitGTK's driver tells nothing of consoles")
}

func (p *webkitGTKPage) Close() error {
	return p.engine.inWindow(p.handle, func() error {
		return webDriver("DELETE", p.engine.session+"/window", nil, nil, commandTimeout)
	})
}
