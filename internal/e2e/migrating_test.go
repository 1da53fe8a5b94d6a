package e2e

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

func TestMigrating(t *testing.T) {
	blocks := documentedBlocks(t, "docs/migrating.md", "outoforder", "queries", "scraped", "scraping", "parallel", "nginx", "missing",
		"differing", "chronosphere", "victoriametrics", "aggregation")
	t.Run("queries", func(t *testing.T) { testMigratedQueries(t, blocks["queries"]) })
	t.Run("out of order", func(t *testing.T) { testOutOfOrder(t, blocks["outoforder"]) })
	t.Run("scraped", func(t *testing.T) { testScraped(t, blocks["scraped"], blocks["scraping"]) })
	t.Run("one job", testMovedJob)
	t.Run("in parallel", func(t *testing.T) { testInParallel(t, blocks) })
	t.Run("Chronosphere", func(t *testing.T) {
		requireServes(t, startDocumented(t, blocks["chronosphere"], "0.0.0.0:3030"), "/pushgateway/metrics/job/x")
	})
	t.Run("VictoriaMetrics", func(t *testing.T) {
		c := startDocumented(t, blocks["victoriametrics"], "0.0.0.0:8429")
		requireServes(t, c, "/api/v1/import/prometheus/metrics/job/x?extra_label=a=b")
	})
	t.Run("prom-aggregation-gateway", func(t *testing.T) {
		testCORS(t, startDocumented(t, blocks["aggregation"], "0.0.0.0:9091"))
	})
}

// startDocumented starts a collector with receivers that stand in the documentation, at another address, and a pipeline.
func startDocumented(t *testing.T, receivers, address string) *testbed.Collector {
	t.Helper()
	_, pipeline, _ := strings.Cut(testbed.NopConfig, "exporters:\n")
	require.Contains(t, receivers, address)
	receivers = strings.Replace(receivers, address, "${env:PUSHGATEWAY_ENDPOINT}", 1)
	return testbed.StartCollectorWith(t, receivers+"exporters:\n"+pipeline)
}

func requireServes(t *testing.T, c *testbed.Collector, path string) {
	t.Helper()
	byCurl(path, "m 1\n")(t, c.URL)
}

func testCORS(t *testing.T, c *testbed.Collector) {
	req, err := http.NewRequest(http.MethodOptions, c.URL+"/metrics/job/x", nil)
	require.NoError(t, err)
	req.Header.Set("Origin", "https://shop.example.com")
	req.Header.Set("Access-Control-Request-Method", http.MethodPost)
	res, err := c.Client.Do(req)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	assert.Equal(t, "https://shop.example.com", res.Header.Get("Access-Control-Allow-Origin"))
	assert.Equal(t, http.MethodPost, res.Header.Get("Access-Control-Allow-Methods"))
}

