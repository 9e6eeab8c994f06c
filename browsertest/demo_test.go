package browsertest

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corstest"
)

// startDemo builds and runs the demo on free ports, and returns the addresses that it prints: of its page, and of the
// same page by an origin that the API does not allow.
func startDemo(t *testing.T) (pageURL, otherURL string) {
	t.Helper()
	program := filepath.Join(t.TempDir(), "demo")
	build := exec.Command("go", "build", "-o", program, "github.com/bytecors/cors/examples/demo")
	output, err := build.CombinedOutput()
	require.NoError(t, err, "%s", output)

	command := exec.Command(program, "-page-port", "0", "-api-port", "0")
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
	for lines.Scan() && otherURL == "" {
		if url := regexp.MustCompile(`http://localhost:\d+`).FindString(lines.Text()); pageURL == "" {
			pageURL = url
		}
		otherURL = regexp.MustCompile(`http://127\.0\.0\.1:\d+`).FindString(lines.Text())
	}
	require.NotEmpty(t, pageURL)
	require.NotEmpty(t, otherURL)
	return pageURL, otherURL
}

// demoVerdict is what the page says of itself, after all cases have run.
type demoVerdict struct {
	Overall string `json:"overall"`
	Words   string `json:"words"`
	Cases   []struct {
		Title, Verdict, Expected, Happened, Reason string
		Failed                                     []string
	} `json:"cases"`
}

// readDemo waits until all cases have run, and reads what the page says.
const readDemo = `async () => {
	const verdict = document.getElementById("verdict");
	while (verdict.dataset.verdict === "running") {
		await new Promise((resolve) => {
			new MutationObserver(resolve).observe(verdict, { attributes: true });
		});
	}
	return {
		overall: verdict.dataset.verdict,
		words: verdict.textContent,
		cases: [...document.querySelectorAll(".case")].map((c) => ({
			title: c.querySelector(".title").textContent,
			verdict: c.dataset.verdict,
			expected: c.querySelector(".expected").textContent,
			happened: c.querySelector(".happened").textContent,
			reason: c.querySelector(".reason").hidden ? "" : c.querySelector(".reason dd").textContent,
			failed: [...c.querySelectorAll("li.failed")].map((item) => item.textContent),
		})),
	};
}`

func (p *tab) demoVerdict() (v demoVerdict) {
	p.t.Helper()
	p.call(readDemo, nil, &v)
	return v
}

