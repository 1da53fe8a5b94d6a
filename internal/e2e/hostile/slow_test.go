package hostile

import (
	"fmt"
	"io"
	"net"
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

// startImpatient runs a collector that waits for nobody.
func startImpatient(t *testing.T) (s *server, metrics testbed.OwnMetrics) {
	t.Helper()
	overlay, metrics := testbed.ShowOwnMetrics(t)
	s = &server{sink: testbed.StartOTLPRecorder(t)}
	s.Collector = testbed.StartCollector(t, testbed.CollectorSettings{
		Config: testbed.Repository + "/examples/otlp.yaml", OwnMetrics: true, Env: []string{"OTLP_ENDPOINT=" + s.sink.URL},
		Overlay: overlay + fmt.Sprintf("receivers: {pushgateway: {read_header_timeout: %v, read_timeout: %v, keepalive: {idle_timeout: %v}}}\n",
			headerTimeout, bodyTimeout, idleTimeout),
	})
	s.address = strings.TrimPrefix(s.URL, "http://")
	return s, metrics
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
	s, metrics := startImpatient(t)
	assert.Empty(t, refused(t, metrics))
	long := strings.Repeat("a", 1000) // it would take 20 s

	// A head that comes byte by byte is cut, with or without a word.
	answer, took := drip(t, dial(t, s.address), "POST "+path+" HTTP/1.1\r\nHost: x\r\nA: "+long)
	assert.Regexp(t, `^(HTTP/1\.1 400 Bad Request\r\n(.|\s)*)?$`, answer)
	assert.GreaterOrEqual(t, took, headerTimeout-earlier)
	assert.Less(t, took, headerTimeout+later)
	assert.Equal(t, map[string]string{"http": "1"}, refused(t, metrics))

	// So is one that comes behind a push, on a connection that is kept.
	conn := dial(t, s.address)
	_, _ = io.WriteString(conn, push(path, body))
	r, ok := conn.read()
	require.True(t, ok)
	assert.Equal(t, 200, r.status)
	_, took = drip(t, conn, "POST "+path+" HTTP/1.1\r\nHost: x\r\nA: "+long)
	assert.Less(t, took, idleTimeout+headerTimeout+later)
	assert.Equal(t, map[string]string{"http": "2"}, refused(t, metrics))

	// A body that comes byte by byte, and one that stops, are answered.
	for i, pieces := range []string{strings.Repeat("#", 1000), ""} {
		conn := dial(t, s.address)
		_, _ = io.WriteString(conn, head(path, "Content-Length: 1000"))
		answer, took = drip(t, conn, pieces)
		assert.True(t, strings.HasPrefix(answer, "HTTP/1.1 408 Request Timeout\r\n"), answer)
		assert.Contains(t, answer, "the body did not arrive within read_timeout; push it again\n")
		assert.GreaterOrEqual(t, took, bodyTimeout-earlier)
		assert.Less(t, took, bodyTimeout+later)
		assert.Equal(t, map[string]string{"http": "2", "slow_body": fmt.Sprint(i + 1)}, refused(t, metrics))
	}

	// A connection on which nothing comes is closed, whether it is new or was used, and nothing is refused.
	for _, request := range []string{"", push(path, body)} {
		conn := dial(t, s.address)
		_, _ = io.WriteString(conn, request)
		answer, took = drip(t, conn, "")
		assert.Equal(t, request != "", strings.HasPrefix(answer, "HTTP/1.1 200 OK\r\n"), answer)
		assert.Less(t, took, idleTimeout+later)
	}
	assert.Equal(t, map[string]string{"http": "2", "slow_body": "2"}, refused(t, metrics))
	a := testbed.Post(t, s.Client, s.URL+path, body)
	assert.Equal(t, 200, a.Status, a.Body)
}

var refusedSeries = regexp.MustCompile(`(?m)^otelcol_pushgateway_receiver_refused_requests(?:_total)?\{.*\breason="([a-z_]+)".*\} (\S+)$`)

// refused returns how often the collector says that it has refused requests, by reason.
func refused(t *testing.T, metrics testbed.OwnMetrics) map[string]string {
	t.Helper()
	time.Sleep(50 * time.Millisecond) // a request is answered before it is counted
	counts := map[string]string{}
	for _, series := range refusedSeries.FindAllStringSubmatch(metrics.Page(t), -1) {
		counts[series[1]] = series[2]
	}
	return counts
}
