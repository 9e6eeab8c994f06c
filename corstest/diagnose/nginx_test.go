package diagnose

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/bytecors/cors/corstest"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// requireNginx makes a missing nginx a failure, for CI.
const requireNginx = "BYTECORS_REQUIRE_NGINX"

// startNginx runs nginx with what a server block has, on a port of loopback, and returns its URL.
func startNginx(t *testing.T, server string) string {
	program, err := exec.LookPath("nginx")
	if err != nil {
		if program = "/usr/sbin/nginx"; os.Getenv(requireNginx) != "" {
			_, err = os.Stat(program)
			require.NoError(t, err, "%s is set", requireNginx)
		} else if _, err = os.Stat(program); err != nil {
			t.Skip("there is no nginx on this machine; " + requireNginx + " makes that a failure")
		}
	}
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "www", "items"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "www", "items", "index.html"), []byte("items"), 0o644))

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	file, err := listener.(*net.TCPListener).File()
	require.NoError(t, err)
	require.NoError(t, syscall.SetNonblock(int(file.Fd()), true)) // nginx takes that for granted
	address := listener.Addr().String()
	require.NoError(t, listener.Close())
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;" // workers of another user have no way into the test's directory
	}
	config := fmt.Sprintf(`
%[4]s
daemon off;
pid %[1]s/pid;
worker_processes 1;
error_log stderr;
events {}
http {
	access_log off;
	client_body_temp_path %[1]s/body;
	proxy_temp_path %[1]s/proxy;
	fastcgi_temp_path %[1]s/fastcgi;
	uwsgi_temp_path %[1]s/uwsgi;
	scgi_temp_path %[1]s/scgi;
	server {
		listen %[2]s;
		root %[1]s/www;
		%[3]s
	}
}
`, dir, address, server, user)
	path := filepath.Join(dir, "nginx.conf")
	require.NoError(t, os.WriteFile(path, []byte(config), 0o600))

	var log bytes.Buffer
	nginx := exec.Command(program, "-p", dir, "-c", path)
	nginx.Stderr = &log
	// The socket listens already, so that nobody has to wait for nginx: it takes it over as at an upgrade.
	nginx.ExtraFiles = []*os.File{file}
	nginx.Env = append(os.Environ(), "NGINX=3;")
	require.NoError(t, nginx.Start())
	require.NoError(t, file.Close())
	t.Cleanup(func() {
		_ = nginx.Process.Signal(syscall.SIGTERM) // to the master, which ends its workers
		_ = nginx.Wait()
		if t.Failed() {
			t.Logf("nginx: %s", log.String())
		}
	})
	return "http://" + address
}

// Five configurations that are published as ways to have CORS with nginx, and fail.
func TestNginx(t *testing.T) {
	upstream := func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Method == "OPTIONS":
			w.Header().Set("Allow", "GET, PUT")
			w.WriteHeader(http.StatusMethodNotAllowed)
		case r.URL.Path == "/missing":
			w.WriteHeader(http.StatusNotFound)
		case r.URL.Path == "/own":
			w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
		}
	}
	for _, tt := range []struct {
		name    string
		server  string
		path    string
		request corstest.Request
		causes  []string
		says    string
	}{
		{
			name: "no always",
			server: `location / {
				if ($request_method = OPTIONS) {
					add_header Access-Control-Allow-Origin $http_origin;
					add_header Access-Control-Allow-Methods "GET, PUT";
					return 204;
				}
				add_header Access-Control-Allow-Origin $http_origin;
				proxy_pass $UPSTREAM;
			}`,
			path: "/missing", request: put,
			causes: []string{"error-path", "actual-not-handled", "cached-response"},
			says:   "nginx: add_header ... always",
		},
		{
			name: "if-blocks",
			server: `location / {
				add_header Access-Control-Allow-Origin $http_origin always;
				if ($request_method = OPTIONS) {
					add_header Access-Control-Allow-Methods "GET, PUT";
					return 204;
				}
				proxy_pass $UPSTREAM;
			}`,
			path: "/items", request: put,
			causes: []string{"allow-origin-left-out", "origin-not-allowed"},
			says:   "add_header in an if or a location replaces those outside of it",
		},
		{
			name: "doubled headers",
			server: `location / {
				add_header Access-Control-Allow-Origin $http_origin always;
				proxy_pass $UPSTREAM;
			}`,
			path: "/own", request: get,
			causes: []string{"added-twice!"},
			says:   "proxy_hide_header",
		},
		{
			name: "a redirect by try_files",
			server: `
			location /items/ {
				add_header Access-Control-Allow-Origin $http_origin always;
			}
			location / {
				try_files $uri $uri/ /index.html;
			}`,
			path: "/items", request: get,
			causes: []string{"redirect-outside!"},
			says:   "It only adds or removes a slash at the end.",
		},
		{
			name: "OPTIONS falls through to the upstream",
			server: `location / {
				add_header Access-Control-Allow-Origin $http_origin always;
				add_header Access-Control-Allow-Methods "GET, PUT" always;
				proxy_pass $UPSTREAM;
			}`,
			path: "/items", request: put,
			causes: []string{"not-routed!"},
			says:   "No route takes OPTIONS (Allow: GET, PUT).",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			application := httptest.NewServer(http.HandlerFunc(upstream))
			defer application.Close()
			url := startNginx(t, strings.ReplaceAll(tt.server, "$UPSTREAM", application.URL))
			report := ask(t, url+tt.path, tt.request, Options{})
			assert.Equal(t, Blocked, report.Verdict)
			assert.Equal(t, tt.causes, codes(report), report.Result.String()+report.String())
			assert.Contains(t, report.String(), tt.says)
		})
	}
}
