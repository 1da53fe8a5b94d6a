package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/push"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A way leads from the receiver to Prometheus.
type way struct {
	collector  *testbed.Collector
	prometheus *testbed.Prometheus
	// metadata has the types that were sent, if they are not among what Prometheus knows.
	metadata *testbed.MetadataTap
	// targetInfo says that resource attributes come out as target_info.
	targetInfo bool
}

func startOTLPWay(t *testing.T) way {
	t.Helper()
	p, c := testbed.StartOTLP(t)
	return way{collector: c, prometheus: p, targetInfo: true}
}

func startRemoteWriteWay(t *testing.T) way {
	t.Helper()
	p, c, tap := testbed.StartRemoteWrite(t)
	return way{collector: c, prometheus: p, metadata: tap}
}

func TestPushReachesPrometheus(t *testing.T) {
	ways := []struct {
		name  string
		start func(*testing.T) way
		cases []pushCase
	}{
		{name: "over OTLP", start: startOTLPWay, cases: slices.Concat(curlCases(), clientCases(), nameCases())},
		{name: "over remote write", start: startRemoteWriteWay, cases: slices.Concat(curlCases(), clientCases())},
	}
	for _, tt := range ways {
		t.Run(tt.name, func(t *testing.T) {
			w := tt.start(t)
			for _, c := range tt.cases {
				t.Run(c.name, func(t *testing.T) { w.check(t, c) })
			}
			t.Run("the page of a real program", func(t *testing.T) { w.check(t, pageCase(t, w.prometheus)) })
			t.Run("of a refused push only the time arrives", w.checkRefused)
			t.Run("one push after the other of one group", w.checkInTurn)
			t.Run("pushes of one group at once", w.checkAtOnce)
		})
	}
}

// check pushes, and compares all that Prometheus has of the job with what it must have.
func (w way) check(t *testing.T, c pushCase) {
	t.Helper()
	before := time.Now()
	c.push(t, w.collector.URL)
	job := c.groups[0]["job"]
	// Without a queue in between, the answer to a push comes after Prometheus has it.
	got, gotTypes := w.prometheus.Query(t, `{job=`+strconv.Quote(job)+`}`)

	want := maps.Clone(c.want)
	for _, group := range c.groups {
		pushTime := testbed.SeriesName(group.With("__name__", "push_time_seconds"))
		checkPushTime(t, before, got[pushTime])
		want[pushTime] = got[pushTime]
		if w.targetInfo && hasMoreThanIdentity(group) {
			want[testbed.SeriesName(group.With("__name__", "target_info"))] = "1"
		}
	}
	assert.Equal(t, want, got)

	wantTypes := testbed.Types{"push_time_seconds": "gauge"}
	maps.Copy(wantTypes, c.types)
	if w.metadata != nil {
		assert.Equal(t, wantTypes, w.metadata.Take())
		return
	}
	assert.Equal(t, typesInPrometheus(got, wantTypes), gotTypes)
}

// checkRefused pushes something that is wrong in its last line.
func (w way) checkRefused(t *testing.T) {
	before := time.Now()
	a := testbed.Post(t, w.collector.Client, w.collector.URL+"/metrics/job/refused/instance/i", textBody+"bad{ 1\n")
	assert.Equal(t, http.StatusBadRequest, a.Status)
	assert.Contains(t, a.Body, "in line 20")
	assert.Contains(t, a.Body, "bad{ 1")
	got, _ := w.prometheus.Query(t, `{job="refused"}`)
	failureTime := `push_failure_time_seconds{instance="i",job="refused"}`
	checkPushTime(t, before, got[failureTime])
	assert.Equal(t, testbed.Series{failureTime: got[failureTime]}, got)
}

func TestIgnoreNativeHistograms(t *testing.T) {
	p := testbed.StartPrometheus(t)
	c := testbed.StartCollectorWith(t, testbed.OTLPConfig(p.OTLPURL(), "native_histograms: ignore"))
	byClient("ignored", native(), (*push.Pusher).Push)(t, c.URL)
	p.RequireSeries(t, `{__name__=~"go_native.*"}`, testbed.Series{
		`go_native_bucket{job="ignored",le="1"}`:    "1",
		`go_native_bucket{job="ignored",le="10"}`:   "4",
		`go_native_bucket{job="ignored",le="+Inf"}`: "4",
		`go_native_sum{job="ignored"}`:              "9.5",
		`go_native_count{job="ignored"}`:            "4",
	})
}

