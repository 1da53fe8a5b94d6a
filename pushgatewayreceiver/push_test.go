package pushgatewayreceiver

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.uber.org/zap/zapcore"
)

func newResponse() *httptest.ResponseRecorder { return httptest.NewRecorder() }

func newRequest(t *testing.T, method, path string) *http.Request {
	return httptest.NewRequestWithContext(t.Context(), method, path, http.NoBody)
}

func confFrom(m map[string]any) *confmap.Conf { return confmap.NewFromStringMap(m) }

func marshalMetric(t *testing.T, m metricdata.Metrics) string {
	b, err := json.Marshal(m)
	require.NoError(t, err)
	return string(b)
}

// names returns the metrics that the sink has, as service.name/name, in order.
func names(sink *consumertest.MetricsSink) []string {
	var all []string
	for _, metrics := range sink.AllMetrics() {
		for _, rm := range metrics.ResourceMetrics().All() {
			job, _ := rm.Resource().Attributes().Get("service.name")
			for _, sm := range rm.ScopeMetrics().All() {
				for _, m := range sm.Metrics().All() {
					all = append(all, job.Str()+"/"+m.Name())
				}
			}
		}
	}
	return all
}

func TestPushIsForwarded(t *testing.T) {
	sink := &consumertest.MetricsSink{}
	r := start(t, sink, nil)
	for i, push := range []struct{ method, path string }{
		{"PUT", "/metrics/job/a"}, {"POST", "/metrics/job/b"}, {"PUT", "/pushgateway/metrics/job@base64/Yw=="}, {"POST", "//pushgateway/metrics/job/d/"},
	} {
		res := r.do(t, push.method, push.path, "x 1\n", "Content-Type", "application/x-www-form-urlencoded")
		assert.Equal(t, 200, res.StatusCode)
		assert.Empty(t, res.body)
		assert.Equal(t, "0", res.Header.Get("Content-Length"))
		assert.Empty(t, res.Header.Get("Content-Type"))
		assert.Len(t, sink.AllMetrics(), i+1)
	}
	assert.Equal(t, []string{"a/x", "a/push_time_seconds", "b/x", "b/push_time_seconds", "c/x", "c/push_time_seconds", "d/x", "d/push_time_seconds"}, names(sink))
	scope := sink.AllMetrics()[0].ResourceMetrics().At(0).ScopeMetrics().At(0).Scope()
	assert.Equal(t, "github.com/otelcol-pushgateway/otelcol-pushgateway/pushgatewayreceiver", scope.Name())
	assert.Empty(t, scope.Version(), "a version would begin all series anew with each upgrade")
	assert.Empty(t, r.logs.FilterLevelExact(zapcore.WarnLevel).All())
	assert.Equal(t, 0, r.logs.FilterMessage("Refused a request").Len())
}

// Clients that escape less than they should must not change how the path is split.
func TestPathIsSplitAsItWasSent(t *testing.T) {
	for _, character := range []string{"|", "`", `"`, "{", "<", "^", "ä"} {
		sink := &consumertest.MetricsSink{}
		r := start(t, sink, noPushTime)
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(r.url, "http://"))
		require.NoError(t, err)
		_, err = io.WriteString(conn, "PUT /metrics/job/a%2Fb/path/%2Fvar%2Ftmp/name/a"+character+
			"b HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 4\r\n\r\nx 1\n")
		require.NoError(t, err)
		answer, err := io.ReadAll(conn)
		require.NoError(t, err)
		require.NoError(t, conn.Close())
		require.True(t, strings.HasPrefix(string(answer), "HTTP/1.1 200 "), "%s", answer)
		assert.Equal(t, map[string]any{"service.name": "a/b", "path": "/var/tmp", "name": "a" + character + "b"},
			sink.AllMetrics()[0].ResourceMetrics().At(0).Resource().Attributes().AsRaw())
	}
}

