package access

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// metadataConfig has one receiver that shares the metadata and one that does not, and pipelines that ask for them at once or
// behind a batch processor. An exporter says with the header Pipeline which one it is.
const metadataConfig = `
extensions:
  basicauth:
    htpasswd: {file: "${env:HTPASSWD_FILE}"}
receivers:
  pushgateway:
    endpoint: ${env:PUSHGATEWAY_ENDPOINT}
    auth: {authenticator: basicauth}
    include_metadata: true
  pushgateway/silent:
    endpoint: ${env:SILENT_ENDPOINT}
    auth: {authenticator: basicauth}
processors:
  resource:
    attributes:
      - {key: tenant, from_context: metadata.x-scope-orgid, action: upsert}
      - {key: pushed_by, from_context: auth.username, action: upsert}
      - {key: client, from_context: client.address, action: upsert}
  batch: {timeout: 10ms}
  batch/keys: {timeout: 10ms, metadata_keys: [X-Scope-OrgID]}
exporters:
  otlp_http/direct: {endpoint: "${env:OTLP_ENDPOINT}", headers: {Pipeline: direct}, sending_queue: {enabled: false}}
  otlp_http/batch: {endpoint: "${env:OTLP_ENDPOINT}", headers: {Pipeline: batch}, sending_queue: {enabled: false}}
  otlp_http/keys: {endpoint: "${env:OTLP_ENDPOINT}", headers: {Pipeline: keys}, sending_queue: {enabled: false}}
service:
  extensions: [basicauth]
  pipelines:
    metrics/direct: {receivers: [pushgateway, pushgateway/silent], processors: [resource], exporters: [otlp_http/direct]}
    metrics/batch: {receivers: [pushgateway], processors: [batch, resource], exporters: [otlp_http/batch]}
    metrics/keys: {receivers: [pushgateway], processors: [batch/keys, resource], exporters: [otlp_http/keys]}
`

// known is what a pipeline knows of who pushed.
type known struct{ tenant, pushedBy, client string }

func TestMetadata(t *testing.T) {
	dir, sink, silent := t.TempDir(), testbed.StartOTLPRecorder(t), testbed.FreeAddress(t)
	config, htpasswd := filepath.Join(dir, "config.yaml"), filepath.Join(dir, "htpasswd")
	require.NoError(t, os.WriteFile(config, []byte(metadataConfig), 0o600))
	require.NoError(t, os.WriteFile(htpasswd, []byte(username+":"+testbed.PasswordHash(t, password)+"\n"), 0o600))
	c := testbed.StartCollector(t, testbed.CollectorSettings{Config: config, Env: []string{
		"HTPASSWD_FILE=" + htpasswd, "OTLP_ENDPOINT=" + sink.URL, "SILENT_ENDPOINT=" + silent,
	}})
	testbed.WaitUntilReady(t, c.Process, c.Client, "http://"+silent+"/-/ready", testbed.ToStart)
	push := func(url, text string) {
		req, err := http.NewRequest(http.MethodPost, url+"/metrics/job/x", strings.NewReader(text))
		require.NoError(t, err)
		req.SetBasicAuth(username, password)
		req.Header.Set("X-Scope-OrgID", "team-a")
		res, err := http.DefaultClient.Do(req)
		require.NoError(t, err)
		_ = res.Body.Close()
	}
	requireKnown := func(want map[string]known) {
		got := map[string]known{}
		require.Eventually(t, func() bool {
			for _, e := range sink.Take() {
				got[e.Header.Get("Pipeline")] = known{e.ResourceAttributes("tenant")[0], e.ResourceAttributes("pushed_by")[0], e.ResourceAttributes("client")[0]}
			}
			return len(got) == len(want)
		}, 10*time.Second, 10*time.Millisecond)
		assert.Equal(t, want, got)
	}
	everything := map[string]known{
		"direct": {"team-a", username, "127.0.0.1"}, "batch": {}, "keys": {tenant: "team-a"},
	}
	push(c.URL, body)
	requireKnown(everything)
	push(c.URL, "m\n") // of which push_failure_time_seconds is sent
	requireKnown(everything)
	push("http://"+silent, body)
	requireKnown(map[string]known{"direct": {"", username, "127.0.0.1"}})
}
