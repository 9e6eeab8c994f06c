// Package engine starts real browsers, opens pages in them and calls functions of the pages' scripts: Chromium by its
// DevTools protocol, Firefox by WebDriver BiDi, WebKitGTK by WebDriver. All run without a screen.
//
//	browser := engine.ForTest(t, "firefox") // skips the test where there is no Firefox, unless it is required
//	page, err := browser.Open("http://app.localhost:8080/")
//	var status int
//	err = page.Call(`async (url) => (await fetch(url)).status`, "http://api.localhost:8080/", &status)
//
// Names under .localhost lead to the loopback addresses in all three, so that a test has as many hosts as it likes. In Chromium, names under
// .test do so too, which it takes for names of other machines.
// Each started browser has a profile of its own, and trusts the certificate of [ServerTLS].
//
// Debian has them all: apt-get install chromium firefox-esr webkit2gtk-driver xvfb. They are found as programs of these
// names, or where BYTECORS_CHROMIUM, BYTECORS_FIREFOX and BYTECORS_WEBKIT (a WebKitWebDriver) say. One browser is
// enough for a machine of two cores: end one before the next.
package engine

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"time"
)

// Names are the engines that there are.
var Names = []string{"chromium", "firefox", "webkitgtk"}

// Engine is a running browser. Its methods may be called by several goroutines at once.
type Engine interface {
	// Name is one of [Names].
	Name() string
	// Version is what the browser says of itself.
	Version() string
	// Open opens a page in a tab of its own and returns when it has loaded.
	Open(url string) (Page, error)
	// Show opens a page of which nothing but the console can be seen, and returns at once.
	Show(url string) (Shown, error)
	// Close ends the browser and all its processes, and removes its profile. They also end, and it is also removed,
	// when this process ends without a call of Close, however it does.
	Close()
}

// Page is a tab of a browser.
type Page interface {
	// Go leads the tab elsewhere and returns when the page there has loaded.
	Go(url string) error
	// Call calls a JavaScript function with one argument, waits for the promise it returns, if it does, and decodes into
	// result what that comes to. Argument and result are anything that JSON can carry; result may be nil. In
	// WebKitGTK, one call ends before the next begins, whichever page it is for.
	Call(function string, argument, result any) error
	// Shown has the tab's console. WebKitGTK's driver tells nothing of it: there, only what [Engine.Show] opens has one.
	Shown
}

// Shown is a page's console.
type Shown interface {
	// Console returns the messages that the page's console has shown since it was opened.
	Console() []string
	// AwaitConsole waits for a message of the console that matches, and returns it: the console may learn of what a
	// script sees only after the script.
	AwaitConsole(pattern *regexp.Regexp) (string, error)
	// Close closes the tab.
	Close() error
}

// ErrMissing is what [Start] fails with where the engine is not installed.
var ErrMissing = errors.New("it is not installed")

const (
	// commandTimeout bounds what takes a browser a moment; a busy machine may need many.
	commandTimeout = 2 * time.Minute
	// callTimeout bounds a call of a page's script, which may have much to fetch.
	callTimeout = 5 * time.Minute
	// consoleTimeout bounds the wait for a message.
	consoleTimeout = 30 * time.Second
)

// Start starts a browser. The error wraps [ErrMissing] where there is none of that name.
func Start(name string) (Engine, error) {
	var (
		e   Engine
		err error
	)
	switch name {
	case "chromium":
		e, err = startChromium()
	case "firefox":
		e, err = startFirefox()
	case "webkitgtk":
		e, err = startWebKitGTK()
	default:
		err = errors.New("there is no such engine")
	}
	if err != nil {
		return nil, fmt.Errorf("engine %s: %w", name, err)
	}
	return e, nil
}

// requiredBy are the environment variables that, set to 1, make a missing engine a failure.
var requiredBy = map[string]string{
	"chromium":  "BYTECORS_REQUIRE_CHROMIUM",
	"firefox":   "BYTECORS_REQUIRE_FIREFOX",
	"webkitgtk": "BYTECORS_REQUIRE_WEBKIT",
}

// Required tells whether an environment variable says that the engine has to be there.
func Required(name string) bool { return os.Getenv(requiredBy[name]) == "1" }

// TB is the part of testing.TB that [ForTest] needs.
type TB interface {
	Helper()
	Cleanup(func())
	Skip(args ...any)
	Fatal(args ...any)
}

// ForTest starts a browser that ends with the test. Without one it skips the test, and fails it where the engine is
// [Required].
func ForTest(t TB, name string) Engine {
	t.Helper()
	e, err := Start(name)
	switch {
	case errors.Is(err, ErrMissing) && !Required(name):
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

// find returns the path of the first of these programs, unless an environment variable names one.
func find(variable string, names ...string) (string, error) {
	if path := os.Getenv(variable); path != "" {
		return path, nil
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", fmt.Errorf("%w: no program %v, and %s names none", ErrMissing, names, variable)
}
