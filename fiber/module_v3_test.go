package corsfiber_test

import (
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Whoever uses the core alone must not get Fiber with it. go.sum has a line for each module of the graph.
func TestTheCoreDoesNotRequireFiber(t *testing.T) {
	for _, file := range []string{"../go.mod", "../go.sum"} {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		assert.NotContains(t, string(content), "gofiber", file)
	}
}
