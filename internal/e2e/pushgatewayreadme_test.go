package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// pushgatewayReadme are the commands of https://github.com/prometheus/pushgateway#command-line and #url, word for word, and
// pushes to the paths that stand there alone.
var pushgatewayReadme = []struct{ name, command, query, want string }{
	{
		name:    "a single sample",
		command: `echo "some_metric 3.14" | curl --data-binary @- http://pushgateway.example.org:9091/metrics/job/some_job`,
		query:   `some_metric{job="some_job"}`, want: `some_metric{job="some_job"} 3.14`,
	}, {
		name: "several lines with types and help",
		command: `cat <<EOF | curl --data-binary @- http://pushgateway.example.org:9091/metrics/job/some_job/instance/some_instance
# TYPE some_metric counter
some_metric{label="val1"} 42
# TYPE another_metric gauge
# HELP another_metric Just an example.
another_metric 2398.283
EOF`,
		query: `{instance="some_instance",__name__!~"push_.*"}`,
		want: `another_metric{instance="some_instance",job="some_job"} 2398.283
some_metric{instance="some_instance",job="some_job",label="val1"} 42`,
	}, {
		name: "a slash, with base64url",
		command: `echo 'some_metric{foo="bar"} 3.14' | curl --data-binary @- ` +
			`http://pushgateway.example.org:9091/metrics/job/directory_cleaner/path@base64/$(echo -n '/var/tmp' | base64url)`,
		query: `some_metric{job="directory_cleaner"}`, want: `some_metric{foo="bar",job="directory_cleaner",path="/var/tmp"} 3.14`,
	}, {
		name:    "a slash",
		command: pushTo("/metrics/job/directory_cleaner/path@base64/L3Zhci90bXA"),
		query:   `m{job="directory_cleaner"}`, want: `m{job="directory_cleaner",path="/var/tmp"} 1`,
	}, {
		name:    "an empty value",
		command: pushTo("/metrics/job/example/first_label@base64/=/second_label/foobar"),
		query:   `m{job="example"}`, want: `m{job="example",second_label="foobar"} 1`,
	}, {
		name:    "Greek letters",
		command: pushTo("/metrics/job/titan/name/%CE%A0%CF%81%CE%BF%CE%BC%CE%B7%CE%B8%CE%B5%CF%8D%CF%82"),
		query:   `m{job="titan"}`, want: `m{job="titan",name="Προμηθεύς"} 1`,
	}, {
		name:    "Greek letters in base64",
		command: pushTo("/metrics/job/titan/name@base64/zqDPgc6_zrzOt864zrXPjc-C"),
		query:   `m{job="titan"}`, want: `m{job="titan",name="Προμηθεύς"} 1`,
	}, {
		name:    "delete a group with an instance",
		command: `curl -X DELETE http://pushgateway.example.org:9091/metrics/job/some_job/instance/some_instance`,
	}, {
		name:    "delete a group",
		command: `curl -X DELETE http://pushgateway.example.org:9091/metrics/job/some_job`,
	},
}

func pushTo(path string) string {
	return "echo m 1 | curl --data-binary @- http://pushgateway.example.org:9091" + path
}

func TestPushgatewayReadme(t *testing.T) {
	p := testbed.StartPrometheus(t)
	c := testbed.StartCollectorWith(t, testbed.OTLPConfig(p.OTLPURL(), "on_delete: accept"))
	oracle := testbed.StartPushgateway(t, "--web.enable-admin-api")
	for _, tt := range pushgatewayReadme {
		t.Run(tt.name, func(t *testing.T) {
			// In a row the Pushgateway refuses these commands: the first one has made some_metric untyped for all groups.
			status, answer := testbed.Curl(t, "", "-X", "PUT", oracle.URL+"/api/v1/admin/wipe")
			require.Equal(t, "202", status, answer)
			runReadmeCommand(t, oracle.URL, tt.command)
			runReadmeCommand(t, c.URL, tt.command)
			if tt.query == "" {
				return
			}
			want := testbed.Series{}
			for line := range strings.Lines(tt.want) {
				name, value, _ := strings.Cut(strings.TrimSpace(line), "} ")
				want[name+"}"] = value
			}
			p.RequireSeries(t, tt.query, want)
		})
	}
}

// runReadmeCommand runs a command with a curl that finds pushgateway.example.org:9091 at the address.
func runReadmeCommand(t *testing.T, url, command string) {
	t.Helper()
	home := t.TempDir()
	settings := fmt.Sprintf("silent\nshow-error\nfail-with-body\nconnect-to = \"pushgateway.example.org:9091:%s\"\n", strings.TrimPrefix(url, "http://"))
	require.NoError(t, os.WriteFile(filepath.Join(home, ".curlrc"), []byte(settings), 0o600))
	cmd := exec.Command("bash", "-e", "-o", "pipefail", "-c", command)
	cmd.Env = append(os.Environ(), "CURL_HOME="+home)
	out, err := cmd.CombinedOutput()
	require.NoErrorf(t, err, "%s", out)
	assert.Empty(t, string(out))
}
