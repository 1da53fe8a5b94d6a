package e2e

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// endsIn is what a series may take to vanish from Prometheus: it is far below the five minutes that a query looks back, so that
// it is a staleness marker which makes it vanish. Two seconds of it are for a machine with much else to do.
const endsIn = republishInterval + 2*time.Second

// What left a group vanishes from instant queries within one interval, and does not come back.
func TestGroupsEnd(t *testing.T) {
	t.Parallel()
	p := testbed.StartPrometheus(t)
	for i, way := range groupsWays {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			c := way.start(t, p, "")
			prefix := "ended_" + strconv.Itoa(i)
			for _, tt := range []struct {
				name, job, method, body string
				left                    testbed.Series
			}{
				{"after DELETE", "_deleted", http.MethodDelete, "", testbed.Series{}},
				{"after a PUT without it", "_put", http.MethodPut, "other 1\n", testbed.Series{`other{job="` + prefix + `_put",zone="kept"}`: "1"}},
				{"after a PUT without a metric", "_emptied", http.MethodPut, "", testbed.Series{}},
			} {
				t.Run(tt.name, func(t *testing.T) {
					t.Parallel()
					job := prefix + tt.job
					path := "/metrics/job/" + job + "/zone/kept"
					byCurl(path, textBody)(t, c.URL)
					p.RequireSeries(t, pushedOnly(job), textSeries(job, "kept"))
					a := testbed.Send(t, c.Client, tt.method, c.URL+path, tt.body)
					require.Contains(t, []int{http.StatusOK, http.StatusAccepted}, a.Status, a.Body)
					requireLeft(t, p, job, tt.left, time.Now())
					times, _ := p.Query(t, `push_time_seconds{job="`+job+`"}`)
					assert.Equal(t, tt.method != http.MethodDelete, len(times) == 1, times)
				})
			}
		})
		t.Run(way.name+", after its ttl", func(t *testing.T) {
			t.Parallel()
			const ttl = 4 * time.Second
			c := way.start(t, p, "ttl: "+ttl.String())
			testExpiry(t, p, c, "expired_"+strconv.Itoa(i), ttl)
		})
	}
}

// requireLeft requires that nothing but this is left of what was pushed of a job, soon after it ended and from then on.
func requireLeft(t *testing.T, p *testbed.Prometheus, job string, left testbed.Series, ended time.Time) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		got, _ := p.Query(c, pushedOnly(job))
		assert.Equal(c, left, got)
	}, time.Until(ended.Add(endsIn)), 50*time.Millisecond)
	t.Logf("%s: %v after it ended", job, time.Since(ended).Round(time.Millisecond))
	for time.Since(ended) < 4*republishInterval {
		got, _ := p.Query(t, pushedOnly(job))
		require.Equal(t, left, got)
		time.Sleep(100 * time.Millisecond)
	}
}

// testExpiry pushes a group once, and another one again and again.
func testExpiry(t *testing.T, p *testbed.Prometheus, c *testbed.Collector, job string, ttl time.Duration) {
	pushAgain := func() {
		a := testbed.Post(t, c.Client, c.URL+"/metrics/job/"+job+"_not", "m 1\n")
		require.Equal(t, http.StatusOK, a.Status, a.Body)
	}
	pushed := time.Now()
	byCurl("/metrics/job/"+job+"/zone/kept", textBody)(t, c.URL)
	for time.Since(pushed) < ttl-republishInterval {
		pushAgain()
		got, _ := p.Query(t, pushedOnly(job))
		require.Equalf(t, textSeries(job, "kept"), got, "%v after the push", time.Since(pushed))
		time.Sleep(200 * time.Millisecond)
	}
	pushAgain()
	time.Sleep(time.Until(pushed.Add(ttl)))
	pushAgain()
	p.RequireSeries(t, pushedOnly(job), testbed.Series{})
	got, _ := p.Query(t, pushedOnly(job+"_not"))
	assert.Len(t, got, 1, "a group ends ttl after its last push, and not after its first")
	requireLeft(t, p, job, testbed.Series{}, pushed.Add(ttl))
	times, _ := p.Query(t, `{job="`+job+`",__name__=~"push_.*"}`)
	assert.Empty(t, times, "the times of the pushes end with the group")
	p.RequireSeries(t, pushedOnly(job+"_not"), testbed.Series{})
}

// What left a group vanishes from the page of the prometheus exporter with the answer to the push.
func TestGroupsEndOnPage(t *testing.T) {
	t.Parallel()
	page := testbed.FreeAddress(t)
	receivers, _, _ := strings.Cut(testbed.NopConfig, "exporters:")
	c := testbed.StartCollectorWith(t, receivers+"    groups:\nexporters: {prometheus: {endpoint: "+page+", translation_strategy: NoTranslation}}\n"+
		"service: {pipelines: {metrics: {receivers: [pushgateway], exporters: [prometheus]}}}\n")
	names := func() []string {
		var found []string
		for _, line := range strings.Split(testbed.Get(t, c.Client, "http://"+page+"/metrics"), "\n") {
			if name, _, isSample := strings.Cut(line, "{"); isSample && !strings.HasPrefix(line, "#") && name != "target_info" {
				found = append(found, name)
			}
		}
		slices.Sort(found)
		return slices.Compact(found)
	}
	path := "/metrics/job/page/zone/z"
	byCurl(path, textBody)(t, c.URL)
	times := []string{"push_failure_time_seconds", "push_time_seconds"}
	assert.Equal(t, slices.Concat(times, []string{
		"text_latency_bucket", "text_latency_count", "text_latency_sum", "text_requests_total", "text_size", "text_size_count", "text_size_sum",
		"text_temperature", "text_untyped",
	}), names())
	byCurl(path, "other 1\n", "-X", "PUT")(t, c.URL)
	assert.Equal(t, slices.Concat([]string{"other"}, times), names())
	assert.Equal(t, http.StatusAccepted, testbed.Send(t, c.Client, http.MethodDelete, c.URL+path, "").Status)
	assert.Empty(t, names())
}
