package engine

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"sync"
)

// firefoxPreferences keep Firefox from talking to anybody, and from asking anything.
const firefoxPreferences = `
user_pref("app.normandy.enabled", false);
user_pref("app.update.disabledForTesting", true);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.safebrowsing.downloads.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.page", 0);
user_pref("browser.tabs.unloadOnLowMemory", false);
user_pref("datareporting.healthreport.uploadEnabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("dom.ipc.processPrelaunch.enabled", false);
user_pref("dom.security.https_first", false);
user_pref("extensions.getAddons.cache.enabled", false);
user_pref("media.gmp-manager.updateEnabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.prefetch-next", false);
user_pref("network.trr.mode", 5);
user_pref("services.settings.server", "data:,#remote-settings-dummy/v1");
user_pref("toolkit.telemetry.enabled", false);
// A response of status 401 to a fetch would open a dialog, which blocks the tab.
user_pref("network.auth.subresource-http-auth-allow", 0);
`

type firefox struct {
	group   *group
	rpc     *rpc
	version string

	mu    sync.Mutex
	pages map[string]*firefoxPage // by browsing context
}

func startFirefox() (Engine, error) {
	path, err := find("BYTECORS_FIREFOX", "firefox-esr", "firefox")
	if err != nil {
		return nil, err
	}
	g, err := newGroup()
	if err != nil {
		return nil, err
	}
	f := &firefox{group: g, pages: make(map[string]*firefoxPage)}
	profile, err := g.mkdir("profile")
	if err == nil {
		err = os.WriteFile(filepath.Join(profile, "user.js"), []byte(firefoxPreferences), 0o600)
	}
	var out *output
	if err == nil {
		out, err = g.start([]string{"HOME=" + g.dir, "MOZ_HEADLESS=1", "MOZ_CRASHREPORTER_DISABLE=1"}, nil, path,
			"--headless", "--no-remote", "--remote-debugging-port=0", "--profile", profile, "about:blank")
	}
	var url string
	if err == nil {
		url, err = out.await(regexp.MustCompile(`WebDriver BiDi listening on (ws://\S+)`))
	}
	if err == nil {
		f.rpc, err = dialRPC(url+"/session", f.see)
	}
	var session struct {
		Capabilities struct{ BrowserVersion string }
	}
	if err == nil {
		capabilities := map[string]any{"alwaysMatch": map[string]any{"acceptInsecureCerts": true}}
		err = f.rpc.command("", "session.new", map[string]any{"capabilities": capabilities}, &session, commandTimeout)
	}
	if err == nil {
		err = f.rpc.command("", "session.subscribe", map[string]any{"events": []string{"log.entryAdded"}}, nil, commandTimeout)
	}
	if err != nil {
		g.stop()
		return nil, err
	}
	f.version = session.Capabilities.BrowserVersion
	return f, nil
}

func (f *firefox) Name() string    { return "firefox" }
func (f *firefox) Version() string { return f.version }

func (f *firefox) Close() {
	_ = f.rpc.command("", "browser.close", nil, nil, commandTimeout)
	f.group.stop()
}

func (f *firefox) see(_, method string, params json.RawMessage) {
	var entry struct {
		Text   string
		Source struct{ Context string }
	}
	if method != "log.entryAdded" || json.Unmarshal(params, &entry) != nil {
		return
	}
	f.mu.Lock()
	p := f.pages[entry.Source.Context]
	f.mu.Unlock()
	if p != nil {
		p.add(entry.Text)
	}
}

func (f *firefox) Open(url string) (Page, error) {
	var created struct{ Context string }
	if err := f.rpc.command("", "browsingContext.create", map[string]any{"type": "tab"}, &created, commandTimeout); err != nil {
		return nil, err
	}
	p := &firefoxPage{console: newConsole(), engine: f, context: created.Context}
	f.mu.Lock()
	f.pages[p.context] = p
	f.mu.Unlock()
	return p, p.Go(url)
}

func (f *firefox) Show(url string) (Shown, error) { return f.Open(url) }

type firefoxPage struct {
	*console
	engine  *firefox
	context string
}

func (p *firefoxPage) Go(url string) error {
	return p.engine.rpc.command("", "browsingContext.navigate",
		map[string]any{"context": p.context, "url": url, "wait": "complete"}, nil, commandTimeout)
}

func (p *firefoxPage) Call(function string, argument, result any) error {
	text, err := toText(argument)
	if err != nil {
		return err
	}
	var called struct {
		Type             string
		Result           struct{ Value string }
		ExceptionDetails struct{ Text string }
	}
	err = p.engine.rpc.command("", "script.callFunction", map[string]any{
		"functionDeclaration": functionOfText(function),
		"arguments":           []any{map[string]any{"type": "string", "value": text}},
		"target":              map[string]any{"context": p.context},
		"awaitPromise":        true,
	}, &called, callTimeout)
	switch {
	case err != nil:
		return err
	case called.Type != "success":
		return scriptError(called.ExceptionDetails.Text)
	}
	return fromText(called.Result.Value, result)
}

func (p *firefoxPage) Close() error {
	err := p.engine.rpc.command("", "browsingContext.close", map[string]any{"context": p.context}, nil, commandTimeout)
	p.engine.mu.Lock()
	defer p.engine.mu.Unlock()
	delete(p.engine.pages, p.context)
	return err
}
