package translate_test

import (
	"cmp"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

type memoryCase struct {
	name       string
	format     exposition.Format
	head, line string // % is the number of the line
	lines      int    // 0: many
	key        string // of the group, without the job
}

// memoryCases are bodies that take much memory for their size, and such as sane jobs push.
var memoryCases = []memoryCase{
	{name: "numbers", line: "a 1\n"},
	{name: "sane numbers", line: "http_requests_total{method=\"GET\",code=\"200\",instance=\"%\",zone=\"eu\"} %\n"},
	{name: "families", line: "a% 1\n"},
	{name: "families with heads", line: "# HELP a% A.\n# TYPE a% counter\na%{a=\"b\"} 1\n"},
	{name: "families out of order", line: "# TYPE a_% counter\n# TYPE z_% counter\na_% 1\nz_% 1\n"},
	{name: "labels", line: "a{a=\"1\",b=\"1\",c=\"1\",d=\"1\",e=\"1\",f=\"1\",g=\"1\",h=\"1\",i=\"1\",j=\"1\",k=\"1\",l=\"1\",m=\"1\",n=\"1\",o=\"1\"} 1\n"},
	{name: "grouping labels", line: "a 1\n", key: "/a/1/b/1/c/1/d/1/e/1/f/1/g/1/h/1/i/1/j/1"},
	{name: "one label", line: "a{a=\"%\"} 1\n"},
	{name: "scopes", line: "a{otel_scope_name=\"%\"} 1\n"},
	{name: "metrics of a scope", line: "a%{otel_scope_name=\"s\"} 1\n"},
	{name: "staleness markers in protobuf", format: exposition.Protobuf, line: `name:"a%" type:GAUGE metric:{gauge:{}}`, lines: 5000},
	{name: "histograms", head: "# TYPE a histogram\n", line: "a_count{l=\"%\"} 1\n"},
	{name: "sane histograms", head: "# TYPE a histogram\n", lines: 5000, line: "a_bucket{l=\"%\",le=\"1\"} 1\na_bucket{l=\"%\",le=\"2\"} 1\n" +
		"a_bucket{l=\"%\",le=\"3\"} 1\na_bucket{l=\"%\",le=\"4\"} 1\na_bucket{l=\"%\",le=\"5\"} 1\na_bucket{l=\"%\",le=\"+Inf\"} 1\na_sum{l=\"%\"} 1\na_count{l=\"%\"} 1\n"},
	{name: "buckets", head: "# TYPE a histogram\na_count 1\n", line: "a_bucket{le=\"%\"} 1\n"},
	{name: "summaries", head: "# TYPE a summary\n", line: "a_count{l=\"%\"} 1\n"},
	{name: "quantiles", head: "# TYPE a summary\na_count 1\n", line: "a{quantile=\"0.%\"} 1\n"},
	{name: "exemplars", format: exposition.OpenMetrics, head: "# TYPE a counter\n", line: "a_total{a=\"%\"} 1 # {a=\"b\"} 1\n"},
	{name: "exemplars of buckets", format: exposition.OpenMetrics, head: "# TYPE a histogram\n", line: "a_bucket{a=\"%\",le=\"+Inf\"} 1 # {a=\"b\"} 1\n"},
	{name: "counters", format: exposition.OpenMetrics, line: "# TYPE a% counter\na%_total 1\n"},
	{name: "counters in protobuf", format: exposition.Protobuf, line: `name:"a%" metric:{counter:{value:1}}`, lines: 5000},
	{name: "histograms in protobuf", format: exposition.Protobuf, line: `name:"a%" type:HISTOGRAM metric:{histogram:{sample_count:1 bucket:{cumulative_count:1 upper_bound:1}}}`, lines: 5000},
	{name: "native histograms", format: exposition.Protobuf, lines: 5000,
		line: `name:"a%" type:HISTOGRAM metric:{histogram:{sample_count:3 schema:3 zero_threshold:1e-9 positive_span:{offset:0 length:3} positive_delta:1 positive_delta:0 positive_delta:0}}`},
	{name: "gaps of native histograms", format: exposition.Protobuf, lines: 500,
		line: `name:"a%" type:HISTOGRAM metric:{histogram:{sample_count:2 schema:8 zero_threshold:1e-9 positive_span:{offset:0 length:1} positive_span:{offset:2000 length:1} positive_delta:1 positive_delta:0}}`},
}

func (c *memoryCase) body(t *testing.T) string {
	lines := make([]string, cmp.Or(c.lines, 10_000))
	for i := range lines {
		lines[i] = strings.ReplaceAll(c.line, "%", fmt.Sprintf("%06d", i))
	}
	switch c.format {
	case exposition.Protobuf:
		return delimited(t, lines...)
	case exposition.OpenMetrics:
		return c.head + strings.Join(lines, "") + "# EOF\n"
	default:
		return c.head + strings.Join(lines, "")
	}
}

// What a push asks for is what it takes, or somewhat more. Otherwise a budget would be worth nothing.
func TestMemoryIsAskedFor(t *testing.T) {
	for _, tc := range memoryCases {
		t.Run(tc.name, func(t *testing.T) {
			body := tc.body(t)
			key, err := groupingkey.Parse("job/x"+tc.key, groupingkey.Options{NameValidation: model.UTF8Validation})
			require.NoError(t, err)
			asked := 0
			grow := func(n int) error { asked += n; return nil }
			o := exposition.Options{Format: tc.format, NameValidation: model.UTF8Validation, Grow: grow}
			points := countPoints(t, body, o, translate.NewBuilder(key, defaults(), nil))
			asked = 0
			before := heap()
			sink := &lastPoint{Builder: translate.NewBuilder(key, defaults(), grow), last: points}
			require.NoError(t, exposition.Decode(body, o, sink))
			_ = sink.Check() // some have a series twice, which takes memory too
			taken := max(sink.heap, heap()) - before
			runtime.KeepAlive(body)
			runtime.KeepAlive(sink)
			t.Logf("a body of %d KiB takes %d KiB, and asks for %.2f times as much", len(body)>>10, taken>>10, float64(asked)/float64(taken))
			assert.GreaterOrEqual(t, asked, taken)
			assert.LessOrEqual(t, asked, 2*taken)
		})
	}
}

func countPoints(t *testing.T, body string, o exposition.Options, b *translate.Builder) int {
	sink := &lastPoint{Builder: b}
	require.NoError(t, exposition.Decode(body, o, sink))
	return sink.n
}

// lastPoint looks at the memory when the last point comes: the decoder has all that it ever has then.
type lastPoint struct {
	*translate.Builder
	n, last, heap int
}

func (s *lastPoint) Point(p *exposition.Point) error {
	err := s.Builder.Point(p)
	if s.n++; s.n == s.last {
		s.heap = heap()
	}
	return err
}

// heap returns what is alive.
func heap() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
