package browsertest

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
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
		Title, Verdict, Expected, Happened string
		Failed                             []string
	} `json:"cases"`
}

const readDemo = `({
	overall: document.getElementById("verdict").dataset.verdict,
	words: document.getElementById("verdict").textContent,
	cases: [...document.querySelectorAll(".case")].map((c) => ({
		title: c.querySelector(".title").textContent,
		verdict: c.dataset.verdict,
		expected: c.querySelector(".expected").textContent,
		happened: c.querySelector(".happened").textContent,
		failed: [...c.querySelectorAll("li.failed")].map((item) => item.textContent),
	})),
})`

func (p *tab) demoVerdict() demoVerdict {
	p.t.Helper()
	var v demoVerdict
	p.run(chromedp.WaitReady(`#verdict:not([data-verdict="running"])`), chromedp.Evaluate(readDemo, &v))
	return v
}

// photograph writes a picture of the whole page.
func (p *tab) photograph(name, colorScheme string, width int64) {
	p.t.Helper()
	directory := os.Getenv("BYTECORS_SCREENSHOTS")
	if directory == "" {
		directory = p.t.TempDir()
	}
	scheme := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colorScheme}}
	var picture []byte
	p.run(
		emulation.SetEmulatedMedia().WithFeatures(scheme),
		chromedp.EmulateViewport(width, 900),
		chromedp.FullScreenshot(&picture, 100),
	)
	require.NotEmpty(p.t, picture)
	require.NoError(p.t, os.MkdirAll(directory, 0o755))
	require.NoError(p.t, os.WriteFile(filepath.Join(directory, name+".png"), picture, 0o644))
}

// forms are the cases whose requests are not sent by script.
var forms = map[string]struct{ expected, happened string }{
	"A form on another site": {"the API acts on the form", "the API answered 200 OK"},
	"The same form, refused": {"the API refuses the form", "the API answered 403 Forbidden"},
}

func TestDemoPageSaysWhatHappened(t *testing.T) {
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
			p := openTab(t, test.url)
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
				} else {
					require.Equal(t, "fetch threw “Failed to fetch”", c.Happened)
					require.Equal(t, "the browser keeps the response from script", c.Expected)
				}
			}
			require.Equal(t, test.readable, readable)
			p.photograph(test.name+"-light", "light", 1280)
			p.photograph(test.name+"-dark", "dark", 1280)
			p.photograph(test.name+"-narrow", "light", 420)
		})
	}
}

func TestDemoPageTellsWhenACaseFails(t *testing.T) {
	pageURL, _ := startDemo(t)
	p := openTab(t, pageURL)
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
