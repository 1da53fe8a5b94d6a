package e2e

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const errorBodyConfig = `
extensions:
  basicauth:
    htpasswd: {inline: "user:{SHA}x"}
  bearertokenauth:
    token: right
receivers:
  pushgateway:
    endpoint: ${env:PUSHGATEWAY_ENDPOINT}
  pushgateway/basic:
    endpoint: ${env:BASIC_ENDPOINT}
    auth: {authenticator: basicauth}
  pushgateway/token:
    endpoint: ${env:TOKEN_ENDPOINT}
    auth: {authenticator: bearertokenauth}
  pushgateway/limit:
    endpoint: ${env:LIMIT_ENDPOINT}
    max_request_body_size: 100
    compression_algorithms: ["", gzip]
exporters:
  otlp_http:
    endpoint: ${env:OTLP_ENDPOINT}
    sending_queue: {enabled: false}
    retry_on_failure: {enabled: false}
service:
  extensions: [basicauth, bearertokenauth]
  pipelines:
    metrics:
      receivers: [pushgateway, pushgateway/basic, pushgateway/token, pushgateway/limit]
      exporters: [otlp_http]
`

// A backend refuses all with a status that the test chooses, and with a script.
type backend struct {
	url    string
	status atomic.Int32
}

func startBackend(t *testing.T) *backend {
	t.Helper()
	b := &backend{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.WriteHeader(int(b.status.Load()))
		_, _ = io.WriteString(w, script) // the collector is gone if this fails
	}))
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

// TestErrorBodies refuses requests that have a script wherever one can stand. A browser must not take any answer for a page.
func TestErrorBodies(t *testing.T) {
	b := startBackend(t)
	_, addresses := startReceivers(t, errorBodyConfig, []string{"OTLP_ENDPOINT=" + b.url}, "basic", "token", "limit")
	for _, tt := range errorBodyCases(t) {
		t.Run(fmt.Sprintf("%d: %s", tt.want, tt.name), func(t *testing.T) {
			b.status.Store(int32(cmp.Or(tt.backend, http.StatusOK)))
			status, header, body := parse(t, tt.request.send(t, addresses[tt.to]))
			assert.Equal(t, tt.want, status, body)
			assert.Equal(t, "text/plain; charset=utf-8", header.Get("Content-Type"))
			assert.Equal(t, "nosniff", header.Get("X-Content-Type-Options"))
			assertOneLine(t, body)
			for name, values := range header {
				assert.NotContains(t, strings.Join(values, " "), "script", name)
			}
		})
	}
	for _, tt := range netHTTPCases {
		t.Run(fmt.Sprintf("%d, from net/http: %s", tt.want, tt.name), func(t *testing.T) {
			status, header, body := parse(t, sendText(t, addresses[""], tt.request))
			assert.Equal(t, tt.want, status, body)
			assert.NotContains(t, body, "script")
			if body != "" {
				assert.Equal(t, "text/plain; charset=utf-8", header.Get("Content-Type"))
			}
		})
	}
}

func parse(t *testing.T, answer string) (status int, header http.Header, body string) {
	t.Helper()
	res, err := http.ReadResponse(bufio.NewReader(strings.NewReader(answer)), nil)
	require.NoError(t, err, answer)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, res.Header, string(text)
}

func assertOneLine(t *testing.T, body string) {
	t.Helper()
	line, ended := strings.CutSuffix(body, "\n")
	assert.True(t, ended, "a line ends in a newline")
	assert.NotEmpty(t, line)
	assert.True(t, utf8.ValidString(line), "%q is not UTF-8", line)
	assert.Equal(t, -1, strings.IndexFunc(line, unicode.IsControl), "%q has control characters", line)
	assert.Less(t, len(body), 1024)
}