// checkInTurn pushes faster than Prometheus can tell the times of the pushes apart.
func (w way) checkInTurn(t *testing.T) {
	const pushes = 200
	for i := range pushes {
		a := testbed.Post(t, w.collector.Client, w.collector.URL+"/metrics/job/in_turn", fmt.Sprintf("m %d\n", i))
		require.Equal(t, http.StatusOK, a.Status, a.Body)
	}
	w.prometheus.RequireSeries(t, `count_over_time(m{job="in_turn"}[1m])`, testbed.Series{`{job="in_turn"}`: strconv.Itoa(pushes)})
}

// checkAtOnce has several clients push different series to one group, as parallel steps of a job do.
func (w way) checkAtOnce(t *testing.T) {
	const clients, pushes = 4, 50
	var pushing sync.WaitGroup
	for i := range clients {
		pushing.Go(func() {
			for n := range pushes {
				a := testbed.Post(t, w.collector.Client, w.collector.URL+"/metrics/job/at_once/l@base64/=", fmt.Sprintf("m{client=\"%d\"} %d\n", i, n))
				assert.Equal(t, http.StatusOK, a.Status, a.Body)
			}
		})
	}
	pushing.Wait()
	want := testbed.Series{}
	for i := range clients {
		want[fmt.Sprintf(`{client="%d",job="at_once"}`, i)] = strconv.Itoa(pushes)
	}
	w.prometheus.RequireSeries(t, `count_over_time(m{job="at_once"}[1m])`, want)
}

// checkPushTime checks that the value is a time between before and now.
func checkPushTime(t *testing.T, before time.Time, value string) {
	t.Helper()
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil {
		t.Errorf("value %q of push_time_seconds: %v", value, err)
		return
	}
	pushed := time.UnixMicro(int64(seconds * 1e6))
	assert.WithinRange(t, pushed, before.Add(-time.Millisecond), time.Now().Add(time.Millisecond))
}

// hasMoreThanIdentity says whether the resource of a group has attributes other than those that become job and
// instance.
func hasMoreThanIdentity(group testbed.Labels) bool {
	for name := range group {
		if name != "job" && name != "instance" {
			return true
		}
	}
	return false
}

// typesInPrometheus returns the types by the names of the series, as Prometheus has them of OTLP: it has no unknown
// there, but takes the gauge as one, and does not say a type for its own target_info.
func typesInPrometheus(all testbed.Series, byFamily testbed.Types) testbed.Types {
	result := testbed.Types{}
	for name := range all {
		name, _, _ = strings.Cut(name, "{")
		if name == "target_info" {
			continue
		}
		result[name] = byFamily[name]
		for _, suffix := range []string{"_bucket", "_sum", "_count"} {
			family, found := strings.CutSuffix(name, suffix)
			if t := byFamily[family]; found && (t == "histogram" || t == "summary") {
				result[name] = t
			}
		}
		if result[name] == "unknown" {
			result[name] = "gauge"
		}
	}
	return result
}

// pageCase pushes the page that Prometheus shows of itself.
func pageCase(t *testing.T, p *testbed.Prometheus) pushCase {
	t.Helper()
	page := testbed.Get(t, http.DefaultClient, p.URL+"/metrics")
	require.Greater(t, len(page), 30_000, "the page is not as large as that of a real program should be")
	group := testbed.Labels{"job": "page", "run": "1"}
	return pushCase{
		push:   byCurl("/metrics/job/page/run/1", page),
		groups: []testbed.Labels{group},
		want:   testbed.SeriesOf(t, page, group),
		types:  typesOf(page),
	}
}

// typesOf returns the types that a text page announces.
func typesOf(page string) testbed.Types {
	result := testbed.Types{}
	for line := range strings.Lines(page) {
		if fields := strings.Fields(line); len(fields) == 4 && fields[0] == "#" && fields[1] == "TYPE" {
			result[fields[2]] = strings.Replace(fields[3], "untyped", "unknown", 1)
		}
	}
	return result
}
