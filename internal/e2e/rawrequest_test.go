package e2e

import (
	"cmp"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A rawRequest is sent as it is: no client would send all that a test wants to.
type rawRequest struct {
	method  string // default: POST
	target  string // default: that of a good push
	headers []string
	body    string
}

// send returns the whole answer, header included.
func (r rawRequest) send(t *testing.T, address string) string {
	t.Helper()
	head := append([]string{
		cmp.Or(r.method, http.MethodPost) + " " + cmp.Or(r.target, goodPath) + " HTTP/1.1",
		"Host: " + address, "Connection: close", fmt.Sprintf("Content-Length: %d", len(r.body)),
	}, r.headers...)
	return sendText(t, address, strings.Join(head, "\r\n")+"\r\n\r\n"+r.body)
}

// sendText returns the whole answer to what may be no request at all.
func sendText(t *testing.T, address, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	_, err = io.WriteString(conn, text)
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	return string(answer)
}

// startReceivers runs a collector that has a receiver at <NAME>_ENDPOINT for each name. It returns their addresses; that at
// PUSHGATEWAY_ENDPOINT has no name.
func startReceivers(t *testing.T, configuration string, env []string, names ...string) (*testbed.Collector, map[string]string) {
	t.Helper()
	config := filepath.Join(t.TempDir(), "config.yaml")
	require.NoError(t, os.WriteFile(config, []byte(configuration), 0o600))
	addresses := map[string]string{}
	for _, name := range names {
		addresses[name] = testbed.FreeAddress(t)
		env = append(env, strings.ToUpper(name)+"_ENDPOINT="+addresses[name])
	}
	c := testbed.StartCollector(t, testbed.CollectorSettings{Config: config, Env: env})
	for _, name := range names {
		testbed.WaitUntilReady(t, c.Process, c.Client, "http://"+addresses[name]+"/-/ready", testbed.ToStart)
	}
	addresses[""] = strings.TrimPrefix(c.URL, "http://")
	return c, addresses
}