func TestTheReasonOfARefusalDoesNotWaitForTheBackend(t *testing.T) {
	next, _ := hangingConsumer(t)
	r := start(t, next, nil)
	begin := time.Now()
	res := r.do(t, "PUT", "/metrics/job/x", "garbage\n")
	assert.Equal(t, 400, res.StatusCode)
	assert.Contains(t, res.body, "in line 1")
	assert.Less(t, time.Since(begin), 10*time.Second)
	assert.Equal(t, 1, r.logs.FilterMessage("push_failure_time_seconds was not passed on").Len())
}

// The connection is cut when write_timeout is over, so the answer must come before.
func TestTheReasonOfARefusalComesWithinAShortWriteTimeout(t *testing.T) {
	next, _ := hangingConsumer(t)
	r := start(t, next, func(c *Config) {
		c.ServerConfig.ReadTimeout, c.ServerConfig.WriteTimeout = time.Second, 1800*time.Millisecond
	})
	require.Less(t, r.serverConfig.WriteTimeout, failureTimeout)
	res := r.do(t, "PUT", "/metrics/job/x", "garbage\n")
	assert.Equal(t, 400, res.StatusCode)
	assert.Contains(t, res.body, "in line 1")
}

func TestLongPathsAreCutInTheLog(t *testing.T) {
	r := start(t, consumertest.NewErr(errors.New("x")), nil)
	assert.Equal(t, 503, r.do(t, "PUT", "/metrics/job/"+strings.Repeat("x", 10_000), "a 1\n").StatusCode)
	assert.Equal(t, 400, r.do(t, "PUT", "/metrics/job/"+strings.Repeat("x", 10_000), "a").StatusCode)
	for _, entry := range r.logs.All() {
		for _, field := range entry.ContextMap() {
			if s, ok := field.(string); ok {
				assert.Less(t, len(s), 1000)
			}
		}
	}
}

func TestEmptyPush(t *testing.T) {
	sink := &consumertest.MetricsSink{}
	r := start(t, sink, nil)
	assert.Equal(t, 200, r.do(t, "PUT", "/metrics/job/a", "").StatusCode)
	assert.Equal(t, []string{"a/push_time_seconds"}, names(sink))

	sink.Reset()
	r = start(t, sink, noPushTime)
	assert.Equal(t, 200, r.do(t, "POST", "/metrics/job/a", "").StatusCode)
	assert.Empty(t, sink.AllMetrics(), "there is nothing to forward")
}

func TestRefusedPush(t *testing.T) {
	for _, tc := range []struct {
		name       string
		path, body string
		header     []string
		wantStatus int
		wantBody   string
		keyless    bool // refused before the key was known
	}{
		{name: "bad key", path: "/metrics/job/x/l", body: "a 1\n", wantStatus: 400, wantBody: `label "l" has no value`, keyless: true},
		{name: "bad last line", path: "/metrics/job/x", body: "a 1\nb\n", wantStatus: 400, wantBody: "in line 2"},
		{name: "series twice", path: "/metrics/job/x", body: "a 1\na 2\n", wantStatus: 400, wantBody: "stands in it twice"},
		{name: "too large", path: "/metrics/job/x", body: strings.Repeat("# comment\n", 1000), wantStatus: 413,
			wantBody: "the body has 10000 bytes; it must not be larger than max_request_body_size, 5000 bytes"},
		{name: "too large when decompressed", path: "/metrics/job/x", body: gzipped(strings.Repeat("# comment\n", 1000)),
			header: []string{"Content-Encoding", "gzip"}, wantStatus: 413, wantBody: "max_request_body_size, 5000 bytes"},
		{name: "unknown encoding", path: "/metrics/job/x", body: "a 1\n", header: []string{"Content-Encoding", "br"}, wantStatus: 415,
			wantBody: `cannot decode Content-Encoding "br"; it may be one of identity, gzip, zstd`},
		{name: "two encodings", path: "/metrics/job/x", body: "a 1\n", header: []string{"Content-Encoding", "gzip, gzip"}, wantStatus: 415,
			wantBody: `cannot decode Content-Encoding "gzip, gzip"`},
		{name: "not in its encoding", path: "/metrics/job/x", body: "a 1\n", header: []string{"Content-Encoding", "gzip"}, wantStatus: 400,
			wantBody: "cannot read body: "},
		{name: "gzip that is cut", path: "/metrics/job/x", body: gzipped("a 1\n")[:20], header: []string{"Content-Encoding", "gzip"}, wantStatus: 400,
			wantBody: "cannot read body: unexpected EOF"},
		{name: "gzip with a wrong checksum", path: "/metrics/job/x", body: flip(gzipped("a 1\n"), -6), header: []string{"Content-Encoding", "gzip"},
			wantStatus: 400, wantBody: "cannot read body: gzip: invalid checksum"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, pushTime := range []bool{true, false} {
				sink := &consumertest.MetricsSink{}
				r := start(t, sink, func(c *Config) {
					c.Settings.PushTimeMetrics = pushTime
					c.ServerConfig.MaxRequestBodySize = 5000
				})
				res := r.do(t, "PUT", tc.path, tc.body, tc.header...)
				assert.Equal(t, tc.wantStatus, res.StatusCode)
				assert.Contains(t, res.body, tc.wantBody)
				if pushTime && !tc.keyless {
					assert.Equal(t, []string{"x/push_failure_time_seconds"}, names(sink))
				} else {
					assert.Empty(t, sink.AllMetrics())
				}
				entries := r.logs.FilterMessage("Refused a request").All()
				require.Len(t, entries, 1)
				assert.Equal(t, zapcore.DebugLevel, entries[0].Level, "a bad client must not fill the log")
				assert.Equal(t, tc.path, entries[0].ContextMap()["path"])
			}
		})
	}
}

