package cors

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNamesAreSpreadOverTheTable: names that differ in a few letters, wherever these are, are found in a few steps.
func TestNamesAreSpreadOverTheTable(t *testing.T) {
	for _, form := range []string{"x-header-%03d", "%03d-header-x", "x-%03d-header-x", "x%03d", "a%d", "%d", "x-amz-meta-long-name-%04d", strings.Repeat("x", 60) + "%d"} {
		var names []string
		for i := range 300 {
			names = append(names, fmt.Sprintf(form, i))
		}
		table := newNameTable(names)
		steps := 0
		for _, name := range names {
			require.True(t, table.has([]byte(name)))
			require.True(t, table.has([]byte(strings.ToUpper(name))))
			require.False(t, table.has([]byte(name+"x")))
			mask := uint64(len(table.slots) - 1)
			for i := foldedHash([]byte(name)) & mask; table.names[table.slots[i]-1] != name; i = (i + 1) & mask {
				steps++
			}
		}
		require.Less(t, steps, 3*len(names), form)
	}
}
