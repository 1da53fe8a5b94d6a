package e2e

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

func TestReadme(t *testing.T) {
	blocks := documentedBlocks(t, "README.md", "run", "push", "see", "series", "go", "test", "ocb")
	t.Run("quickstart", func(t *testing.T) { testReadmeQuickstart(t, blocks) })
	t.Run("make test is a target", func(t *testing.T) {
		assert.Equal(t, "make test\n", blocks["test"])
		assert.NoError(t, shell("make -n test").Run())
	})
	t.Run("builder manifest", func(t *testing.T) { testReadmeManifest(t, blocks["ocb"]) })
}

// testReadmeQuickstart does what the README says, one thing after the other.
func testReadmeQuickstart(t *testing.T, blocks map[string]string) {
	testbed.RequireFree(t, "localhost:9091")
	testbed.RequireFree(t, "localhost:8889")
	run := testbed.StartProcess(t, shell("exec "+blocks["run"]))
	const toBuild = 5 * time.Minute
	testbed.WaitUntilReady(t, run, http.DefaultClient, "http://localhost:9091/-/ready", toBuild)
	testbed.WaitUntilReady(t, run, http.DefaultClient, quickstartPage, testbed.ToStart)

	out, err := shell(blocks["push"]).CombinedOutput()
	require.NoErrorf(t, err, "%s", out)
	lines := readmePage(t, blocks["see"])
	for want := range strings.Lines(blocks["series"]) {
		assert.Contains(t, lines, withoutTime(strings.TrimSpace(want)))
	}

	program, err := os.MkdirTemp(".", "readme-") //nolint:usetesting // it must be in this module, for its dependencies
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(program) })
	require.NoError(t, os.WriteFile(filepath.Join(program, "main.go"), []byte(blocks["go"]), 0o600))
	out, err = exec.Command("go", "run", "./"+program).CombinedOutput()
	require.NoErrorf(t, err, "%s", out)
	pushed := 0
	for _, line := range readmePage(t, blocks["see"]) {
		if strings.Contains(line, `{job="my_job",job_id="my_unique_id"}`) && !strings.HasPrefix(line, "push_time_seconds") {
			pushed++
		}
	}
	assert.Positive(t, pushed, "what the Go program pushes is not to be seen")
}

// readmePage returns the lines of the page that the README's command shows.
func readmePage(t *testing.T, command string) []string {
	t.Helper()
	page, err := shell(command).Output()
	require.NoError(t, err)
	var lines []string
	for line := range strings.Lines(string(page)) {
		lines = append(lines, withoutTime(strings.TrimSpace(line)))
	}
	return lines
}

// withoutTime leaves out what differs from push to push.
func withoutTime(line string) string {
	if end := strings.LastIndexByte(line, ' '); end > 0 && strings.HasPrefix(line, "push_time_seconds{") {
		return line[:end]
	}
	return line
}

// testReadmeManifest builds a collector with the manifest, as somebody with a clone of this repository would.
func testReadmeManifest(t *testing.T, manifest string) {
	dir := t.TempDir()
	root, err := filepath.Abs(testbed.Repository)
	require.NoError(t, err)
	var m map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(manifest), &m))
	dist := m["dist"].(map[string]any)
	dist["output_path"] = dir
	for _, r := range m["receivers"].([]any) {
		if receiver := r.(map[string]any); strings.Contains(receiver["gomod"].(string), "otelcol-pushgateway") {
			require.Contains(t, receiver, "path")
			receiver["path"] = root
		}
	}
	adapted, err := yaml.Marshal(m)
	require.NoError(t, err)
	config := filepath.Join(dir, "builder.yaml")
	require.NoError(t, os.WriteFile(config, adapted, 0o600))

	build := exec.Command(testbed.Program(t, "OCB"), "--config", config)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoErrorf(t, err, "%s", out)
	components, err := exec.Command(filepath.Join(dir, dist["name"].(string)), "components").Output()
	require.NoError(t, err)
	assert.Contains(t, string(components), "name: pushgateway\n")
}

// shell is a command in the root of the repository. If make runs the tests, a make in the command knows nothing of it.
func shell(command string) *exec.Cmd {
	cmd := exec.Command("sh", "-e", "-c", command)
	cmd.Dir = testbed.Repository
	cmd.Env = slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "MAKE") || strings.HasPrefix(variable, "MFLAGS=")
	})
	return cmd
}
