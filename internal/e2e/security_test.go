package e2e

import (
	"crypto/tls"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// TestSecurityPage does what docs/security.md says, with each way to prove who pushes.
func TestSecurityPage(t *testing.T) {
	ways := []string{"tls", "mtls", "basic", "bearer"}
	var names []string
	for _, way := range ways {
		names = append(names, way, way+"push")
	}
	blocks := documentedBlocks(t, "docs/security.md", names...)
	dir := t.TempDir()
	pool := testbed.WriteCertificate(t, dir)
	pair, err := tls.LoadX509KeyPair(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"))
	require.NoError(t, err)
	require.NoError(t, os.Link(filepath.Join(dir, "cert.pem"), filepath.Join(dir, "ca.pem")))
	for name, text := range map[string]string{
		"htpasswd": "user:" + testbed.PasswordHash(t, "right") + "\n", "tokens": "token\nanother\n", "metrics.txt": "m 1\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	for _, way := range ways {
		t.Run(way, func(t *testing.T) {
			config := filepath.Join(dir, way+".yaml")
			replace := strings.NewReplacer("/etc/otelcol", dir, "0.0.0.0:9091", "${env:PUSHGATEWAY_ENDPOINT}")
			require.NoError(t, os.WriteFile(config, []byte(replace.Replace(blocks[way])), 0o600))
			const pipeline = "exporters: {nop: }\nservice: {pipelines: {metrics: {receivers: [pushgateway], exporters: [nop]}}}\n"
			client := &http.Client{Transport: &http.Transport{
				TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12},
			}}
			c := testbed.StartCollector(t, testbed.CollectorSettings{Config: config, Overlay: pipeline, Client: client})
			push := exec.Command("sh", "-e", "-c", strings.ReplaceAll(blocks[way+"push"], "https://gateway.example:9091", c.URL))
			push.Dir = dir
			out, err := push.CombinedOutput()
			require.NoErrorf(t, err, "%s", out)
			require.NotContains(t, string(out), "m 1")
		})
	}
}
