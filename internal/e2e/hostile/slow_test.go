package hostile

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// The timeouts of the server, far shorter than the defaults.
const (
	headerTimeout = 400 * time.Millisecond
	bodyTimeout   = 800 * time.Millisecond
	idleTimeout   = 600 * time.Millisecond
	// later is how much more the server may take for it, on a machine that is busy. It begins to count earlier than the test.
	later   = 2 * time.Second
	earlier = 100 * time.Millisecond
)

// startImpatient runs a collector that waits for nobody, and returns the URL of its own metrics.
func startImpatient(t *testing.T) (s *server, metricsURL string) {
	t.Helper()
	host, port, err := net.SplitHostPort(testbed.FreeAddress(t))
	require.NoError(t, err)
	config := filepath.Join(t.TempDir(), "config.yaml")
	require.NoError(t, os.WriteFile(config, fmt.Appendf(nil, `
receivers:
  pushgateway:
    endpoint: ${env:PUSHGATEWAY_ENDPOINT}
    read_header_timeout: %v
    read_timeout: %v
    keepalive: {idle_timeout: %v}
exporters:
  nop:
service:
  pipelines:
    metrics:
      receivers: [pushgateway]
      exporters: [nop]
  telemetry:
    metrics:
      level: normal
      readers:
        - pull:
            exporter:
              prometheus:
                host: %s
                port: %s
`, headerTimeout, bodyTimeout, idleTimeout, host, port), 0o600))
	s = &server{Collector: testbed.StartCollector(t, testbed.CollectorSettings{Config: config, OwnMetrics: true})}
	s.address = strings.TrimPrefix(s.URL, "http://")
	return s, "http://" + net.JoinHostPort(host, port) + "/metrics"
}

// drip sends a byte now and then, until the server closes the connection, and returns all that it has answered, and when.
func drip(t *testing.T, conn net.Conn, pieces string) (answer string, took time.Duration) {
	t.Helper()
	begin := time.Now()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for i := range len(pieces) {
			if _, err := io.WriteString(conn, pieces[i:i+1]); err != nil {
				return
			}
			time.Sleep(20 * time.Millisecond)
		}
	}()
	got, _ := io.ReadAll(conn) // a reset is the end, too
	took = time.Since(begin)
	_ = conn.Close()
	<-done
	return string(got), took
}

func TestSlowClients(t *testing.T) {
	s, metricsURL := startImpatient(t)
	assert.Empty(t, refused(t, s, metricsURL))
	long := strings.Repeat("a", 1000) // it would take 20 s

	// A head that comes byte by byte is cut, with or without a word.
	answer, took := drip(t, dial(t, s.address), "POST "+path+" HTTP/1.1\r\nHost: x\r\nA: "+long)
	assert.Regexp(t, `^(HTTP/1\.1 400 Bad Request\r\n(.|\s)*)?$`, answer)
	assert.GreaterOrEqual(t, took, headerTimeout-earlier)
	assert.Less(t, took, headerTimeout+later)
	assert.Equal(t, map[string]string{"http": "1"}, refused(t, s, metricsURL))

	// So is one that comes behind a push, on a connection that is kept.
	conn := dial(t, s.address)
	_, _ = io.WriteString(conn, push(path, body))
	r, ok := conn.read()
	require.True(t, ok)
	assert.Equal(t, 200, r.status)
	_, took = drip(t, conn, "POST "+path+" HTTP/1.1\r\nHost: x\r\nA: "+long)
	assert.Less(t, took, idleTimeout+headerTimeout+later)
	assert.Equal(t, map[string]string{"http": "2"}, refused(t, s, metricsURL))

	// A body that comes byte by byte, and one that stops, are answered.
	for i, pieces := range []string{strings.Repeat("#", 1000), ""} {
		conn := dial(t, s.address)
		_, _ = io.WriteString(conn, head(path, "Content-Length: 1000"))
		answer, took = drip(t, conn, pieces)
		assert.True(t, strings.HasPrefix(answer, "HTTP/1.1 408 Request Timeout\r\n"), answer)
		assert.Contains(t, answer, "the body did not arrive within read_timeout; push it again\n")
		assert.GreaterOrEqual(t, took, bodyTimeout-earlier)
		assert.Less(t, took, bodyTimeout+later)
		assert.Equal(t, map[string]string{"http": "2", "slow_body": fmt.Sprint(i + 1)}, refused(t, s, metricsURL))
	}

	// A connection on which nothing comes is closed, whether it is new or was used, and nothing is refused.
	for _, request := range []string{"", push(path, body)} {
		conn := dial(t, s.address)
		_, _ = io.WriteString(conn, request)
		answer, took = drip(t, conn, "")
		assert.Equal(t, request != "", strings.HasPrefix(answer, "HTTP/1.1 200 OK\r\n"), answer)
		assert.Less(t, took, idleTimeout+later)
	}
	assert.Equal(t, map[string]string{"http": "2", "slow_body": "2"}, refused(t, s, metricsURL))
	a := testbed.Post(t, s.Client, s.URL+path, body)
	assert.Equal(t, 200, a.Status, a.Body)
}

var refusedSeries = regexp.MustCompile(`(?m)^otelcol_pushgateway_receiver_refused_requests(?:_total)?\{.*\breason="([a-z_]+)".*\} (\S+)$`)

// refused returns how often the collector says that it has refused requests, by reason.
func refused(t *testing.T, s *server, metricsURL string) map[string]string {
	t.Helper()
	time.Sleep(50 * time.Millisecond) // a request is answered before it is counted
	counts := map[string]string{}
	for _, series := range refusedSeries.FindAllStringSubmatch(testbed.Get(t, s.Client, metricsURL), -1) {
		counts[series[1]] = series[2]
	}
	return counts
}