func TestClientThatHangsUp(t *testing.T) {
	sink := &consumertest.MetricsSink{}
	r := start(t, sink, nil)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(r.url, "http://"))
	require.NoError(t, err)
	_, err = io.WriteString(conn, "PUT /metrics/job/x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\na 1\n")
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	require.Eventually(t, func() bool { return r.logs.FilterMessage("Refused a request").Len() == 1 }, 5*time.Second, time.Millisecond)
	assert.Equal(t, []string{"x/push_failure_time_seconds"}, names(sink))
	assert.Empty(t, r.logs.FilterLevelExact(zapcore.WarnLevel).All())
}

func TestClientThatHangsUpWhileThePipelineWorks(t *testing.T) {
	next, entered := hangingConsumer(t)
	r := start(t, next, nil)
	ctx, hangUp := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, r.url+"/metrics/job/x", strings.NewReader("a 1\n"))
	require.NoError(t, err)
	go func() {
		<-entered
		hangUp()
	}()
	_, err = http.DefaultTransport.RoundTrip(req) //nolint:bodyclose // there is no response
	require.ErrorIs(t, err, context.Canceled)
	require.Eventually(t, func() bool { return r.logs.FilterMessage("Refused a request").Len() == 1 }, 5*time.Second, time.Millisecond)
	assert.Empty(t, r.logs.FilterLevelExact(zapcore.WarnLevel).All(), "it is no trouble of ours")
}

func TestAnswersThatAreNoPush(t *testing.T) {
	sink := &consumertest.MetricsSink{}
	r := start(t, sink, nil)
	accepting := start(t, sink, func(c *Config) { c.Settings.OnDelete = onDeleteAccept })

	res := r.do(t, "DELETE", "/metrics/job/x", "")
	assert.Equal(t, 405, res.StatusCode)
	assert.Equal(t, "OPTIONS, POST, PUT", res.Header.Get("Allow"))
	assert.Contains(t, res.body, "on_delete")

	res = accepting.do(t, "DELETE", "/metrics/job/x/l/v", "")
	assert.Equal(t, 202, res.StatusCode)
	assert.Empty(t, res.body)
	assert.Equal(t, 400, accepting.do(t, "DELETE", "/metrics/job/x/l", "").StatusCode)

	res = accepting.do(t, "OPTIONS", "/metrics/job/x", "")
	assert.Equal(t, 200, res.StatusCode)
	assert.Equal(t, "DELETE, OPTIONS, POST, PUT", res.Header.Get("Allow"))

	res = r.do(t, "GET", "/metrics/job/x", "")
	assert.Equal(t, 405, res.StatusCode)
	assert.Equal(t, "OPTIONS, POST, PUT", res.Header.Get("Allow"))
	assert.Equal(t, 404, r.do(t, "PUT", "/metrics", "").StatusCode)
	assert.Equal(t, 404, r.do(t, "PUT", "/metrics/job", "").StatusCode)
	assert.Equal(t, 404, r.do(t, "GET", "/", "").StatusCode)

	for _, path := range []string{"/-/healthy", "/-/ready", "/pushgateway/-/ready"} {
		res = r.do(t, "GET", path, "")
		assert.Equal(t, 200, res.StatusCode)
		assert.Equal(t, "OK", res.body)
		assert.Equal(t, "text/plain; charset=utf-8", res.Header.Get("Content-Type"))
		assert.Equal(t, 200, r.do(t, "HEAD", path, "").StatusCode)
		assert.Equal(t, 405, r.do(t, "PUT", path, "").StatusCode)
	}
	assert.Empty(t, sink.AllMetrics())
}

