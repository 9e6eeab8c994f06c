package main

import (
	"bufio"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The test's own binary is the program when this is set, as it is for the children of that.
const beMain = "BYTECORS_PREFORK_MAIN"

func TestMain(m *testing.M) {
	if os.Getenv(beMain) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// family is a first process and its children.
type family struct {
	t       *testing.T
	address string
	first   *exec.Cmd
	said    chan string // by any of them; closed when all have ended
}

const children = 3

func start(t *testing.T, arguments ...string) *family {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	require.NoError(t, err)
	f := &family{t: t, address: listener.Addr().String(), said: make(chan string, 10_000)}
	require.NoError(t, listener.Close())

	read, write, err := os.Pipe()
	require.NoError(t, err)
	f.first = exec.Command(os.Args[0], append(arguments, "-listen", f.address)...)
	f.first.Env = append(os.Environ(), beMain+"=1", "GOMAXPROCS=3")
	f.first.Stdout, f.first.Stderr = write, write
	require.NoError(t, f.first.Start())
	require.NoError(t, write.Close())
	go func() {
		defer close(f.said)
		defer read.Close()
		for lines := bufio.NewScanner(read); lines.Scan(); {
			f.said <- lines.Text()
		}
	}()
	t.Cleanup(f.kill)
	return f
}

// kill ends the first process as nothing can be done against. The children have to notice.
func (f *family) kill() {
	if f.first != nil {
		require.NoError(f.t, f.first.Process.Kill())
		_ = f.first.Wait() // tells that it was killed
		f.first = nil
	}
}

var inForce = regexp.MustCompile(`process (\d+): version (\w+) is in force`)

// awaitAll waits until all processes have a document in force that is not of version before.
func (f *family) awaitAll(before string) (version string) {
	f.t.Helper()
	processes := map[string]bool{}
	deadline := time.After(time.Minute)
	for len(processes) < 1+children {
		select {
		case line, ok := <-f.said:
			require.True(f.t, ok, "all processes have ended")
			if found := inForce.FindStringSubmatch(line); found != nil && found[2] != before {
				require.Contains(f.t, []string{"", found[2]}, version)
				processes[found[1]], version = true, found[2]
			}
		case <-deadline:
			f.t.Fatalf("only %v have another document than %q", processes, before)
		}
	}
	return version
}

// get asks on a connection of its own, which any of the children may take.
func (f *family) get(origin string) string {
	f.t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
	request, err := http.NewRequest("GET", "http://"+f.address+"/", nil)
	require.NoError(f.t, err)
	request.Header.Set("Origin", origin)
	var response *http.Response
	for deadline := time.Now().Add(time.Minute); ; {
		if response, err = client.Do(request); err == nil || time.Now().After(deadline) {
			break
		}
		time.Sleep(5 * time.Millisecond) // nobody listens yet
	}
	require.NoError(f.t, err)
	require.NoError(f.t, response.Body.Close())
	require.Equal(f.t, 200, response.StatusCode)
	return response.Header.Get("Access-Control-Allow-Origin")
}

func save(t *testing.T, path, data string) {
	require.NoError(t, os.WriteFile(path+".new", []byte(data), 0o600))
	require.NoError(t, os.Rename(path+".new", path))
}

func TestEveryChildFollowsTheFile(t *testing.T) {
	for _, with := range []string{"fasthttp", "fiber", "fiberv2"} {
		t.Run(with, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "cors.yaml")
			save(t, path, "allowOrigins: [https://old.example]\n")
			f := start(t, "-with", with, "-policies", path)
			version := f.awaitAll("")
			assert.Equal(t, "https://old.example", f.get("https://old.example"))
			for _, origin := range []string{"https://new.example", "https://newest.example"} {
				save(t, path, "allowOrigins: ["+origin+"]\n")
				version = f.awaitAll(version)
				for range 20 {
					assert.Equal(t, origin, f.get(origin))
					assert.Empty(t, f.get("https://old.example"))
				}
			}

			f.kill()
			deadline := time.After(time.Minute)
			for ended := false; !ended; {
				select {
				case _, ok := <-f.said:
					ended = !ok
				case <-deadline:
					t.Fatal("children outlive their parent")
				}
			}
		})
	}
}

func TestAMistakeEndsTheFirstProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cors.yaml")
	save(t, path, "allowOrigins: https://example.com\n")
	f := start(t, "-policies", path)
	said := ""
	for line := range f.said {
		said += line + "\n"
	}
	assert.Contains(t, said, "line 1: allowOrigins: has to be a list of strings")
	assert.Error(t, f.first.Wait())
	f.first = nil
}
