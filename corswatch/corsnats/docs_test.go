package corsnats

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/bytecors/cors/corswatch/internal/pagetest"
)

// With the configuration on the page for operators, a replica follows the key, by either way, and cannot change it.
func TestAReplicaWithThePagesPermissionsFollowsAndCannotWrite(t *testing.T) {
	file := filepath.Join(t.TempDir(), "nats.conf")
	require.NoError(t, os.WriteFile(file, []byte(pagetest.Block(t, "text", "jetstream: ")), 0o600))
	c := newCluster(t)
	var err error
	c.options, err = server.ProcessConfigFile(file)
	require.NoError(t, err)
	require.True(t, c.options.JetStream)
	require.NotEmpty(t, c.options.StoreDir)
	c.user = nats.UserInfo("operator", "the first secret")
	c.start()
	kv := c.bucket()
	put(t, kv, document1("https://first.example"))

	replica := *c
	replica.user = nats.UserInfo("replica", "the second secret")
	for name, way := range ways {
		w := follow(&replica, way)
		origin := "https://" + name + ".example"
		put(t, kv, document1(origin))
		w.untilAllowed(origin)
	}

	refused := make(chan error, 10)
	conn, err := nats.Connect(c.url(), replica.user, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { refused <- err }))
	require.NoError(t, err)
	defer conn.Close()
	for _, subject := range []string{"$KV.policies.cors", "$KV.policies.other", "$JS.API.STREAM.DELETE.KV_policies", "$JS.API.STREAM.PURGE.KV_policies",
		"$JS.API.STREAM.UPDATE.KV_policies", "$JS.API.STREAM.MSG.DELETE.KV_policies"} {
		require.NoError(t, conn.Publish(subject, []byte("{}")))
		require.NoError(t, conn.Flush())
		select {
		case err := <-refused:
			assert.ErrorIs(t, err, nats.ErrPermissionViolation, subject)
		case <-time.After(time.Minute):
			assert.Fail(t, "not refused", subject)
		}
	}
	_, err = nats.Connect(c.url())
	assert.ErrorIs(t, err, nats.ErrAuthorization, "nobody comes in without a name")
	entry, err := kv.Get(t.Context(), "cors")
	require.NoError(t, err)
	assert.Equal(t, jetstream.KeyValuePut, entry.Operation())
	assert.Equal(t, uint64(3), entry.Revision())
}

// The page's server, changed as the page says, with a real server of NATS.
func TestTheServerOnThePageFollowsTheKey(t *testing.T) {
	c := newCluster(t)
	c.start()
	kv := c.bucket()
	document := pagetest.Block(t, "yaml", "allowOrigins:\n  - https://app.example.com")
	put(t, kv, strings.TrimSpace(document)) // as $(cat cors.yaml) has it

	main := pagetest.Replace(t, pagetest.Block(t, "go", `corswatch.File("cors.yaml")`), "\t\"context\"\n", "")
	following := regexp.MustCompile(`(?s)\terr := corswatch\.Follow\(.*?\n\t}\n`).FindString(main)
	require.NotEmpty(t, following)
	main = pagetest.Replace(t, main, following, "\tfollow(&set)\n")
	follow := pagetest.Replace(t, pagetest.Block(t, "go", "func follow("), "nats://localhost:4222", c.url())
	program := pagetest.Run(t, t.TempDir(), main, follow)
	program.Await(t, "https://app.example.com", "/")
	put(t, kv, pagetest.Replace(t, document, "https://app.example.com", "https://other.example.com"))
	program.Await(t, "https://other.example.com", "/")
}
