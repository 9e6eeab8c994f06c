package engine_test

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/browsertest/engine"
)

// newServer serves a page with a title at every path, to every host.
func newServer(t *testing.T, secure bool) (port string) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		if r.URL.RawQuery == "says" {
			fmt.Fprint(w, `<script>console.log("said in " + location.host)</script>`)
		}
		fmt.Fprintf(w, `<title>%s</title><link rel="icon" href="data:,">`, r.Host)
	}))
	if server.TLS = engine.ServerTLS(); secure {
		server.StartTLS()
	} else {
		server.Start()
	}
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	require.NoError(t, err)
	return port
}

func TestEveryEngine(t *testing.T) {
	port, securePort := newServer(t, false), newServer(t, true)
	for _, name := range engine.Names {
		t.Run(name, func(t *testing.T) {
			e := engine.ForTest(t, name)
			require.Equal(t, name, e.Name())
			require.Regexp(t, `^\d+\.`, e.Version())

			first, err := e.Open("http://app.localhost:" + port + "/")
			require.NoError(t, err)
			second, err := e.Open("https://a.example.localhost:" + securePort + "/")
			require.NoError(t, err)
			require.Equal(t, "https://a.example.localhost:"+securePort, origin(t, second))
			require.Equal(t, "http://app.localhost:"+port, origin(t, first))

			var got map[string]any
			require.NoError(t, first.Call(`async (a) => ({ ...a, title: document.title })`, map[string]any{"n": 1.5, "s": `"`}, &got))
			require.Equal(t, map[string]any{"n": 1.5, "s": `"`, "title": "app.localhost:" + port}, got)
			require.NoError(t, first.Call(`() => {}`, nil, nil))
			require.ErrorContains(t, first.Call(`() => { throw new Error("no") }`, nil, nil), "no")

			require.NoError(t, first.Go("http://localhost:"+port+"/"))
			require.Equal(t, "http://localhost:"+port, origin(t, first))
			require.NoError(t, first.Call(`(text) => console.log(text)`, "seen", nil))
			if name != "webkitgtk" {
				message, err := first.AwaitConsole(regexp.MustCompile("^seen"))
				require.NoError(t, err)
				require.Contains(t, first.Console(), message)
			}

			shown, err := e.Show("http://app.localhost:" + port + "/?says")
			require.NoError(t, err)
			_, err = shown.AwaitConsole(regexp.MustCompile("^said in app.localhost:" + port))
			require.NoError(t, err)
			require.NoError(t, shown.Close())

			require.NoError(t, second.Close())
			third, err := e.Open("http://127.0.0.1:" + port + "/")
			require.NoError(t, err)
			require.Equal(t, "http://127.0.0.1:"+port, origin(t, third))
			_, dev := third.(engine.DevTools)
			require.Equal(t, name == "chromium", dev)
		})
	}
}

func origin(t *testing.T, p engine.Page) (origin string) {
	t.Helper()
	require.NoError(t, p.Call(`() => location.origin`, nil, &origin))
	return origin
}

// A test process that is killed cannot end its browser.
func TestBrowserEndsWithItsProcess(t *testing.T) {
	if name := os.Getenv("BYTECORS_ENGINE_TO_ABANDON"); name != "" {
		_, err := engine.Start(name)
		if err != nil {
			t.Skip(err)
		}
		fmt.Println("started")
		select {}
	}
	for _, name := range engine.Names {
		t.Run(name, func(t *testing.T) {
			temporary := t.TempDir()
			child := exec.Command(os.Args[0], "-test.run=^TestBrowserEndsWithItsProcess$", "-test.v")
			child.Env = append(os.Environ(), "BYTECORS_ENGINE_TO_ABANDON="+name, "TMPDIR="+temporary)
			printed, err := child.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, child.Start())
			lines, started := bufio.NewScanner(printed), false
			for !started && lines.Scan() {
				started = strings.TrimSpace(lines.Text()) == "started"
			}
			if !started {
				require.NoError(t, child.Wait())
				if engine.Required(name) {
					t.Fatal("the engine has not started")
				}
				t.Skip("the engine is not there")
			}
			profiles := func() []string {
				found, err := filepath.Glob(temporary + "/bytecors-engine-*")
				require.NoError(t, err)
				return found
			}
			require.Len(t, profiles(), 1)
			require.NotEmpty(t, processesOf(t, temporary))
			require.NoError(t, child.Process.Kill())
			require.Error(t, child.Wait())
			require.Eventually(t, func() bool { return len(profiles()) == 0 && len(processesOf(t, temporary)) == 0 },
				time.Minute, 20*time.Millisecond)
		})
	}
}

// processesOf returns the command lines of the processes that have a directory for their TMPDIR.
func processesOf(t *testing.T, temporary string) (commands []string) {
	t.Helper()
	found, err := filepath.Glob("/proc/[0-9]*/environ")
	require.NoError(t, err)
	for _, path := range found {
		environment, err := os.ReadFile(path)
		if err != nil || !strings.Contains("\x00"+string(environment), "\x00TMPDIR="+temporary+"\x00") {
			continue // gone meanwhile, or another's
		}
		command, err := os.ReadFile(filepath.Dir(path) + "/cmdline")
		if err == nil && len(command) > 0 {
			commands = append(commands, strings.ReplaceAll(string(command), "\x00", " "))
		}
	}
	return commands
}

func TestMissingEngine(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for _, name := range engine.Names {
		_, err := engine.Start(name)
		require.ErrorIs(t, err, engine.ErrMissing, name)
	}
	_, err := engine.Start("lynx")
	require.Error(t, err)
	require.False(t, errors.Is(err, engine.ErrMissing))
}

// recorder is a test that sees how it ends.
type recorder struct {
	*testing.T
	ended string
}

func (r *recorder) Skip(...any)  { r.ended += "skipped" }
func (r *recorder) Fatal(...any) { r.ended += "failed"; panic(r) }

func TestMissingEngineFailsWhereItIsRequired(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	for name, variable := range map[string]string{
		"chromium": "BYTECORS_REQUIRE_CHROMIUM", "firefox": "BYTECORS_REQUIRE_FIREFOX", "webkitgtk": "BYTECORS_REQUIRE_WEBKIT",
	} {
		for value, want := range map[string]string{"": "skipped", "1": "failed"} {
			t.Setenv(variable, value)
			r := &recorder{T: t}
			func() {
				defer func() { _ = recover() }()
				engine.ForTest(r, name)
			}()
			require.Equal(t, want, r.ended, "%s=%q", variable, value)
		}
	}
}