// photograph writes a picture of the whole page, which takes Chromium.
func (p *tab) photograph(name, colorScheme string, width int) {
	p.t.Helper()
	directory := os.Getenv("BYTECORS_SCREENSHOTS")
	if directory == "" {
		directory = p.t.TempDir()
	}
	page := p.devTools()
	p.prefer(colorScheme)
	require.NoError(p.t, page.Command("Emulation.setDeviceMetricsOverride", map[string]any{
		"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false,
	}, nil))
	var picture struct{ Data []byte }
	require.NoError(p.t, page.Command("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &picture))
	require.NotEmpty(p.t, picture.Data)
	require.NoError(p.t, os.MkdirAll(directory, 0o755))
	require.NoError(p.t, os.WriteFile(filepath.Join(directory, name+".png"), picture.Data, 0o644))
}

// prefer makes the page light or dark, which takes Chromium.
func (p *tab) prefer(colorScheme string) {
	p.t.Helper()
	require.NoError(p.t, p.devTools().Command("Emulation.setEmulatedMedia", map[string]any{
		"features": []any{map[string]any{"name": "prefers-color-scheme", "value": colorScheme}},
	}, nil))
}

// forms are the cases whose requests are not sent by script.
var forms = map[string]struct{ expected, happened string }{
	"A form on another site": {"the API acts on the form", "the API answered 200 OK"},
	"The same form, refused": {"the API refuses the form", "the API answered 403 Forbidden"},
}

// failedFetch is what engines say of every fetch that fails.
var failedFetch = map[corstest.Engine]string{
	corstest.Chromium:  "Failed to fetch",
	corstest.Firefox:   "NetworkError when attempting to fetch resource.",
	corstest.WebKitGTK: "Load failed",
}

func demoPageSaysWhatHappened(t *testing.T, b *browser) {
	pageURL, otherURL := startDemo(t)
	for _, test := range []struct {
		name, url string
		readable  []string // the cases that script may read
	}{
		{"allowed", pageURL, []string{
			"Data for every origin", "Data for listed origins", "XML and a header of one’s own", "Permission is remembered",
			"A cookie goes there, another comes back", "An exposed header", "An error", "A timeout", "Nothing there",
			"The same, from this page",
		}},
		{"stranger", otherURL, []string{"Data for every origin"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := b.open(t, test.url)
			v := p.demoVerdict()
			require.Equal(t, "passed", v.Overall, "%+v", v)
			require.Equal(t, "All 18 cases came out as expected.", v.Words)
			require.Len(t, v.Cases, 18)
			var readable []string
			for _, c := range v.Cases {
				require.Equal(t, "passed", c.Verdict, "%+v", c)
				require.Empty(t, c.Failed, c.Title)
				// What the page expects is held to a list that is not the page's, and to what it says happened.
				if form, ok := forms[c.Title]; ok {
					require.Equal(t, form.expected, c.Expected)
					require.Equal(t, form.happened, c.Happened)
				} else if regexp.MustCompile(`^script read status`).MatchString(c.Happened) {
					readable = append(readable, c.Title)
					require.Contains(t, c.Expected, "script reads the response")
					require.Empty(t, c.Reason, c.Title)
				} else {
					require.Equal(t, "fetch threw “"+failedFetch[b.as]+"”", c.Happened)
					require.Equal(t, "the browser keeps the response from script", c.Expected)
					require.NotEmpty(t, c.Reason, c.Title)
				}
			}
			require.Equal(t, test.readable, readable)
			if b.as != corstest.Chromium {
				return
			}
			p.photograph(test.name+"-light", "light", 1280)
			require.Empty(t, p.faintText("light"))
			require.Empty(t, p.faintText("dark"))
			p.photograph(test.name+"-dark", "dark", 1280)
			p.photograph(test.name+"-narrow", "light", 420)
		})
	}
}

func demoPageTellsWhenACaseFails(t *testing.T, b *browser) {
	pageURL, _ := startDemo(t)
	p := b.open(t, pageURL)
	p.demoVerdict()
	// As if the API had not answered as it should.
	const failing = `(async () => {
		const { check } = await import("/run.js");
		const { showResult, showVerdict } = await import("/view.js");
		const article = document.querySelector(".case");
		const happened = { script: { error: new TypeError("Failed to fetch") }, exchanges: [], cookie: "" };
		showResult(article, check({ readable: true, status: 200, preflights: 0, handled: 1 }, happened), happened);
		showVerdict(17, 18);
		return true;
	})`
	var done bool
	p.call(failing, nil, &done)
	v := p.demoVerdict()
	require.Equal(t, "failed", v.Overall)
	require.Equal(t, "failed", v.Cases[0].Verdict)
	require.Equal(t, []string{
		"script reads status 200 (found nothing)", "1 request reached the handler (found 0)",
	}, v.Cases[0].Failed)
	require.Equal(t, "1 of 18 cases did not come out as expected.", v.Words)
}

func demoPageInDebugMode(t *testing.T, b *browser) {
	pageURL, otherURL := startDemo(t)
	p := b.open(t, pageURL)
	p.demoVerdict()
	p.call(`() => { document.body.dataset.old = "before"; document.getElementById("debug").click(); }`, nil, nil)
	require.Eventually(t, func() bool { // the page loads anew, and there may be none to call meanwhile
		var loaded bool
		err := p.Call(`() => document.readyState === "complete" && !document.body.dataset.old`, nil, &loaded)
		return err == nil && loaded
	}, time.Minute, 20*time.Millisecond)
	v := p.demoVerdict()
	require.Equal(t, "passed", v.Overall, "%+v", v)
	for _, c := range v.Cases {
		if c.Title == "A header that is not listed" {
			require.Contains(t, c.Reason, "x-unlisted")
		}
	}
	require.NoError(t, p.Go(otherURL))
	v = p.demoVerdict()
	require.Equal(t, "passed", v.Overall, "%+v", v)
}

// faintText returns what has less contrast to what is behind it than 4.5 to 1 (WCAG 2 success criterion 1.4.3).
func (p *tab) faintText(colorScheme string) (faint []string) {
	p.t.Helper()
	const find = `() => {
		document.body.classList.add("all-headers");
		document.querySelectorAll("details").forEach((d) => { d.open = true; });
		const parse = (color) => color.match(/[\d.]+/g).map(Number);
		const light = ([r, g, b]) => [r, g, b]
			.map((c) => c / 255)
			.map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
			.reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
		const behind = (e) => {
			for (; e; e = e.parentElement) {
				const color = parse(getComputedStyle(e).backgroundColor);
				if (color.length < 4 || color[3] > 0) return color;
			}
			return [255, 255, 255];
		};
		const faint = [];
		for (const e of document.querySelectorAll("body, body *")) {
			const text = [...e.childNodes].filter((n) => n.nodeType === Node.TEXT_NODE).map((n) => n.data.trim()).join("");
			if (text === "" || e.checkVisibility && !e.checkVisibility()) continue;
			let opacity = 1;
			for (let a = e; a; a = a.parentElement) opacity *= getComputedStyle(a).opacity;
			const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))].sort((x, y) => y - x);
			const ratio = (a + 0.05) / (b + 0.05);
			if (ratio < 4.5 || opacity < 1) faint.push(e.tagName + "." + e.className + " " + ratio.toFixed(2) + ": " + text.slice(0, 40));
		}
		return [...new Set(faint)];
	}`
	p.prefer(colorScheme)
	p.call(find, nil, &faint)
	return faint
}
