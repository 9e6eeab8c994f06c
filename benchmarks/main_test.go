package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMain is the load generator where the tests have started it.
func TestMain(m *testing.M) {
	if os.Getenv(generatorEnvironment) != "" {
		exitOn(generate(os.Stdin, os.Stdout))
		return
	}
	os.Exit(m.Run())
}

// TestCommandWritesEverything runs all there is to measure, too shortly to mean anything.
func TestCommandWritesEverything(t *testing.T) {
	directory := t.TempDir()
	require.NoError(t, quickPlan(directory).run())
	results, err := os.ReadFile(filepath.Join(directory, "RESULTS.md"))
	require.NoError(t, err)
	require.Contains(t, string(results), "## Goals")
	require.NotContains(t, string(results), "NaN")
	for _, chart := range []string{"actual.svg", "preflight.svg", "origins.svg", "preflights.svg"} {
		svg, err := os.ReadFile(filepath.Join(directory, chart))
		require.NoError(t, err)
		size := regexp.MustCompile(`viewBox="0 0 (\d+) (\d+)"`).FindSubmatch(svg)
		require.NotNil(t, size, chart)
		ground := fmt.Sprintf(`<path d="M0,0L%s,0L%[1]s,%sL0,%[2]sZ" style="fill:#FFFFFF" />`, size[1], size[2])
		require.Contains(t, string(svg), ground, "%s cannot be read on a dark page", chart)
	}
}

// TestNothingAllocates: figures in nanoseconds depend on the machine, this one does not.
func TestNothingAllocates(t *testing.T) {
	const fewOrigins = 1000
	type named struct {
		name string
		subject
	}
	var subjects []named
	for _, row := range floorRows() {
		require.NoError(t, row.check())
		subjects = append(subjects, named{row.name, onFasthttp("", row.wire, row.policy.bytecors())})
	}
	for _, row := range matrixRows() {
		subjects = append(subjects, named{row.name, onFasthttp("", row.wire, row.policy.bytecors())})
	}
	for _, row := range hostileRows(fewOrigins) {
		subjects = append(subjects, named{row.name, onFasthttp("", row.hostile, row.policy.bytecors())})
	}
	for _, s := range subjects {
		require.Zero(t, testing.AllocsPerRun(100, func() { s.answer(1) }), s.name)
	}
}

func TestQuantile(t *testing.T) {
	for _, c := range []struct {
		values []float64
		q      float64
		want   float64
	}{
		{[]float64{3}, 0.5, 3},
		{[]float64{9, 1, 5}, 0.5, 5},
		{[]float64{9, 1, 5}, 1, 9},
		{[]float64{9, 1, 5}, 0, 1},
	} {
		require.Equal(t, c.want, quantile(c.values, c.q), "%v", c)
	}
}
