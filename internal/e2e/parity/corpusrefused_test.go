package parity

import (
	"fmt"
	"time"
)

// gaugeHistogram has no protobuf beside it: Pushgateway 1.5.1 takes that, and shows nothing of it and of all names
// behind it in the alphabet any more. Nor is there a histogram in a group with a label le: 1.5.1 takes it, and every
// scrape fails from then on.
const gaugeHistogram = `# TYPE queue_seconds gaugehistogram
queue_seconds_bucket{le="+Inf"} 1
queue_seconds_gcount 1
queue_seconds_gsum 1
`

// fallingCounts is a histogram that cannot be one.
const fallingCounts = `# TYPE falling_seconds histogram
falling_seconds_bucket{le="1"} 3
falling_seconds_bucket{le="2"} 1
falling_seconds_bucket{le="+Inf"} 4
falling_seconds_count 4
falling_seconds_sum 1
`

// unparsable is in front of the jobs whose pushes cannot be parsed.
const unparsable = "unparsable"

func refusedPushes() []push {
	const twice = "twice 1\ntwice 2\n"
	now := time.Now().UnixMilli()
	return []push{
		{path: "/job/always_refused/instance/i", body: "refused 1\n" + twice, refused: byBoth},
		{path: "/job/refused_at_last", body: "refused 1\n"},
		{path: "/job/refused_at_last", body: "refused 2\n" + twice, refused: byBoth},
		{path: "/job/refused_at_first/l/v", body: twice, refused: byBoth},
		{path: "/job/refused_at_first/l/v", body: "mended 1\n"},
		{path: "/job/reserved_label", body: "reserved{__l=\"v\"} 1\n", refused: byBoth},

		{path: "/job/unparsable/instance/i", body: "refused 1\nbad{ 1\n", refused: byBoth},
		{path: "/job/unparsable_at_last", body: "refused 1\n"},
		{path: "/job/unparsable_at_last", body: "bad{ 1\n", refused: byBoth},
		{path: "/job/unparsable_gauge_histogram", body: gaugeHistogram, refused: byBoth},

		{path: "/job/timestamp", body: fmt.Sprintf("stamped 1 %d\n", now), refused: byPushgateway, because: "timestamps are refused there"},
		{path: "/job/quoted", body: "{\"quoted.name\"} 1\n", refused: byPushgateway, because: utf8Names},
		{path: "/job/slash/path/%2Fvar%2Ftmp", body: "slash 1\n", refused: byPushgateway, because: "%2F separates segments there"},
		{path: "/job/empty_labels", body: "empty 1\nempty{l=\"\"} 2\n", refused: byCollector, because: "Prometheus takes the two for one series"},
		{path: "/job/falling", body: fallingCounts, refused: byCollector, because: "OTLP cannot express it"},
	}
}
