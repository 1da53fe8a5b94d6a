package e2e

import (
	"crypto/tls"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/client_golang/prometheus/push"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// testGateway tests the example with TLS and basic authentication.
func testGateway(t *testing.T, config string) {
	p := testbed.StartPrometheus(t)
	dir := t.TempDir()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: testbed.WriteCertificate(t, dir), MinVersion: tls.VersionTLS12}}}
	htpasswd := filepath.Join(dir, "htpasswd")
	require.NoError(t, os.WriteFile(htpasswd, []byte("user:"+testbed.PasswordHash(t, "right")+"\n"), 0o600))
	c := testbed.StartCollector(t, testbed.CollectorSettings{Config: config, Client: client, Env: []string{
		"TLS_CERT_FILE=" + filepath.Join(dir, "cert.pem"), "TLS_KEY_FILE=" + filepath.Join(dir, "key.pem"),
		"HTPASSWD_FILE=" + htpasswd, "OTLP_ENDPOINT=" + p.OTLPURL(),
	}})
	url := c.URL + "/metrics/job/gateway/l/v"
	withPassword := []string{"--data-binary", "@-", "--cacert", filepath.Join(dir, "cert.pem"), "-u"}

	assert.Equal(t, http.StatusUnauthorized, testbed.Post(t, client, url, "m 1\n").Status)
	status, body := testbed.Curl(t, "m 1\n", append(withPassword, "user:wrong", url)...)
	assert.Equal(t, "401", status, body)
	status, body = testbed.Curl(t, "m 2\n", append(withPassword, "user:right", url)...)
	assert.Equal(t, "200", status, body)
	status, body = testbed.Curl(t, "m 2\n", append([]string{"--anyauth"}, append(withPassword, "user:right", url)...)...)
	assert.Equal(t, "200", status, "a client that waits to be asked for its password: %s", body)
	p.RequireSeries(t, `m{job="gateway"}`, testbed.Series{`m{job="gateway",l="v"}`: "2"})

	pusher := push.New(c.URL, "gateway").Client(client).Collector(gauge("g", 3)[0])
	require.ErrorContains(t, pusher.BasicAuth("user", "wrong").Push(), "401")
	require.NoError(t, pusher.BasicAuth("user", "right").Push())
	p.RequireSeries(t, `g`, testbed.Series{`g{job="gateway"}`: "3"})

	assert.True(t, testbed.AnswersOK(client, c.URL+"/-/healthy"), "health checks have no password")
	assert.True(t, testbed.AnswersOK(client, c.URL+"/-/ready"), "health checks have no password")
}
