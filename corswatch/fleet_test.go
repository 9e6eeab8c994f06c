package corswatch_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corswatch"
	"github.com/bytecors/cors/corswatch/internal/fleettest"
)

func TestMain(m *testing.M) {
	fleettest.Main(m, func(of string) (corswatch.Source, error) { return corswatch.File(of), nil })
}

// replace saves a file as deployments should: another one, renamed.
func replace(t *testing.T, path, data string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path+".new", []byte(data), 0o600))
	require.NoError(t, os.Rename(path+".new", path))
}

func TestEveryResponseOfAFleetComesOfOneDocument(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cors.yaml")
	replace(t, path, fleettest.Document(1))
	fleet := fleettest.Start(t, 8, path)
	fleet.Judge(t, 10, func(i int) { replace(t, path, fleettest.Document(i)) })
	fleet.Rush(t, 11, 1000, func(i int) { replace(t, path, fleettest.Document(i)) })

	replace(t, path, fleettest.Document(1012)+"    maxage: 5\n")
	fleet.AwaitError(t, `policy "b": maxage: is no field that there is: did you mean "maxAge"?`)
	require.NoError(t, os.Remove(path))
	fleet.AwaitError(t, "no such file")
	replace(t, path, fleettest.Document(1013))
	fleet.Await(t, 1013, time.Now())
}
