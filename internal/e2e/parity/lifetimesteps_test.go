package parity

import (
	"net/http"
	"testing"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// lifetimeText has every type that text has.
const lifetimeText = `# HELP life_runs_total Runs so far.
# TYPE life_runs_total counter
life_runs_total{step="load"} 3
life_runs_total{step="save"} 2
# TYPE life_free_bytes gauge
life_free_bytes 7
life_untyped -1.5
# TYPE life_seconds histogram
life_seconds_bucket{le="0.5"} 1
life_seconds_bucket{le="1"} 2
life_seconds_bucket{le="+Inf"} 4
life_seconds_sum 9
life_seconds_count 4
# TYPE life_size summary
life_size{quantile="0.5"} 10
life_size{quantile="0.9"} NaN
life_size_sum 35
life_size_count 3
# TYPE life_mode gauge
life_mode 1
`

// changedMetrics change their types.
var changedMetrics = []string{"life_mode", "life_wait_seconds_bucket", "life_wait_seconds_count"}

// changedText has other bounds, other quantiles, another type, and another label.
const changedText = `# HELP life_runs_total Runs so far.
# TYPE life_runs_total counter
life_runs_total{step="check"} 1
# TYPE life_seconds histogram
life_seconds_bucket{le="0.5"} 1
life_seconds_bucket{le="2.5"} 3
life_seconds_bucket{le="10"} 4
life_seconds_bucket{le="+Inf"} 4
life_seconds_sum 9
life_seconds_count 4
# TYPE life_size summary
life_size{quantile="0.99"} 30
life_size_sum 35
life_size_count 3
# TYPE life_mode counter
life_mode 1
`

// nativeMetric is the one of nativeHistogram.
const nativeMetric = "latency_seconds"

// classicText has the histogram of nativeHistogram with buckets.
const classicText = `# HELP latency_seconds With native buckets.
# TYPE latency_seconds histogram
latency_seconds_bucket{buckets="both",le="0.1"} 5
latency_seconds_bucket{buckets="both",le="+Inf"} 8
latency_seconds_sum{buckets="both"} 3.5
latency_seconds_count{buckets="both"} 8
`

// wholeText is a histogram, and partText has metrics with the names of its series.
const (
	wholeText = `# TYPE life_wait_seconds histogram
life_wait_seconds_bucket{le="10"} 1
life_wait_seconds_bucket{le="+Inf"} 2
life_wait_seconds_sum 30
life_wait_seconds_count 2
`
	partText = `# TYPE life_wait_seconds_count gauge
life_wait_seconds_count 5
# TYPE life_wait_seconds_bucket gauge
life_wait_seconds_bucket{le="10"} 7
`
)

// lifetimeSteps tells the lifetime of some groups: one of a job and an instance, one with more labels, one with a native histogram.
func lifetimeSteps(t *testing.T) []step {
	t.Helper()
	const plain, zoned, native, parts = "/job/life/instance/i", "/job/life/zone/z/shard/1", "/job/native_life", "/job/parts"
	const other = "/job/other"
	put := func(path, body string) push {
		return push{method: http.MethodPut, path: path, contentType: textType, body: body}
	}
	post := func(path, body string) push {
		return push{method: http.MethodPost, path: path, contentType: textType, body: body}
	}
	remove := func(path string) push { return push{method: http.MethodDelete, path: path} }
	refused := func(p push) push {
		p.refused = byBoth
		return p
	}
	withNative := post(native, testbed.Protobuf(t, family(t, nativeHistogram)))
	withNative.contentType = testbed.ProtobufType
	return []step{
		{name: "POST of new groups", pushes: []push{post(plain, lifetimeText), post(zoned, lifetimeText), withNative, put(parts, wholeText)}},
		{name: "PUT without a metric", pushes: []push{put(plain, "# TYPE life_free_bytes gauge\nlife_free_bytes 8\n")}},
		{name: "POST that replaces a metric", pushes: []push{
			post(zoned, "# TYPE life_runs_total counter\nlife_runs_total{step=\"save\",try=\"2\"} 5\n"),
			post(plain, "# TYPE life_runs_total counter\nlife_runs_total 1\n"),
		}},
		{name: "PUT with other bounds, quantiles and types", pushes: []push{put(zoned, changedText), put(native, classicText), put(parts, partText)}},
		{name: "POST with them", pushes: []push{post(zoned, lifetimeText)}},
		{name: "PUT and POST without a body", pushes: []push{put(native, ""), post(zoned, ""), put("/job/empty", ""), post("/job/empty/zone/z", "")}},
		{name: "refused pushes", pushes: []push{
			refused(put(plain, "life_twice 1\nlife_twice 2\n")),
			refused(post("/job/refused/zone/z", "life_twice 1\nlife_twice 2\n")),
			refused(post(other+"/instance/type", "# TYPE life_free_bytes counter\nlife_free_bytes 1\n")),
			refused(put(other+"/instance/part", "# TYPE life_seconds_count gauge\nlife_seconds_count 1\n")),
			refused(put("/job/life", "# TYPE life_free_bytes gauge\nlife_free_bytes{instance=\"i\"} 1\n")),
		}},
		{name: "pushes after refused ones", pushes: []push{post(plain, "life_mended 1\n"), put("/job/refused/zone/z", "life_mended 1\n")}},
		{name: "DELETE", pushes: []push{remove(zoned), remove("/job/unknown/zone/z"), remove(other + "/instance/type")}},
		{name: "restart", do: restartAll},
		{name: "PUT, POST and DELETE after the restart", pushes: []push{
			put(plain, lifetimeText), post(native, classicText), put(parts, wholeText), remove("/job/refused/zone/z"), remove("/job/empty"),
		}},
		{name: "a deleted group again", pushes: []push{put(zoned, "life_untyped 2\n"), remove(plain), withNative}},
		{name: "expiry", do: expire},
		{name: "pushes at random", do: pushAtRandom},
	}
}
