package engine

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// DevTools is what pages of Chromium are as well: a way to use all of the DevTools protocol
// (https://chromedevtools.github.io/devtools-protocol).
type DevTools interface {
	Page
	// Command sends a command and decodes its result; params and result may be nil.
	Command(method string, params, result any) error
	// Listen has events passed to a function from now on, in order. It must not send commands.
	Listen(func(method string, params json.RawMessage))
}

type chromium struct {
	group   *group
	rpc     *rpc
	version string

	mu    sync.Mutex
	pages map[string]*chromiumPage // by session
}

func startChromium() (Engine, error) {
	path, err := find("BYTECORS_CHROMIUM", "chromium", "chromium-browser", "google-chrome")
	if err != nil {
		return nil, err
	}
	g, err := newGroup()
	if err != nil {
		return nil, err
	}
	c := &chromium{group: g, pages: make(map[string]*chromiumPage)}
	out, err := g.start([]string{"HOME=" + g.dir}, nil, path,
		"--headless", "--no-sandbox", "--remote-debugging-port=0", "--user-data-dir="+g.dir+"/profile",
		"--no-first-run", "--no-default-browser-check", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
		// Nothing goes out but what a page fetches, and that no further than this machine.
		"--disable-background-networking", "--disable-component-update", "--disable-default-apps",
		"--disable-domain-reliability", "--disable-extensions", "--disable-sync", "--metrics-recording-only", "--no-pings",
		"--disable-features=HttpsUpgrades,OptimizationHints,MediaRouter,Translate,AutofillServerCommunication",
		"--host-resolver-rules=MAP *.test 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE *.localhost, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE ::1",
		// A window that is never shown is not to be slowed down.
		"--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
		"--ignore-certificate-errors-spki-list="+authority().fingerprint,
		"about:blank")
	var url string
	if err == nil {
		url, err = out.await(regexp.MustCompile(`DevTools listening on (ws://\S+)`))
	}
	if err == nil {
		c.rpc, err = dialRPC(url, c.dispatch)
	}
	var version struct{ Product string }
	if err == nil {
		err = c.rpc.command("", "Browser.getVersion", nil, &version, commandTimeout)
	}
	if err != nil {
		g.stop()
		return nil, err
	}
	_, c.version, _ = strings.Cut(version.Product, "/")
	return c, nil
}

func (c *chromium) Name() string    { return "chromium" }
func (c *chromium) Version() string { return c.version }

func (c *chromium) Close() {
	_ = c.rpc.command("", "Browser.close", nil, nil, commandTimeout)
	c.group.stop()
}

func (c *chromium) dispatch(session, method string, params json.RawMessage) {
	c.mu.Lock()
	p := c.pages[session]
	c.mu.Unlock()
	if p != nil {
		p.see(method, params)
	}
}

func (c *chromium) Open(url string) (Page, error) {
	p := &chromiumPage{engine: c, console: newConsole(), loads: make(map[string]bool), loaded: newSignal()}
	var target struct{ TargetID string }
	if err := c.rpc.command("", "Target.createTarget", map[string]any{"url": "about:blank"}, &target, commandTimeout); err != nil {
		return nil, err
	}
	p.target = target.TargetID
	var attached struct{ SessionID string }
	err := c.rpc.command("", "Target.attachToTarget", map[string]any{"targetId": p.target, "flatten": true}, &attached, commandTimeout)
	if err != nil {
		return nil, err
	}
	p.session = attached.SessionID
	c.mu.Lock()
	c.pages[p.session] = p
	c.mu.Unlock()
	for _, method := range []string{"Page.enable", "Runtime.enable", "Log.enable"} {
		if err := p.Command(method, nil, nil); err != nil {
			return nil, err
		}
	}
	if err := p.Command("Page.setLifecycleEventsEnabled", map[string]any{"enabled": true}, nil); err != nil {
		return nil, err
	}
	return p, p.Go(url)
}

func (c *chromium) Show(url string) (Shown, error) { return c.Open(url) }

type chromiumPage struct {
	*console
	engine          *chromium
	target, session string

	mu        sync.Mutex
	loads     map[string]bool // the loader's id: whether the page has loaded
	loaded    *signal
	listeners []func(method string, params json.RawMessage)
}

func (p *chromiumPage) see(method string, params json.RawMessage) {
	var event struct {
		LoaderID, Name string                // Page.lifecycleEvent
		Entry          struct{ Text string } // Log.entryAdded
		Args           []struct{ Value any } // Runtime.consoleAPICalled
	}
	if json.Unmarshal(params, &event) == nil {
		switch {
		case method == "Page.lifecycleEvent" && event.Name == "load":
			p.mu.Lock()
			p.loads[event.LoaderID] = true
			p.mu.Unlock()
			p.loaded.raise()
		case method == "Log.entryAdded":
			p.add(event.Entry.Text)
		case method == "Runtime.consoleAPICalled" && len(event.Args) > 0:
			p.add(fmt.Sprint(event.Args[0].Value))
		}
	}
	p.mu.Lock()
	listeners := p.listeners
	p.mu.Unlock()
	for _, listener := range listeners {
		listener(method, params)
	}
}

func (p *chromiumPage) Command(method string, params, result any) error {
	return p.engine.rpc.command(p.session, method, params, result, commandTimeout)
}

func (p *chromiumPage) Listen(f func(method string, params json.RawMessage)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.listeners = append(p.listeners[:len(p.listeners):len(p.listeners)], f)
}

func (p *chromiumPage) Go(url string) error {
	var navigation struct{ LoaderID, ErrorText string }
	if err := p.Command("Page.navigate", map[string]any{"url": url}, &navigation); err != nil {
		return err
	}
	if navigation.ErrorText != "" {
		return errors.New(navigation.ErrorText)
	}
	err := p.loaded.await(commandTimeout, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return navigation.LoaderID == "" || p.loads[navigation.LoaderID] // "": it led elsewhere in the same page
	})
	if err != nil {
		return fmt.Errorf("%s has not loaded: %w", url, err)
	}
	return nil
}

func (p *chromiumPage) Call(function string, argument, result any) error {
	text, err := toText(argument)
	if err != nil {
		return err
	}
	literal, err := toText(text)
	if err != nil {
		return err
	}
	var evaluated struct {
		Result           struct{ Value string }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	err = p.engine.rpc.command(p.session, "Runtime.evaluate", map[string]any{
		"expression": "(" + functionOfText(function) + ")(" + literal + ")", "awaitPromise": true, "returnByValue": true,
	}, &evaluated, callTimeout)
	switch thrown := evaluated.ExceptionDetails; {
	case err != nil:
		return err
	case thrown != nil:
		return scriptError(thrown.Text + " " + thrown.Exception.Description)
	}
	return fromText(evaluated.Result.Value, result)
}

func (p *chromiumPage) Close() error {
	err := p.engine.rpc.command("", "Target.closeTarget", map[string]any{"targetId": p.target}, nil, commandTimeout)
	p.engine.mu.Lock()
	defer p.engine.mu.Unlock()
	delete(p.engine.pages, p.session)
	return err
}
