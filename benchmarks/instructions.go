package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"
)

// Instructions are the same on a noisy machine as on a quiet one: where time drifts by a third, they tell a change of
// one percent. Valgrind counts them, in a process of its own, which answers the requests of every row in turn.

// countedRow is one class of request, with what answers it by hand and with the middleware.
type countedRow struct {
	name, request string
	wire          wire
	subjects      [4]fasthttp.RequestHandler // floor, reading floor, tailored, middleware
}

func countedRows() (rows []countedRow) {
	for _, row := range floorRows() {
		rows = append(rows, countedRow{row.name, row.request, row.wire,
			[4]fasthttp.RequestHandler{row.floor, readingFloor(row.wire, row.floor), row.policy.tailored(row.wire), row.policy.bytecors()}})
	}
	return rows
}

const (
	countedEnvironment = "BYTECORS_COUNTED"
	countedRequests    = 1000
)

// answerCounted is what the counting process does. Valgrind is told to look at calls of answerAll alone.
func answerCounted() {
	for _, row := range countedRows() {
		for _, handler := range row.subjects {
			s := onFasthttp("", row.wire, handler)
			s.answer(100) // buffers have grown
			answerAll(s)
		}
	}
}

//go:noinline
func answerAll(s subject) {
	s.answer(countedRequests)
}

// instructions are those of one request.
type instructions struct {
	name, request                         string
	floor, reading, tailored, middlewares float64
}

func (i instructions) ratio() float64 { return i.middlewares / i.floor }

var errNoValgrind = errors.New("valgrind is not installed")

// countInstructions has this program run under Valgrind.
func countInstructions() ([]instructions, error) {
	valgrind, err := exec.LookPath("valgrind")
	if err != nil {
		return nil, errNoValgrind
	}
	scratch, err := os.MkdirTemp("", "bytecors")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(scratch)
	// As go run and go test build it, it has no names that Valgrind could be told.
	program := filepath.Join(scratch, "counted")
	if output, err := exec.Command("go", "build", "-o", program, "github.com/bytecors/cors/benchmarks").CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, output)
	}
	command := exec.Command(valgrind, "--tool=callgrind", "--callgrind-out-file="+filepath.Join(scratch, "out"),
		"--toggle-collect=main.answerAll", "--dump-after=main.answerAll", program)
	command.Env = append(os.Environ(), countedEnvironment+"=1", "GOGC=off", "GOMAXPROCS=1", "GODEBUG=asyncpreemptoff=1")
	if output, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("%w\n%s", err, output)
	}
	rows := countedRows()
	counted := make([]instructions, len(rows))
	for i, row := range rows {
		var of [4]float64
		for j := range of {
			// The first dump has no number of its own where there is one thread; each has what came since the last.
			if of[j], err = totalOf(filepath.Join(scratch, "out."+strconv.Itoa(i*len(of)+j+1))); err != nil {
				return nil, err
			}
		}
		counted[i] = instructions{row.name, row.request, of[0], of[1], of[2], of[3]}
	}
	return counted, nil
}

var totals = regexp.MustCompile(`(?m)^(?:totals|summary): (\d+)$`)

func totalOf(path string) (float64, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return 0, err
	}
	match := totals.FindSubmatch(text)
	if match == nil {
		return 0, fmt.Errorf("%s has no totals", path)
	}
	n, err := strconv.Atoi(string(match[1]))
	return float64(n) / countedRequests, err
}

// recorded is the file in which the last accepted counts stand.
const recorded = "instructions.txt"

func writeRecorded(directory string, counted []instructions) error {
	var b strings.Builder
	b.WriteString("# Instructions for one request: floor, reading floor, tailored handler, middleware. Written by go run ./benchmarks -instructions.\n")
	for _, i := range counted {
		fmt.Fprintf(&b, "%.0f\t%.0f\t%.0f\t%.0f\t%s\t%s\n", i.floor, i.reading, i.tailored, i.middlewares, i.request, i.name)
	}
	return os.WriteFile(filepath.Join(directory, recorded), []byte(b.String()), 0o644)
}

func readRecorded(directory string) (counted []instructions, err error) {
	file, err := os.Open(filepath.Join(directory, recorded))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != 6 {
			continue
		}
		i := instructions{request: fields[4], name: fields[5]}
		for at, value := range []*float64{&i.floor, &i.reading, &i.tailored, &i.middlewares} {
			if *value, err = strconv.ParseFloat(fields[at], 64); err != nil {
				return nil, err
			}
		}
		counted = append(counted, i)
	}
	return counted, nil
}

// tolerance is by how much a count over its floor may exceed what is recorded.
const tolerance = 1.03

// measureInstructions puts the counts into the report.
func measureInstructions(r *report) error {
	counted, err := countInstructions()
	if err != nil {
		return err
	}
	t := r.table("Instructions",
		"Counted by Valgrind, for one request, the bare handler included. Time drifts with the machine, these do not: a test fails where "+
			"the middleware's go up by 3 % over the floor's.",
		"case", "request", "floor", "reading floor", "tailored", "middleware", "middleware / floor", "middleware / tailored")
	for _, i := range counted {
		t.row(i.name, i.request, fmt.Sprintf("%.0f", i.floor), fmt.Sprintf("%.0f", i.reading), fmt.Sprintf("%.0f", i.tailored),
			fmt.Sprintf("%.0f", i.middlewares), times(i.ratio()), times(i.middlewares/i.tailored))
	}
	return nil
}
