package e2e

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// TestGroupsPage does what docs/groups.md says, and gets the answers that stand there.
func TestGroupsPage(t *testing.T) {
	blocks := documentedBlocks(t, "docs/groups.md", "config", "conflict", "conflictanswer", "fullanswer")
	c := startDocumentedGroups(t, blocks["config"])
	command := strings.NewReplacer("curl ", "curl --silent --show-error ", "http://localhost:9091", c.URL).Replace(blocks["conflict"])
	out, err := shell(command).CombinedOutput()
	require.NoErrorf(t, err, "%s", out)
	assert.Equal(t, blocks["conflictanswer"], string(out))

	testbed.Post(t, c.Client, c.URL+"/metrics/job/b", "")
	a := testbed.Post(t, c.Client, c.URL+"/metrics/job/c", "")
	assert.Equal(t, 429, a.Status)
	assert.Equal(t, strings.NewReplacer("10001", "3", "10000", "2").Replace(blocks["fullanswer"]), a.Body)
}

// startDocumentedGroups starts a collector with the configuration, but with room for two groups only.
func startDocumentedGroups(t *testing.T, config string) *testbed.Collector {
	t.Helper()
	for documented, here := range map[string]string{
		"/var/lib/otelcol-pushgateway": t.TempDir(), "max_groups: 10000": "max_groups: 2", "localhost:9091": "${env:PUSHGATEWAY_ENDPOINT}",
	} {
		require.Contains(t, config, documented)
		config = strings.Replace(config, documented, here, 1)
	}
	const pipeline = "exporters: {nop: }\nservice: {pipelines: {metrics: {receivers: [pushgateway], exporters: [nop]}}}\n"
	return testbed.StartCollector(t, testbed.CollectorSettings{Config: writeFile(t, "groups.yaml", config), Overlay: pipeline})
}
