package testbed

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protodelim"
)

// Curl runs curl with the body as its standard input, and returns the status and the body of the answer.
func Curl(t *testing.T, body string, args ...string) (status, answer string) {
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

// Gzipped returns what gzip makes of a body.
func Gzipped(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s)) // memory takes everything
	_ = w.Close()
	return b.String()
}

// An Answer is what a push got.
type Answer struct {
	Status     int
	Body       string
	RetryAfter string
}

// Post pushes with Go's client. Unlike require it may be used by several goroutines: a failure is a status of 0.
func Post(t *testing.T, client *http.Client, url, body string) Answer {
	t.Helper()
	return Send(t, client, http.MethodPost, url, body)
}

// Send is Post with any method.
func Send(t *testing.T, client *http.Client, method, url, body string) Answer {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Errorf("cannot make the request: %v", err)
		return Answer{}
	}
	req.Header.Set("Content-Type", "text/plain")
	res, err := client.Do(req)
	if err != nil {
		t.Errorf("cannot push: %v", err)
		return Answer{}
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Errorf("cannot read the answer: %v", err)
	}
	return Answer{Status: res.StatusCode, Body: string(text), RetryAfter: res.Header.Get("Retry-After")}
}

// Get returns the body of what the URL answers with 200.
func Get(t *testing.T, client *http.Client, url string) string {
	t.Helper()
	res, err := client.Get(url)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	require.Equalf(t, http.StatusOK, res.StatusCode, "%s: %s", url, body)
	return string(body)
}

// ProtobufType is the Content-Type of bodies in protobuf.
const ProtobufType = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"

// Protobuf writes families as clients do that send protobuf: each behind its length.
func Protobuf(t *testing.T, families ...*dto.MetricFamily) string {
	t.Helper()
	var b bytes.Buffer
	for _, family := range families {
		_, err := protodelim.MarshalTo(&b, family)
		require.NoError(t, err)
	}
	return b.String()
}
