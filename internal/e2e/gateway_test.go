package e2e

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/push"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/bcrypt"
)

// testGateway tests the example with TLS and basic authentication.
func testGateway(t *testing.T, config string) {
	p := startPrometheus(t)
	dir := t.TempDir()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: writeCertificate(t, dir), MinVersion: tls.VersionTLS12}}}
	hash, err := bcrypt.GenerateFromPassword([]byte("right"), bcrypt.MinCost)
	require.NoError(t, err)
	htpasswd := filepath.Join(dir, "htpasswd")
	require.NoError(t, os.WriteFile(htpasswd, []byte("user:"+string(hash)+"\n"), 0o600))
	c := startCollector(t, collectorSettings{config: config, client: client, env: []string{
		"TLS_CERT_FILE=" + filepath.Join(dir, "cert.pem"), "TLS_KEY_FILE=" + filepath.Join(dir, "key.pem"),
		"HTPASSWD_FILE=" + htpasswd, "OTLP_ENDPOINT=" + p.otlpURL(),
	}})
	url := c.url + "/metrics/job/gateway/l/v"
	withPassword := []string{"--data-binary", "@-", "--cacert", filepath.Join(dir, "cert.pem"), "-u"}

	assert.Equal(t, http.StatusUnauthorized, post(t, client, url, "m 1\n").status)
	status, body := curl(t, "m 1\n", append(withPassword, "user:wrong", url)...)
	assert.Equal(t, "401", status, body)
	status, body = curl(t, "m 2\n", append(withPassword, "user:right", url)...)
	assert.Equal(t, "200", status, body)
	p.requireSeries(t, `m{job="gateway"}`, series{`m{job="gateway",l="v"}`: "2"})

	pusher := push.New(c.url, "gateway").Client(client).Collector(gauge("g", 3)[0])
	require.ErrorContains(t, pusher.BasicAuth("user", "wrong").Push(), "401")
	require.NoError(t, pusher.BasicAuth("user", "right").Push())
	p.requireSeries(t, `g`, series{`g{job="gateway"}`: "3"})

	assert.True(t, answersOK(client, c.url+"/-/healthy"), "health checks have no password")
	assert.True(t, answersOK(client, c.url+"/-/ready"), "health checks have no password")
}

// writeCertificate writes cert.pem and key.pem for 127.0.0.1 and returns the pool that trusts them.
func writeCertificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "gateway"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, // curl wants a certificate authority for --cacert
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	keyBytes, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	certPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert})
	require.NoError(t, os.WriteFile(filepath.Join(dir, "cert.pem"), certPEM, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "key.pem"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyBytes}), 0o600))
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(certPEM))
	return pool
}
