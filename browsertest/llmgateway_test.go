package browsertest

import (
	"bufio"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// startLLMGateway builds and runs the example on a free port, and returns the address of its settings page.
func startLLMGateway(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	program := filepath.Join(folder, "llmgateway")
	output, err := exec.Command("go", "build", "-o", program, "github.com/bytecors/cors/examples/llmgateway").CombinedOutput()
	require.NoError(t, err, "%s", output)
	command := exec.Command(program, "-listen", "127.0.0.1:0", "-settings", filepath.Join(folder, "settings.json"))
	command.Stderr = os.Stderr
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	lines := bufio.NewScanner(stdout)
	t.Cleanup(func() {
		require.NoError(t, command.Process.Signal(os.Interrupt))
		for lines.Scan() {
		}
		require.NoError(t, command.Wait(), "after an interrupt")
	})
	require.True(t, lines.Scan())
	address := regexp.MustCompile(`http://\S+`).FindString(lines.Text())
	require.NotEmpty(t, address)
	return address
}

// settingsPage does what an operator does: writes origins, presses Save, and reads what the page then says.
const settingsPage = `async (steps) => {
	const form = document.getElementById("form"), origins = document.getElementById("origins");
	const state = document.getElementById("state"), mistakes = document.getElementById("mistakes");
	if (steps.write !== undefined) origins.value = steps.write;
	if (steps.accept) mistakes.querySelectorAll("button").forEach((button) => button.click());
	const told = new Promise((resolve) => new MutationObserver(() => state.textContent && resolve()).observe(state, { childList: true }));
	form.requestSubmit();
	await told;
	return {
		state: state.textContent,
		mistakes: [...mistakes.children].map((item) => item.textContent),
		origins: origins.value,
		html: mistakes.querySelectorAll("li > :not(button)").length,
	};
}`

func operatorLetsAPageUseTheGateway(t *testing.T, b *browser) {
	settings := startLLMGateway(t)
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
	}))
	defer site.Close()
	_, port, err := net.SplitHostPort(site.Listener.Addr().String())
	require.NoError(t, err)
	app := "http://app.localhost:" + port

	operator, page := b.open(t, settings), b.open(t, app)

	// use asks the API as a page does, and reads the answer as it comes.
	use := func() (answer string) {
		page.call(`async (gateway) => {
			try {
				const response = await fetch(gateway + "v1/chat/completions", {
					method: "POST",
					headers: { "Content-Type": "application/json", Authorization: "Bearer secret" },
					body: JSON.stringify({ stream: true, messages: [{ role: "user", content: "Hello there" }] }),
				});
				return response.status + " " + response.headers.has("X-Request-Id") + " " + await response.text();
			} catch (error) {
				return error.name;
			}
		}`, settings[:len(settings)-len("settings/")], &answer)
		return answer
	}
	type told struct {
		State    string   `json:"state"`
		Mistakes []string `json:"mistakes"`
		Origins  string   `json:"origins"`
		HTML     int      `json:"html"`
	}
	save := func(steps map[string]any) (answer told) {
		operator.call(settingsPage, steps, &answer)
		return answer
	}
	require.Equal(t, "TypeError", use())

	answer := save(map[string]any{"write": "https://app.example\n\n" + app + "/path\n<img src=x>"})
	require.Equal(t, "Nothing was saved. What was in force stays.", answer.State)
	require.Len(t, answer.Mistakes, 2)
	require.Equal(t, "https://app.example\n"+app+"/path\n<img src=x>", answer.Origins, "lines as they are counted")
	require.Contains(t, answer.Mistakes[0], "Line 2: "+app+"/path has a path")
	require.Contains(t, answer.Mistakes[0], "Use "+app)
	require.Contains(t, answer.Mistakes[1], "Line 3: <img src=x> ", "as text")
	require.Zero(t, answer.HTML)
	require.Equal(t, "TypeError", use())

	answer = save(map[string]any{"write": app + "/path"})
	require.Len(t, answer.Mistakes, 1)
	answer = save(map[string]any{"accept": true})
	require.Equal(t, "Saved, and in force.", answer.State)
	require.Empty(t, answer.Mistakes)
	require.Equal(t, app, answer.Origins)
	require.Equal(t, "200 true data: {\"delta\":{\"role\":\"assistant\",\"content\":\"Hello \"}}\n\n"+
		"data: {\"delta\":{\"role\":\"assistant\",\"content\":\"there\"}}\n\ndata: [DONE]\n\n", use())

	// What may use the API may not decide who else may.
	var outcome string
	page.call(`async (url) => {
		await fetch(url, { method: "PUT", mode: "cors", body: '{"allowOrigins":["*"]}' }).catch(() => {});
		await fetch(url, { method: "POST", mode: "no-cors", body: '{"allowOrigins":["*"]}' }).catch(() => {});
		return fetch(url).then(() => "read", (error) => error.name);
	}`, settings+"origins", &outcome)
	require.Equal(t, "TypeError", outcome)
	require.NoError(t, operator.Go(settings))
	operator.call(`async () => (await (await fetch("origins")).json()).allowOrigins.join()`, nil, &outcome)
	require.Equal(t, app, outcome)
}
