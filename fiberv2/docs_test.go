package corsfiber_test

import (
	"os"
	"reflect"
	"strings"
	"testing"

	fibercors "github.com/gofiber/fiber/v2/middleware/cors"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors"
)

func TestTheMigrationTableHasEveryOption(t *testing.T) {
	content, err := os.ReadFile("../docs/migration.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(content), "### Options of Fiber's middleware")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n### ")
	for _, config := range []struct {
		structure any
		mark      string
	}{{fibercors.Config{}, "\n| `"}, {cors.Config{}, "`"}} {
		for _, field := range reflect.VisibleFields(reflect.TypeOf(config.structure)) {
			assert.Contains(t, section, config.mark+field.Name+"`")
		}
	}
}