// testMigratedQueries has the series of jobs that pushed 25 hours ago, as after a push, and as scraped from a Pushgateway.
func testMigratedQueries(t *testing.T, table string) {
	pushed := testbed.StartPrometheus(t)
	c := testbed.StartCollectorWith(t, testbed.OTLPConfig(pushed.OTLPURL(), "push_time_metrics: false"))
	kept := testbed.StartPushgateway(t)
	scraped := testbed.StartPrometheusWith(t, kept.ScrapeConfig())

	at := time.Now().Add(-25 * time.Hour)
	push := func(job, body string) {
		byCurl("/metrics/job/"+job, body)(t, kept.URL)
		var stamped strings.Builder
		for line := range strings.Lines(body) {
			fmt.Fprintf(&stamped, "%s %d\n", strings.TrimSpace(line), at.UnixMilli())
		}
		byCurl("/metrics/job/"+job, stamped.String())(t, c.URL)
	}
	push("backup", fmt.Sprintf("backup_last_success_timestamp_seconds %d\nbackup_files 5\nbackup_files_expected 7\n", at.Unix()))
	byCurl("/metrics/job/backup", fmt.Sprintf("push_time_seconds %d %d\n", at.Unix(), at.UnixMilli()))(t, c.URL)
	byCurl("/metrics/job/failing", fmt.Sprintf("push_failure_time_seconds %d %d\n", at.Unix(), at.UnixMilli()))(t, c.URL)
	// Only what contradicts itself, as a push with timestamps does for it, is a failure to the Pushgateway.
	status, _ := testbed.Curl(t, "m 1 1000\n", "--data-binary", "@-", kept.URL+"/metrics/job/failing")
	require.Equal(t, "400", status)
	scraped.RequireSeries(t, `count(backup_files) + count(push_failure_time_seconds{job="failing"} > 0)`, testbed.Series{"{}": "2"})

	rows := 0
	for line := range strings.Lines(table) {
		cells := strings.Split(line, "`")
		if len(cells) != 5 {
			continue
		}
		rows++
		t.Run(cells[1], func(t *testing.T) {
			before, after := cells[1], cells[3]
			// The Pushgateway does not let us set its times to yesterday, so it is asked for those of now, and not for never.
			ago := strings.NewReplacer("- push_time_seconds > 86400", `- push_time_seconds{job="backup"} > 0`,
				"(push_time_seconds[7d]) > 86400", `(push_time_seconds{job="backup"}[7d]) > 0`)
			inScraped, _ := scraped.Query(t, ago.Replace(before))
			afterInScraped, _ := scraped.Query(t, ago.Replace(after))
			beforeInPushed, _ := pushed.Query(t, before)
			inPushed, _ := pushed.Query(t, after)
			if strings.HasPrefix(before, "absent(") {
				assert.Empty(t, inScraped)
				assert.Empty(t, afterInScraped)
				assert.NotEmpty(t, beforeInPushed, "it would not have to be changed")
				assert.Empty(t, inPushed)
				return
			}
			assert.Len(t, inScraped, 1)
			assert.Equal(t, seriesOnly(inScraped), seriesOnly(afterInScraped), "the changed query means something else with the Pushgateway")
			assert.Empty(t, beforeInPushed, "it would not have to be changed")
			assert.Equal(t, seriesOnly(inScraped), seriesOnly(inPushed))
		})
	}
	assert.Equal(t, 7, rows)
}

// seriesOnly returns the labels of series: last_over_time keeps the name, other functions do not.
func seriesOnly(all testbed.Series) []string {
	var found []string
	for name := range all {
		found = append(found, name[strings.IndexByte(name, '{'):])
	}
	slices.Sort(found)
	return found
}

// testOutOfOrder pushes an old sample behind a new one.
func testOutOfOrder(t *testing.T, config string) {
	p := testbed.StartPrometheusWith(t, config)
	c := testbed.StartCollectorWith(t, testbed.OTLPConfig(p.OTLPURL()))
	now := time.Now()
	requireServes(t, c, "/metrics/job/x")
	byCurl("/metrics/job/x", fmt.Sprintf("m 2 %d\n", now.Add(-5*time.Minute).UnixMilli()))(t, c.URL)
	p.RequireSeries(t, `count_over_time(m[10m])`, testbed.Series{`{job="x"}`: "2"})
}

// testScraped lets Prometheus scrape the collector instead of a Pushgateway.
func testScraped(t *testing.T, exporters, scraping string) {
	kept := testbed.StartPushgateway(t)
	page := testbed.FreeAddress(t)
	receivers, _, _ := strings.Cut(testbed.NopConfig, "exporters:")
	c := testbed.StartCollectorWith(t, receivers+strings.Replace(exporters, "localhost:8889", page, 1)+
		"service: {pipelines: {metrics: {receivers: [pushgateway], exporters: [prometheus]}}}\n")
	before := testbed.StartPrometheusWith(t, kept.ScrapeConfig())
	after := testbed.StartPrometheusWith(t, "global: {scrape_interval: 1s}\n"+strings.ReplaceAll(scraping, "localhost:8889", page))
	for _, url := range []string{kept.URL, c.URL} {
		byCurl("/metrics/job/scraped/zone/path", textBody)(t, url)
		byCurl("/metrics/job/scraped/instance/i", "# TYPE m counter\nm 1\n")(t, url)
	}
	const query = `{job="scraped",__name__!~"push_.*|target_info"}`
	before.RequireSeries(t, "count("+query+")", testbed.Series{"{}": "14"})
	want, _ := before.Query(t, query)
	after.RequireSeries(t, query, want)
}

