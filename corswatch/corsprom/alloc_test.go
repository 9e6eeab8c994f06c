//go:build !race

package corsprom_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/bytecors/cors"
	"github.com/bytecors/cors/corswatch"
)

// Nor does choosing the policy, or asking its shadow.
func TestCountingDoesNotAllocate(t *testing.T) {
	set, _ := newSet(t)
	require.NoError(t, set.Load(corswatch.Document{Version: "1", Data: []byte(document)}))
	handler := cors.Select(set.Choose, func(*fasthttp.RequestCtx) {})
	for _, ctx := range requests {
		assert.Zero(t, testing.AllocsPerRun(100, func() {
			ctx.Response.Reset()
			handler(ctx)
		}), ctx.Request.String())
	}
}