func TestEncodings(t *testing.T) {
	const body = "a 1\n"
	sink := &consumertest.MetricsSink{}
	r := start(t, sink, noPushTime)
	for encoding, compressed := range map[string]string{
		"":                body,
		"identity":        body,
		"Identity":        body,
		"gzip":            gzipped(body),
		"GZip":            gzipped(body),
		"gZIP":            gzipped("# two\n") + gzipped(body),
		"deflate":         compress(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, body),
		"zlib":            compress(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) }, body),
		"lz4":             compress(func(w io.Writer) io.WriteCloser { return lz4.NewWriter(w) }, body),
		"snappy":          compress(func(w io.Writer) io.WriteCloser { return snappy.NewBufferedWriter(w) }, body),
		"SNAPPY":          string(snappy.Encode(nil, []byte(body))),
		"x-snappy-framed": compress(func(w io.Writer) io.WriteCloser { return snappy.NewBufferedWriter(w) }, body),
		"zstd": compress(func(w io.Writer) io.WriteCloser {
			z, err := zstd.NewWriter(w)
			require.NoError(t, err)
			return z
		}, body),
	} {
		sink.Reset()
		res := r.do(t, "PUT", "/metrics/job/x", compressed, "Content-Encoding", encoding)
		assert.Equal(t, 200, res.StatusCode, "%s: %s", encoding, res.body)
		assert.Equal(t, []string{"x/a"}, names(sink), encoding)
	}
}

func TestConcurrentPushes(t *testing.T) {
	sink := &consumertest.MetricsSink{}
	r := start(t, sink, nil)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 20 {
				body := fmt.Sprintf("# TYPE c counter\nc{n=\"%d\"} 1\n", n)
				assert.Equal(t, 200, r.do(t, "PUT", fmt.Sprintf("/metrics/job/j%d/n/%d", i, n), body).StatusCode)
				assert.Equal(t, 400, r.do(t, "PUT", fmt.Sprintf("/metrics/job/j%d/n/%d", i, n), body+"c").StatusCode)
			}
		})
	}
	wg.Wait()
	accepted := 0
	for _, metrics := range sink.AllMetrics() {
		if has(metrics, "c") {
			accepted++
			assert.True(t, has(metrics, "push_time_seconds"))
		} else {
			assert.True(t, has(metrics, "push_failure_time_seconds"))
		}
	}
	assert.Equal(t, 160, accepted)
	assert.Len(t, sink.AllMetrics(), 320)
}

func has(metrics pmetric.Metrics, name string) bool {
	for _, m := range metrics.ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().All() {
		if m.Name() == name {
			return true
		}
	}
	return false
}

func gzipped(s string) string {
	return compress(func(w io.Writer) io.WriteCloser { return gzip.NewWriter(w) }, s)
}

func compress(newWriter func(io.Writer) io.WriteCloser, s string) string {
	var b bytes.Buffer
	w := newWriter(&b)
	_, _ = io.WriteString(w, s) // a bytes.Buffer takes everything
	_ = w.Close()
	return b.String()
}

// flip inverts a byte, counted from the end.
func flip(s string, fromEnd int) string {
	b := []byte(s)
	b[len(b)+fromEnd] ^= 0xff
	return string(b)
}
