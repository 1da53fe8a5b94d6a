package e2e

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A pushFunc pushes to the receiver at url and requires that it is accepted.
type pushFunc func(t *testing.T, url string)

// byCurl is a push with curl; POST, unless args say otherwise.
func byCurl(path, body string, args ...string) pushFunc {
	return func(t *testing.T, url string) {
		t.Helper()
		status, answer := testbed.Curl(t, body, append([]string{"--data-binary", "@-", url + path}, args...)...)
		require.Equal(t, "200", status, answer)
		require.Empty(t, answer, "the Pushgateway says nothing more than 200")
	}
}

// byClient is a push with client_golang of what the collectors have.
func byClient(job string, collectors []prometheus.Collector, send func(*push.Pusher) error) pushFunc {
	return func(t *testing.T, url string) {
		t.Helper()
		registry := prometheus.NewRegistry()
		for _, c := range collectors {
			require.NoError(t, registry.Register(c))
		}
		require.NoError(t, send(push.New(url+"/pushgateway", job).Gatherer(registry)))
	}
}

// inTurn is several pushes.
func inTurn(pushes ...pushFunc) pushFunc {
	return func(t *testing.T, url string) {
		t.Helper()
		for _, p := range pushes {
			p(t, url)
		}
	}
}

// gzipClient compresses the bodies of the requests that it does.
type gzipClient struct{}

func (gzipClient) Do(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	compressed := testbed.Gzipped(string(body))
	req.Body = io.NopCloser(strings.NewReader(compressed))
	req.ContentLength = int64(len(compressed))
	req.Header.Set("Content-Encoding", "gzip")
	return http.DefaultClient.Do(req)
}