// testMovedJob gives a job the address of the collector, while the Pushgateway goes on being scraped.
func testMovedJob(t *testing.T) {
	kept := testbed.StartPushgateway(t)
	p := testbed.StartPrometheusWith(t, kept.ScrapeConfig())
	c := testbed.StartCollector(t, testbed.CollectorSettings{
		Config: testbed.Repository + "/examples/remote-write.yaml", Env: []string{"REMOTE_WRITE_ENDPOINT=" + p.RemoteWriteURL()},
	})
	byCurl("/metrics/job/moved", "files 1\n")(t, kept.URL)
	p.RequireSeries(t, "files", testbed.Series{`files{job="moved"}`: "1"})
	status, answer := testbed.Curl(t, "", "-X", "DELETE", kept.URL+"/metrics/job/moved")
	require.Equal(t, "202", status, answer)
	p.RequireSeries(t, "files", testbed.Series{})
	byCurl("/metrics/job/moved", "files 2\n")(t, c.URL)
	for _, query := range []string{"files", "last_over_time(files[1h])"} {
		p.RequireSeries(t, query, testbed.Series{`files{job="moved"}`: "2"})
	}
}

// testInParallel pushes to the Pushgateway and to the collector through nginx, and looks for differences.
func testInParallel(t *testing.T, blocks map[string]string) {
	kept := testbed.StartPushgateway(t)
	p := testbed.StartPrometheusWith(t, kept.ScrapeConfig())
	config := strings.Replace(blocks["parallel"], "localhost:9092", "${env:PUSHGATEWAY_ENDPOINT}", 1)
	c := testbed.StartCollectorWith(t, strings.Replace(config, "http://localhost:9090", p.URL, 1))
	address := startNginx(t, strings.NewReplacer("localhost:9091", atPortOf(kept.URL), "localhost:9092", atPortOf(c.URL)).Replace(blocks["nginx"]))

	groups := []string{"/metrics/job/some_job/instance/a+b", "/metrics/job/some_job/path@base64/L3Zhci90bXA/name/Z%C3%BCrich", "/metrics/job/some_job/empty@base64/="}
	for _, path := range groups {
		byCurl(path, textBody, "-X", "PUT")(t, "http://"+address)
		byCurl(path, testbed.Gzipped("# TYPE added gauge\nadded 1\n"), "-H", "Content-Encoding: gzip")(t, "http://"+address)
	}
	p.RequireSeries(t, `count by (via) ({job="some_job",__name__!="push_failure_time_seconds"})`,
		testbed.Series{`{}`: "45", `{via="collector"}`: "45"})
	p.RequireSeries(t, blocks["missing"], testbed.Series{})
	p.RequireSeries(t, blocks["differing"], testbed.Series{})

	byCurl("/metrics/job/some_job", "only_here 1\n")(t, kept.URL)
	p.RequireSeries(t, blocks["missing"], testbed.Series{
		`only_here{job="some_job",metric="only_here"}`: "1",
	})
	byCurl(groups[0], "# TYPE added gauge\nadded 2\n")(t, c.URL)
	p.RequireSeries(t, blocks["differing"], testbed.Series{`added{instance="a+b",job="some_job",metric="added"}`: "1"})

	status, answer := testbed.Curl(t, "", "-X", "DELETE", "http://"+address+"/metrics/job/some_job")
	require.Equal(t, "202", status, answer)
}

// atPortOf returns localhost with the port of a URL or address, as the documentation has it.
func atPortOf(url string) string { return "localhost" + url[strings.LastIndexByte(url, ':'):] }

// startNginx runs nginx with a configuration, at another address than the one that it has, and returns that.
func startNginx(t *testing.T, config string) string {
	t.Helper()
	path, err := exec.LookPath("nginx")
	if err != nil {
		path = "/usr/sbin/nginx" // Debian's, which is not in the PATH of users
		require.FileExists(t, path, "nginx is not installed: `make deps` installs it")
	}
	dir, address := t.TempDir(), atPortOf(testbed.FreeAddress(t))
	own := "access_log off;"
	for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		own += fmt.Sprintf("%s_temp_path %s;", kind, filepath.Join(dir, kind))
	}
	listen := regexp.MustCompile(`listen localhost:\d+;`)
	require.Regexp(t, listen, config)
	config = strings.Replace(listen.ReplaceAllString(config, "listen "+address+";"), "http {", "http {"+own, 1)
	file := filepath.Join(dir, "nginx.conf")
	require.NoError(t, os.WriteFile(file, []byte(config), 0o600))
	nginx := testbed.StartProcess(t, exec.Command(path, "-p", dir, "-c", file, "-e", "stderr",
		"-g", "daemon off; user root; pid "+filepath.Join(dir, "pid")+";"))
	testbed.WaitUntilReady(t, nginx, http.DefaultClient, "http://"+address+"/-/ready", testbed.ToStart)
	return address
}
