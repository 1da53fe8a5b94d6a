package e2e

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
	"github.com/stretchr/testify/require"
)

// curl runs curl with the body as its standard input, and returns the status and the body of the answer.
func curl(t *testing.T, body string, args ...string) (status, answer string) {
	t.Helper()
	path, err := exec.LookPath("curl")
	if err != nil {
		t.Fatal("curl is not installed: these tests push with it")
	}
	cmd := exec.Command(path, append([]string{"-sS", "-w", `\n%{http_code}`}, args...)...)
	cmd.Stdin = strings.NewReader(body)
	out, err := cmd.CombinedOutput()
	require.NoErrorf(t, err, "curl wrote: %s", out)
	end := bytes.LastIndexByte(out, '\n')
	return string(out[end+1:]), string(out[:end])
}

// A pushFunc pushes to the receiver at url and requires that it is accepted.
type pushFunc func(t *testing.T, url string)

// byCurl is a push with curl; POST, unless args say otherwise.
func byCurl(path, body string, args ...string) pushFunc {
	return func(t *testing.T, url string) {
		t.Helper()
		status, answer := curl(t, body, append([]string{"--data-binary", "@-", url + path}, args...)...)
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
	compressed := gzipped(string(body))
	req.Body = io.NopCloser(strings.NewReader(compressed))
	req.ContentLength = int64(len(compressed))
	req.Header.Set("Content-Encoding", "gzip")
	return http.DefaultClient.Do(req)
}

func gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s)) // memory takes everything
	_ = w.Close()
	return b.String()
}

// An answer is what a push got.
type answer struct {
	status     int
	body       string
	retryAfter string
}

// post pushes with Go's client. Unlike require it may be used by several goroutines: a failure is a status of 0.
func post(t *testing.T, client *http.Client, url, body string) answer {
	t.Helper()
	res, err := client.Post(url, "text/plain", strings.NewReader(body))
	if err != nil {
		t.Errorf("cannot push: %v", err)
		return answer{}
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Errorf("cannot read the answer: %v", err)
	}
	return answer{status: res.StatusCode, body: string(text), retryAfter: res.Header.Get("Retry-After")}
}
