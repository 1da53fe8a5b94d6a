package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

const republishInterval = time.Second

// A groupsWay leads from a collector in groups mode to a Prometheus.
type groupsWay struct {
	name string
	// start runs a collector with settings of its groups, in the flow style of YAML.
	start func(t *testing.T, p *testbed.Prometheus, groups string) *testbed.Collector
}

// groupsWays are all of them.
var groupsWays = []groupsWay{{"over OTLP", startGroups}, {"over remote write", startGroupsOverRemoteWrite}}

// startGroups runs the example with groups, that are sent again every second.
func startGroups(t *testing.T, p *testbed.Prometheus, groups string) *testbed.Collector {
	t.Helper()
	return testbed.StartCollector(t, testbed.CollectorSettings{
		Config: testbed.Repository + "/examples/groups.yaml", Overlay: groupsOverlay(groups),
		Env: []string{"OTLP_ENDPOINT=" + p.OTLPURL(), "STORAGE_DIRECTORY=" + t.TempDir()},
	})
}

// startGroupsOverRemoteWrite runs another example with groups, that are in memory alone.
func startGroupsOverRemoteWrite(t *testing.T, p *testbed.Prometheus, groups string) *testbed.Collector {
	t.Helper()
	return testbed.StartCollector(t, testbed.CollectorSettings{
		Config: testbed.Repository + "/examples/remote-write.yaml", Overlay: groupsOverlay(groups),
		Env: []string{"REMOTE_WRITE_ENDPOINT=" + p.RemoteWriteURL()},
	})
}

func groupsOverlay(groups string) string {
	return fmt.Sprintf("receivers: {pushgateway: {groups: {republish_interval: %v, %s}}}\n", republishInterval, groups)
}

// pushedOnly selects what was pushed of jobs, without what the receiver and Prometheus add.
func pushedOnly(job string) string {
	return `{job=~"` + job + `",__name__!~"push_time_seconds|push_failure_time_seconds|target_info"}`
}

// What was pushed once stays visible to instant queries for twenty times as long as they look back, with the time of its push. Without
// groups it does not.
func TestGroupsStayVisible(t *testing.T) {
	t.Parallel()
	const lookback = 3 * time.Second
	p := testbed.StartPrometheusLookingBack(t, lookback)
	control := testbed.StartCollector(t, testbed.CollectorSettings{
		Config: testbed.Repository + "/examples/otlp.yaml", Env: []string{"OTLP_ENDPOINT=" + p.OTLPURL()},
	})
	byCurl("/metrics/job/control/zone/kept", textBody)(t, control.URL)
	p.RequireSeries(t, pushedOnly("control"), textSeries("control", "kept"))
	want, times := testbed.Series{}, testbed.Series{}
	for i, way := range groupsWays {
		job := "visible_" + strconv.Itoa(i)
		byCurl("/metrics/job/"+job+"/zone/kept", textBody)(t, way.start(t, p, "").URL)
		maps.Copy(want, textSeries(job, "kept"))
		p.RequireSeries(t, pushedOnly(job), textSeries(job, "kept"))
		of, _ := p.Query(t, `{job="`+job+`",__name__=~"push_.*"}`)
		assert.Equal(t, "0", of[`push_failure_time_seconds{job="`+job+`",zone="kept"}`])
		maps.Copy(times, of)
	}
	require.Len(t, times, 4)

	begin := time.Now()
	for time.Since(begin) < 20*lookback {
		got, _ := p.Query(t, pushedOnly("visible_.*"))
		require.Equalf(t, want, got, "%v after the push", time.Since(begin))
		gotTimes, _ := p.Query(t, `{job=~"visible_.*",__name__=~"push_.*"}`)
		require.Equal(t, times, gotTimes)
		if time.Since(begin) > lookback {
			got, _ := p.Query(t, pushedOnly("control"))
			require.Empty(t, got)
		}
		time.Sleep(time.Second)
	}
	requireNoGap(t, p, pushedOnly("visible_.*"), len(want), begin)
}

// requireNoGap asks for each half second since the begin, also for those between the queries of the test.
func requireNoGap(t *testing.T, p *testbed.Prometheus, selector string, series int, begin time.Time) {
	t.Helper()
	var data struct{ Result []struct{ Values []any } }
	p.Ask(t, "/api/v1/query_range?step=0.5&"+url.Values{
		"query": {"count(" + selector + ") == " + strconv.Itoa(series)},
		"start": {testbed.FormatBound(float64(begin.UnixMilli()) / 1000)},
		"end":   {testbed.FormatBound(float64(begin.Add(time.Minute).UnixMilli()) / 1000)},
	}.Encode(), &data)
	require.Len(t, data.Result, 1)
	assert.Len(t, data.Result[0].Values, 121)
}

// The push of a group too many is refused with the name of the bound, and those that are held go on.
func TestGroupsBound(t *testing.T) {
	t.Parallel()
	p := testbed.StartPrometheus(t)
	c := startGroups(t, p, "max_groups: 2")
	url := c.URL + "/metrics/job/bounded/instance/"
	send := func(method, instance, body string) testbed.Answer {
		t.Helper()
		return testbed.Send(t, c.Client, method, url+instance, body)
	}
	for _, instance := range []string{"a", "b"} {
		a := send(http.MethodPut, instance, "m 1\n")
		require.Equal(t, http.StatusOK, a.Status, a.Body)
	}
	a := send(http.MethodPut, "c", "m 1\n")
	assert.Equal(t, http.StatusTooManyRequests, a.Status)
	assert.Contains(t, a.Body, "groups.max_groups is 2")
	assert.NotEmpty(t, a.RetryAfter)
	assert.Equal(t, http.StatusOK, send(http.MethodPost, "a", "m 2\nmore 1\n").Status)
	assert.Equal(t, http.StatusOK, send(http.MethodPut, "b", "m 2\n").Status)
	p.RequireSeries(t, pushedOnly("bounded"), testbed.Series{
		`m{instance="a",job="bounded"}`: "2", `more{instance="a",job="bounded"}`: "1", `m{instance="b",job="bounded"}`: "2",
	})
	assert.ElementsMatch(t, []testbed.Labels{{"job": "bounded", "instance": "a"}, {"job": "bounded", "instance": "b"}}, c.HeldGroups(t))

	assert.Equal(t, http.StatusAccepted, send(http.MethodDelete, "a", "").Status)
	assert.Equal(t, http.StatusOK, send(http.MethodPut, "c", "m 3\n").Status)
	p.RequireSeries(t, pushedOnly("bounded"), testbed.Series{`m{instance="b",job="bounded"}`: "2", `m{instance="c",job="bounded"}`: "3"})
}
