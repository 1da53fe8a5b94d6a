package pushgatewayreceiver

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
)

// The limits are small, so that inputs meet them.
const (
	fuzzBodySize  = 64 << 10
	fuzzBudgetMiB = 32 // lz4 takes half of it
	fuzzTime      = 5 * time.Second
)

func withFuzzLimits(c *Config) {
	c.ServerConfig.MaxRequestBodySize = fuzzBodySize
	c.Settings.Limits.InFlightMiB = fuzzBudgetMiB
	c.Settings.Limits.PushesPerSecondPerJob = 0 // the target pushes as often as it can
}

// A fuzzTarget is a receiver, and what it has forwarded.
type fuzzTarget struct {
	running
	sink *consumertest.MetricsSink
}

func startFuzzTarget(f *testing.F, change func(*Config)) fuzzTarget {
	sink := new(consumertest.MetricsSink)
	return fuzzTarget{sink: sink, running: start(f, sink, func(c *Config) {
		withFuzzLimits(c)
		change(c)
	})}
}

// FuzzHandler looks for requests that are answered in a way that is not documented, or that leave something behind.
func FuzzHandler(f *testing.F) {
	usual := startFuzzTarget(f, func(*Config) {})
	other := startFuzzTarget(f, func(c *Config) {
		noPushTime(c)
		c.Settings.OnDelete = onDeleteAccept
		c.Settings.Lenient = true
		c.Settings.NameValidation = nameValidationLegacy
		c.Settings.Timestamps = timestampsReject
		c.Settings.NativeHistograms = nativeHistogramsIgnore
	})
	held := startFuzzTarget(f, holding(func(g *Groups) { g.MaxGroups = 5 }))
	addRequests(f)
	f.Fuzz(func(t *testing.T, method, path, contentType, encoding, body string, chunked bool) {
		head := method + " " + path + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + contentType + "\r\nContent-Encoding: " + encoding + "\r\n\r\n"
		for _, target := range []fuzzTarget{usual, other, held} {
			req, err := http.ReadRequest(bufio.NewReader(strings.NewReader(head)))
			if err != nil {
				return // net/http refuses it by itself
			}
			req.Body, req.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
			if chunked {
				req.ContentLength = -1
			}
			target.check(t, req)
			target.checkLog(t, body)
		}
	})
}

// addRequests adds each body in each encoding, and each method and each path.
func addRequests(f *testing.F) {
	const path, small = "/metrics/job/x/l/v", "# TYPE m counter\nm{a=\"b\"} 1\n"
	inputs, err := filepath.Glob(filepath.Join("..", "testdata", "*", "*.in"))
	require.NoError(f, err)
	require.NotEmpty(f, inputs)
	for _, input := range inputs {
		body, err := os.ReadFile(input)
		require.NoError(f, err)
		contentType := fuzzContentTypes[filepath.Base(filepath.Dir(input))]
		f.Add("PUT", path, contentType, "", string(body), false)
		for encoding, compressor := range compressors {
			f.Add("POST", path, contentType, encoding, compress(compressor, string(body)), true)
		}
	}
	for _, tc := range loggedCases {
		f.Add("PUT", path, fuzzContentTypes[tc.format], "", tc.body, false)
	}
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "PUT", "POST", "DELETE", "PATCH", "CONNECT", "x"} {
		f.Add(method, path, "", "", small, false)
		f.Add(method, "/-/healthy", "", "", "", false)
	}
	for _, path := range fuzzPaths {
		f.Add("PUT", path, "text/plain; version=0.0.4", "identity", small, false)
	}
	for _, encoding := range []string{"br", "gzip, gzip", "x-gzip", "a\xffb", strings.Repeat("gzip,", 1000)} {
		f.Add("PUT", path, strings.Repeat("a", 2000), encoding, small, false)
	}
	f.Add("PUT", path, "", "", strings.Repeat("# comment\n", fuzzBodySize/10+1), true)
	f.Add("PUT", path, "", "gzip", gzipped(strings.Repeat("# comment\n", fuzzBodySize/10+1)), true)
}

// fuzzContentTypes are those of the formats, by their directories in testdata.
var fuzzContentTypes = map[string]string{
	"text":        "text/plain; version=0.0.4; charset=utf-8",
	"openmetrics": "application/openmetrics-text; version=1.0.0; charset=utf-8",
	"protobuf":    "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
}

