package jobs

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// sources are the jobs' files.
const sources = "/examples/jobs/"

// A job is a program that pushes.
type job struct {
	name  string // the label job of its series
	args  []string
	env   []string
	stdin string
	want  testbed.Series // "" is a value that differs from run to run
}

// jobs returns the jobs, with their files in dir.
func jobs(t *testing.T, dir string) []job {
	t.Helper()
	host, err := os.Hostname()
	require.NoError(t, err)
	orders, customers := filepath.Join(dir, "orders.csv"), filepath.Join(dir, "customers.csv")
	require.NoError(t, os.WriteFile(orders, []byte("id,amount\n1,10\n2,20\n3,30\n"), 0o600))
	require.NoError(t, os.WriteFile(customers, []byte("id,name\n1,Müller\n"), 0o600))
	ofHost := fmt.Sprintf(`{instance=%q,job="backup"}`, host)
	// The name of a log stream has slashes, brackets and a dollar sign, and these are in the path of the push then.
	const stream = "2026/01/31/[$LATEST]0123456789abcdef"
	invocation := `{instance="` + stream + `",job="thumbnails"`
	return []job{
		{
			name: "backup",
			// As cron starts it.
			args: []string{"/bin/sh", testbed.Repository + sources + "backup-cron.sh", dir, filepath.Join(t.TempDir(), "data.tar.gz")},
			env:  []string{"PATH=/usr/bin:/bin", "SHELL=/bin/sh"},
			want: testbed.Series{
				"backup_exit_status" + ofHost: "0", "push_time_seconds" + ofHost: "", "backup_duration_seconds" + ofHost: "",
				"backup_size_bytes" + ofHost: "", "backup_last_success_timestamp_seconds" + ofHost: "",
			},
		},
		{
			name: "import",
			// Debian's Python, which has the client.
			args: []string{"/usr/bin/python3", testbed.Repository + sources + "batch_job.py", orders, customers},
			want: testbed.Series{
				`import_rows_total{job="import",table="orders"}`: "3", `import_rows_total{job="import",table="customers"}`: "1",
				`import_rows_created{job="import",table="orders"}`: "", `import_rows_created{job="import",table="customers"}`: "",
				`import_duration_seconds_count{job="import"}`: "2", `import_duration_seconds_sum{job="import"}`: "",
				`import_duration_seconds_created{job="import"}`: "", `import_last_success_timestamp_seconds{job="import"}`: "",
				`push_time_seconds{job="import"}`: "",
			},
		},
		{
			name: "thumbnails",
			args: []string{buildLambda(t)},
			env:  []string{"AWS_LAMBDA_FUNCTION_NAME=thumbnails", "AWS_LAMBDA_LOG_STREAM_NAME=" + stream},
			// Two invocations, the second of which fails.
			stdin: `{"images": [{"key": "a.png", "bytes": 1000}, {"key": "b.png", "bytes": 234}]} {"images": [{"key": "c.png"}]}`,
			want: testbed.Series{
				"thumbnails_invocations_total" + invocation + `,result="ok"}`:     "1",
				"thumbnails_invocations_total" + invocation + `,result="failed"}`: "1",
				"thumbnails_image_bytes_total" + invocation + "}":                 "1234",
				"thumbnails_duration_seconds" + invocation + "}":                  "",
				"push_time_seconds" + invocation + "}":                            "",
			},
		},
	}
}

// buildLambda returns the path of the program in examples/jobs/lambda.
func buildLambda(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "lambda")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = testbed.Repository + sources + "lambda"
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoErrorf(t, err, "%s", out)
	return program
}

// run runs a job with an address to push to, which is all that it is told.
func (j job) run(t *testing.T, url string) {
	t.Helper()
	cmd := exec.Command(j.args[0], j.args[1:]...)
	cmd.Env = append([]string{"PUSHGATEWAY_URL=" + url}, j.env...)
	cmd.Stdin = strings.NewReader(j.stdin)
	out, err := cmd.CombinedOutput()
	require.NoErrorf(t, err, "%s wrote: %s", j.name, out)
	assert.NotContains(t, string(out), "cannot push", "%s says that it could not push", j.name)
}

// seriesOf returns what Prometheus has of the jobs. There is a time of failure with the Pushgateway only: 0, as none
// failed.
func seriesOf(t require.TestingT, p *testbed.Prometheus) (testbed.Series, testbed.Types) {
	return p.Query(t, `{job=~"backup|import|thumbnails",__name__!="push_failure_time_seconds"}`)
}

func TestJobs(t *testing.T) {
	pushgateway := testbed.StartPushgateway(t)
	scraping := testbed.StartPrometheusWith(t, pushgateway.ScrapeConfig())
	receiving, collector := testbed.StartOTLP(t)
	all := jobs(t, t.TempDir())
	want := testbed.Series{}
	for _, j := range all {
		j.run(t, pushgateway.URL)
		for name, value := range j.want {
			want[name] = value
		}
	}
	for _, j := range all {
		j.run(t, collector.URL)
	}

	here, hereTypes := seriesOf(t, receiving)
	assert.Equal(t, want, withoutTimes(here, want), "through the collector")
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		there, thereTypes := seriesOf(c, scraping)
		assert.Equal(c, want, withoutTimes(there, want), "through the Pushgateway")
		assert.Equal(c, thereTypes, hereTypes)
	}, 30*time.Second, 500*time.Millisecond)
}

// withoutTimes returns series without the values that differ from run to run.
func withoutTimes(got, want testbed.Series) testbed.Series {
	result := testbed.Series{}
	for name, value := range got {
		if wanted, ok := want[name]; ok && wanted == "" {
			value = ""
		}
		result[name] = value
	}
	return result
}

// A backup that fails must be seen to fail.
func TestFailedBackup(t *testing.T) {
	p, collector := testbed.StartOTLP(t)
	cmd := exec.Command("/bin/sh", testbed.Repository+sources+"backup-cron.sh", t.TempDir(), filepath.Join(t.TempDir(), "missing", "data.tar.gz"))
	cmd.Env = []string{"PATH=/usr/bin:/bin", "PUSHGATEWAY_URL=" + collector.URL}
	out, err := cmd.CombinedOutput()
	var failed *exec.ExitError
	require.ErrorAs(t, err, &failed, "%s", out)
	host, err := os.Hostname()
	require.NoError(t, err)
	p.RequireSeries(t, `{__name__=~"backup_exit_status|backup_size_bytes|backup_last_success.*"}`,
		testbed.Series{fmt.Sprintf(`backup_exit_status{instance=%q,job="backup"}`, host): strconv.Itoa(failed.ExitCode())})
}
