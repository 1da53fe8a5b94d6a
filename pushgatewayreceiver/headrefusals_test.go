package pushgatewayreceiver

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
)

func (r running) address() string { return strings.TrimPrefix(r.url, "http://") }

// sendRaw sends bytes as they are and returns all that is answered, until the server closes the connection. The client closes its
// side if it hangs up.
func (r running) sendRaw(t *testing.T, request string, hangUp bool) string {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", r.address())
	require.NoError(t, err)
	return talk(t, conn, request, func() {
		if hangUp {
			assert.NoError(t, conn.(*net.TCPConn).CloseWrite())
		}
	})
}

func talk(t *testing.T, conn net.Conn, request string, sent func()) string {
	t.Helper()
	defer conn.Close()
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	_, err := io.WriteString(conn, request)
	require.NoError(t, err)
	sent()
	got, _ := io.ReadAll(conn) // a reset is the end, too
	return string(got)
}

// net/http refuses by itself what it cannot hand to a handler.
func TestHeadsThatAreRefused(t *testing.T) {
	m := startMeasured(t, consumertest.NewNop(), func(c *Config) { c.ServerConfig.ReadHeaderTimeout = 50 * time.Millisecond })
	const head = "POST /metrics/job/x HTTP/1.1\r\nHost: x\r\n"
	counted := int64(0)
	for name, request := range map[string]string{
		"no HTTP at all":           "m 1\n\r\n\r\n",
		"a header without colon":   head + "nonsense\r\n\r\n",
		"a head that is too large": head + "A: " + strings.Repeat("a", 2*maxHeaderBytes) + "\r\n\r\n",
		"an unknown coding":        head + "Transfer-Encoding: xchunked\r\n\r\n",
		"an unknown expectation":   head + "Expect: the worst\r\nContent-Length: 0\r\n\r\n",
		"a head that does not end": head + "A: ",
		"a line that does not end": "POST /metr",
	} {
		m.sendRaw(t, request, false)
		counted++
		require.Eventually(t, func() bool { return m.refused(t) == counted }, 5*time.Second, time.Millisecond, name)
	}
	m.requireRefused(t, "http", counted)
}

// What a handler answers, and connections on which nothing is asked, are no heads that are refused.
func TestHeadsThatAreNotRefused(t *testing.T) {
	m := startMeasured(t, consumertest.NewNop(), func(c *Config) {
		require.NoError(t, c.Unmarshal(confFrom(map[string]any{"keepalive": map[string]any{"idle_timeout": "50ms"}})))
		c.ServerConfig.ReadHeaderTimeout = 50 * time.Millisecond
	})
	const push = "POST /metrics/job/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nm 1\n"
	for name, request := range map[string]string{
		"a connection that is not used": "",
		"a push":                        push,
		"pushes, one behind the other":  push + push + push,
		"a client that goes":            push,
		"a health check":                "GET /-/ready HTTP/1.1\r\nHost: x\r\n\r\n",
		"OPTIONS of the server":         "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
	} {
		answers := m.sendRaw(t, request, name == "a client that goes")
		assert.Equal(t, strings.Count(request, "Host:"), strings.Count(answers, "HTTP/1.1 200 OK\r\n"), name)
	}
	m.settle(t)
	m.requireRefused(t, "not_found", 1)
}

// settle waits until all connections are closed. A request that is refused comes last, so that there is something to count.
func (m measured) settle(t *testing.T) {
	t.Helper()
	assert.Contains(t, m.sendRaw(t, "GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", false), "404 page not found")
	require.NoError(t, m.endpoint.server.Shutdown(t.Context()))
}

// With HTTP/2 a connection becomes active before anything is asked, and may have many requests at once.
func TestHeadsOfHTTP2(t *testing.T) {
	certificate, trusted := testCertificate(t)
	m := startMeasured(t, consumertest.NewNop(), func(c *Config) {
		require.NoError(t, c.Unmarshal(confFrom(map[string]any{
			"tls": certificate, "keepalive": map[string]any{"idle_timeout": "100ms"},
		})))
	})
	const (
		preface  = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
		settings = "\x00\x00\x00\x04\x00\x00\x00\x00\x00"
	)
	// GET, /, https, and 3000 headers of one byte: HPACK, RFC 7541, section 6.
	manyHeaders := "\x82\x84\x87" + strings.Repeat("\x00\x01x\x01y", 3000)
	headers := string([]byte{0, byte(len(manyHeaders) >> 8), byte(len(manyHeaders)), 1, 5, 0, 0, 0, 1}) + manyHeaders
	send := func(frames string) {
		conn, err := tls.Dial("tcp", m.address(), &tls.Config{RootCAs: trusted, NextProtos: []string{"h2"}})
		require.NoError(t, err)
		require.Equal(t, "h2", conn.ConnectionState().NegotiatedProtocol)
		assert.NotEmpty(t, talk(t, conn, preface+settings+frames, func() {}))
	}

	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted}, ForceAttemptHTTP2: true}}
	defer client.CloseIdleConnections()
	for range 3 {
		res, err := client.Post("https://"+m.address()+"/metrics/job/x", "", strings.NewReader("a 1\n"))
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Equal(t, 2, res.ProtoMajor)
		assert.Equal(t, http.StatusOK, res.StatusCode)
	}
	send("") // nothing is asked
	assert.Zero(t, m.refused(t))
	send(headers)
	m.requireRefused(t, "http", 1)
}

// testCertificate returns settings for tls, and the pool that trusts their certificate.
func testCertificate(t *testing.T) (map[string]any, *x509.CertPool) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	c := server.TLS.Certificates[0]
	key, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	require.NoError(t, err)
	pool := x509.NewCertPool()
	pool.AddCert(server.Certificate())
	return map[string]any{
		"cert_pem": string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})),
		"key_pem":  string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
	}, pool
}