// fuzzPaths have what the cases of the grouping key have, and what surrounds it.
var fuzzPaths = []string{
	"/metrics/job/x/b/2/a/1", "/metrics/job/x/", "/metrics/job/x//l/v", "/metrics/job/x/l//m/v", "/metrics/job/x/l/../m/.",
	"/metrics/job/a+b", "/metrics/job/a%2Fb/path/%2Fvar%2Ftmp", "/metrics/job/a%20b/l/%0A/m/%00", "/metrics/job/%C3%BC/l/日本",
	"/metrics/job/x/job/y", "/metrics/job@base64/L3Zhci90bXA=", "/metrics/job%40base64/eA==/l%40base64/eQ==",
	"/metrics/job/x/l@base64/=/m/1", "/metrics/job/x/l@base64/_-7_", "/metrics/job/x/U__foo_2e_bar/v", "/metrics/job/x/foo.bar/v",
	"/metrics/job", "/metrics/job//l/v", "/metrics/job@base64/=", "/metrics/job/x/l", "/metrics/job/x/U______x/v", "/metrics/job/%FF",
	"/metrics/job/%zz", "/metrics/job/x/le/1/quantile/2", "/metrics/job/x/instance/i", "//pushgateway//metrics/job/x", "/pushgateway/-/ready",
	"http://a/metrics/job/x", "/metrics/job/x?l=v#f", "*", "/", "/metrics/job/" + strings.Repeat("x", 20_000), "/metrics/job/x" + strings.Repeat("/l/v", 200),
}

// check sends the request and checks what becomes of it.
func (target fuzzTarget) check(t *testing.T, req *http.Request) {
	t.Helper()
	target.sink.Reset()
	w := httptest.NewRecorder()
	begin := time.Now()
	target.endpoint.server.Handler.ServeHTTP(w, req.WithContext(t.Context()))
	assert.Less(t, time.Since(begin), fuzzTime)
	assert.Zero(t, target.budget.inFlight(), "a push leaves memory behind")
	isPush := req.Method == http.MethodPut || req.Method == http.MethodPost
	switch w.Code {
	case http.StatusOK:
		target.checkTaken(t, isPush)
	case http.StatusAccepted:
		assert.Equal(t, http.MethodDelete, req.Method)
		if target.held == nil {
			assert.Empty(t, target.sink.AllMetrics())
		}
	case http.StatusTooManyRequests:
		assert.Contains(t, w.Body.String(), "groups.max_groups is 5")
		assert.Empty(t, target.sink.AllMetrics())
	case http.StatusBadRequest, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusRequestEntityTooLarge,
		http.StatusUnsupportedMediaType:
		checkRefusal(t, w)
		target.checkRefused(t)
	default:
		t.Errorf("status %d is not documented for this: %s", w.Code, w.Body)
	}
}

// fuzzOfPath are messages with something of a path.
var fuzzOfPath = regexp.MustCompile("^cannot read grouping key|^Method Not Allowed|^pushed metrics are inconsistent with what is held")

var fuzzWords = regexp.MustCompile("[A-Za-z0-9]{8}")

// checkLog requires that the log has no word of a body that nobody but the client knows: one of digits and letters.
func (target fuzzTarget) checkLog(t *testing.T, body string) {
	t.Helper()
	for _, logged := range target.loggedErrors() {
		if fuzzOfPath.MatchString(logged) {
			continue
		}
		for _, word := range fuzzWords.FindAllString(body, -1) {
			const digits = "0123456789"
			if len(strings.Trim(word, digits)) > 1 && strings.ContainsAny(word, digits) { // with one letter it may be a number
				assert.NotContains(t, logged, word)
			}
		}
		assert.False(t, strings.ContainsFunc(logged, func(r rune) bool { return r < ' ' || r > '~' }), "%q", logged)
	}
}

func (target fuzzTarget) checkTaken(t *testing.T, isPush bool) {
	t.Helper()
	pushes := target.sink.AllMetrics()
	switch {
	case !isPush:
		assert.Empty(t, pushes)
	case target.options.PushTimeMetrics:
		require.Len(t, pushes, 1)
		assert.True(t, target.forwarded("push_time_seconds"))
	case len(pushes) > 0:
		require.Len(t, pushes, 1)
		assert.Positive(t, pushes[0].DataPointCount())
	}
}

// checkRefused requires that nothing of a refused push is forwarded but the time of its failure.
func (target fuzzTarget) checkRefused(t *testing.T) {
	t.Helper()
	forwarded := target.sink.AllMetrics()
	if !target.options.PushTimeMetrics {
		assert.Empty(t, forwarded)
	}
	if len(forwarded) > 0 {
		require.Len(t, forwarded, 1)
		points := forwarded[0].DataPointCount()
		assert.True(t, points == 1 || points == 2 && target.held != nil && target.forwarded("push_time_seconds"))
		assert.True(t, target.forwarded("push_failure_time_seconds"))
	}
}

// forwarded says whether a metric of this name is in the sink.
func (target fuzzTarget) forwarded(name string) bool {
	return slices.ContainsFunc(names(target.sink), func(s string) bool { return strings.HasSuffix(s, "/"+name) })
}

// checkRefusal requires one line of text that no browser takes for a page.
func checkRefusal(t *testing.T, w *httptest.ResponseRecorder) {
	t.Helper()
	assert.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
	assert.Equal(t, "text/plain; charset=utf-8", w.Header().Get("Content-Type"))
	line, isLine := strings.CutSuffix(w.Body.String(), "\n")
	assert.True(t, isLine)
	assert.NotEmpty(t, line)
	assert.Less(t, len(line), 1<<10)
	assert.True(t, utf8.ValidString(line), "%q", line)
	assert.False(t, strings.ContainsFunc(line, unicode.IsControl), "%q", line)
}
