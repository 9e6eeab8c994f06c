package main

import (
	"errors"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestInstructionsDoNotGrow: time depends on the machine, and instructions nearly do not.
func TestInstructionsDoNotGrow(t *testing.T) {
	before, err := readRecorded(".")
	require.NoError(t, err)
	counted, err := countInstructions()
	if errors.Is(err, errNoValgrind) && os.Getenv("BYTECORS_REQUIRE_VALGRIND") == "" {
		t.Skip("Valgrind counts instructions, and is not installed (Debian: apt-get install valgrind)")
	}
	require.NoError(t, err)
	require.Equal(t, len(before), len(counted))
	for i, now := range counted {
		require.Equal(t, before[i].name+before[i].request, now.name+now.request)
		require.LessOrEqual(t, now.ratio(), before[i].ratio()*tolerance, "%s, %s request: %.0f instructions, %.0f of the floor; "+
			"go run ./benchmarks -instructions records them anew", now.name, now.request, now.middlewares, now.floor)
	}
}
