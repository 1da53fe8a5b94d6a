package e2e

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
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
	if r.method == "" {
		r.method = http.MethodPost
	}
	if r.target == "" {
		r.target = goodPath
	}
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	head := append([]string{
		r.method + " " + r.target + " HTTP/1.1", "Host: " + address, "Connection: close", fmt.Sprintf("Content-Length: %d", len(r.body)),
	}, r.headers...)
	_, err = io.WriteString(conn, strings.Join(head, "\r\n")+"\r\n\r\n"+r.body)
	require.NoError(t, err)
	answer, err := io.ReadAll(conn)
	require.NoError(t, err)
	return string(answer)
}
