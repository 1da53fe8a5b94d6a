package exposition

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// openMetricsCases serve TestDecodeOpenMetrics. The # EOF is added.
var openMetricsCases = []struct{ name, body, want string }{
	{"an empty body is an empty push", "", ""},
	{"a family without samples is none", "# TYPE a counter\n# HELP a A.\n# UNIT a \n", ""},
	{"counter", "# TYPE a counter\na_total{l=\"1\"} 5\na_total{l=\"2\"} 6\n", "# counter a_total\nl=\"1\" 5\nl=\"2\" 6"},
	{"counter with _created behind", "# TYPE a counter\na_total{l=\"1\"} 5\na_created{l=\"1\"} 1520430000.123\na_total 6\na_created 2\n",
		"# counter a_total\nl=\"1\" 5 created=1520430000123000000\n6 created=2000000000"},
	{"_created 0 is none", "# TYPE a counter\na_total 5\na_created 0\n", "# counter a_total\n5"},
	{"counter with _created before", "# TYPE a counter\na_created 1.5204300001234567e+09\na_total 5\n", "# counter a_total\n5 created=1520430000123456700"},
	{"gauge", "# TYPE a gauge\na{l=\"v\"} -1.5\na NaN\n", "# gauge a\nl=\"v\" -1.5\nNaN"},
	{"unknown", "# TYPE a unknown\na 1\n", "# unknown a\n1"},
	{"no metadata", "a 1\nb 2\n", "# unknown a\n1\n# unknown b\n2"},
	{"info", "# TYPE build info\nbuild_info{version=\"1\"} 1\n", "# info build\nversion=\"1\" 1"},
	{"stateset", "# TYPE s stateset\ns{s=\"on\"} 1\ns{s=\"off\"} 0\n", "# stateset s\ns=\"on\" 1\ns=\"off\" 0"},
	{"unit and help", "# TYPE a_seconds gauge\n# UNIT a_seconds seconds\n# HELP a_seconds A \\\\ \\n \\\" \\x.\na_seconds 1\n",
		"# gauge a_seconds seconds A \\ \n \" \\x.\n1"},
	{"timestamps in seconds", "a{l=\"1\"} 1 1520879607.789\na{l=\"2\"} 1 1.5e9\na{l=\"3\"} 1 0.0000000019\n",
		"# unknown a\nl=\"1\" 1 at=1520879607789000000\nl=\"2\" 1 at=1500000000000000000\nl=\"3\" 1 at=1"},
	{"two spellings of many digits of one time", "# TYPE h histogram\nh_sum 1 1604676851.1\nh_count 1 1604676851.1000000000\n",
		"# histogram h\ncount=1(true) sum=1(true) buckets=[] at=1604676851100000000"},
	{"timestamps of many digits", "a{l=\"1\"} 1 1700000000.12500000000\na{l=\"2\"} 1 01700000000.1250000000000\n",
		"# unknown a\nl=\"1\" 1 at=1700000000125000000\nl=\"2\" 1 at=1700000000125000000"},
	{"histogram", "# TYPE h histogram\nh_bucket{le=\"1.0\"} 1\nh_bucket{le=\"+Inf\"} 3\nh_count 3\nh_sum 4.5\nh_created 5\n",
		"# histogram h\ncount=3(true) sum=4.5(true) buckets=[{1 1} {+Inf 3}] created=5000000000"},
	{"histograms are delivered where they stand", "# TYPE h histogram\nh_bucket{l=\"1\",le=\"+Inf\"} 1\nh_bucket{l=\"2\",le=\"+Inf\"} 2\n# TYPE a gauge\na 1\n",
		"# histogram h\nl=\"1\" count=0(false) sum=0(false) buckets=[{+Inf 1}]\nl=\"2\" count=0(false) sum=0(false) buckets=[{+Inf 2}]\n# gauge a\n1"},
	{"summary", "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_count 3\ns_sum 4.5\ns_created 5\n",
		"# summary s\ncount=3(true) sum=4.5 quantiles=[{0.5 1}] created=5000000000"},
	{"_created with its labels in another order", "# TYPE a counter\na_total{l=\"1\",m=\"2\"} 5\na_created{m=\"2\",l=\"1\"} 2\n",
		"# counter a_total\nl=\"1\" m=\"2\" 5 created=2000000000"},
	{"exemplar of a counter", "# TYPE a counter\na_total 5 # {trace_id=\"x\"} 0.5 1.5\na_created 2\na_total{l=\"1\"} 6 7 # {} 1\n",
		"# counter a_total\n5 created=2000000000 exemplar=[{trace_id x}] 0.5 at=1500000000(true)\nl=\"1\" 6 at=7000000000 exemplar=[] 1 at=0(false)"},
	{"exemplars of buckets", "# TYPE h histogram\nh_bucket{le=\"1\"} 1 # {a=\"b\"} 0.5\nh_bucket{le=\"+Inf\"} 2 # {c=\"d\",e=\"f\"} 2\nh_count 2\n",
		"# histogram h\ncount=2(true) sum=0(false) buckets=[{1 1} {+Inf 2}] exemplar=[{a b}] 0.5 at=0(false) exemplar=[{c d} {e f}] 2 at=0(false)"},
	{"escapes", "a{l=\"\\\\ \\\" \\n \\x\"} 1\n", "# unknown a\nl=\"\\\\ \\\" \\n \\\\x\" 1"},
	{"quoted names", "# TYPE \"a.b\" counter\n{\"a.b_total\",\"l.m\"=\"v\"} 1\n", "# counter a.b_total\nl.m=\"v\" 1"},
	{"a counter beside a gauge of its name", "# HELP a G.\n# TYPE a gauge\na 1\n# HELP a C.\n# TYPE a counter\na_total 2\n",
		"# gauge a  G.\n1\n# counter a_total  C.\n2"},
}

func TestDecodeOpenMetrics(t *testing.T) {
	for _, tc := range openMetricsCases {
		for _, eof := range []string{"# EOF\n", "# EOF"} {
			t.Run(tc.name, func(t *testing.T) {
				got, err := decode(tc.body+eof, OpenMetrics)
				require.NoError(t, err)
				assert.Equal(t, tc.want, got)
			})
		}
	}
}

// badOpenMetricsCases serve TestDecodeOpenMetricsErrors. Nothing is added.
var badOpenMetricsCases = []struct {
	name, body string
	line       int
	want       string
}{
	{"an empty body", "", 1, `the body does not end with # EOF: part of it may be missing`},
	{"no # EOF", "a 1\n", 2, `the body does not end with # EOF: part of it may be missing`},
	{"something behind # EOF", "# EOF\na 1\n", 2, `there is something behind # EOF`},
	{"a second # EOF", "# EOF\n# EOF", 2, `there is something behind # EOF`},
	{"no line feed at the end", "a 1", 1, `the body does not end with # EOF: part of it may be missing; the line is "a 1"`},
	{"blank line", "\n# EOF\n", 1, `expected a metric name, but the line ends`},
	{"comment", "# a comment\n", 1, `expected TYPE, UNIT, HELP or EOF behind #, got "a"; there are no comments in OpenMetrics`},
	{"no space behind #", "#TYPE a gauge\n", 1, `expected a space behind #, got "T"`},
	{"two spaces", "# TYPE  a gauge\n", 1, `expected a metric name, got " "`},
	{"no type", "# TYPE a\n", 1, `expected one space behind the metric name, but the line ends`},
	{"unknown type", "# TYPE a untyped\n", 1, `unknown metric type "untyped"`},
	{"second TYPE", "# TYPE a gauge\n# TYPE a gauge\n", 2, `a second TYPE for metric "a"`},
	{"second UNIT", "# UNIT a \n# UNIT a \n", 2, `a second UNIT for metric "a"`},
	{"second HELP", "# HELP a \n# HELP a \n", 2, `a second HELP for metric "a"`},
	{"bad unit", "# UNIT a_seconds bytes\n", 1, `metric "a_seconds" does not end in _bytes, its unit`},
	{"metadata behind samples", "# TYPE a gauge\na 1\n# HELP a b\n# EOF\n", 4, `metric "a" stands in two places`},
	{"metadata apart from samples", "# HELP a b\nb 1\n# TYPE a counter\na_total 1\n", 4, `metric "a" stands in two places`},
	{"metadata behind a counter", "# TYPE a counter\na_total 1\n# HELP a b\n# EOF\n", 4, `metric "a" stands in two places`},
	{"interleaved families", "# TYPE a gauge\na{l=\"1\"} 1\nb 1\na{l=\"2\"} 1\n# EOF\n", 4, `metric "a" stands in two places; its metadata and samples must stand together`},
	{"two counters of one name", "# TYPE a counter\na_total 1\n# TYPE b gauge\n# TYPE a counter\na_total 1\n", 5, `metric "a" stands in two places`},
	{"counter without _total", "# TYPE a counter\na 1\n", 2, `a sample of a counter cannot be named "a" alone`},
	{"created alone", "# TYPE a counter\na_created 1\n# EOF\n", 2, `the counter has a _created, but no _total beside it`},
	{"created apart", "# TYPE a counter\na_total{l=\"1\"} 1\na_total{l=\"2\"} 1\na_created{l=\"1\"} 1\n# EOF\n", 4, `the counter has a _created, but no _total beside it`},
	{"second created", "# TYPE a counter\na_total 1\na_created 1\na_created 1\n", 4, `the counter has a second _created`},
	{"created that is no time", "# TYPE a counter\na_total 1\na_created x\n", 3, `expected a number of seconds, got "x"`},
	{"second created of a histogram", "# TYPE h histogram\nh_created 1\nh_created 1\n", 3, `the histogram has a second _created`},
	{"created with le", "# TYPE h histogram\nh_created{le=\"1\"} 1\n", 2, `only the buckets or quantiles of a histogram can have a label le`},
	{"gauge histogram", "# TYPE a gaugehistogram\na_bucket{le=\"1\"} 1\n", 2, `metric "a": its type (gaugehistogram) cannot be translated to OTLP`},
	{"stateset without its label", "# TYPE s stateset\ns{l=\"on\"} 1\n", 2, `a sample of a stateset must have a label of the metric's name, "s"`},
	{"space before the brace", "a {l=\"1\"} 1\n", 1, `expected a number as value, got "{l=\"1\"}"`},
	{"spaces in braces", "a{l=\"1\", m=\"2\"} 1\n", 1, `expected a label name, got " "`},
	{"two spaces before the value", "a  1\n", 1, `expected a number as value, got ""`},
	{"tab before the value", "a\t1\n", 1, `expected one space before the value, got "\t"`},
	{"space behind the value", "a 1 \n", 1, `expected a number of seconds, got ""`},
	{"quoted name without braces", "\"a\" 1\n", 1, `the quoted metric name "a" must stand in the braces`},
	{"name in braces without quotes", "{a} 1\n", 1, `the metric name "a" in braces must be quoted`},
	{"CR LF", "a 1\r\n", 1, `the line ends in CR LF; end lines with LF alone, or set lenient: true in the receiver's configuration ` +
		`(expected a number as value, got "1\r")`},
	{"timestamp zero", "a 1 0\n", 1, `the timestamp is 0, which in OTLP means that there is none`},
	{"timestamp before 1970", "a 1 -1.5\n", 1, `time -1.5 s is outside`},
	{"timestamp after 2262", "a 1 9223372037\n", 1, `time 9223372037 s is outside`},
	{"timestamp that is NaN", "a 1 NaN\n", 1, `time NaN s is outside`},
	{"different timestamps", "# TYPE a counter\na_total 1 5\na_created 1 6\n", 3, `the samples of one counter have different timestamps`},
	{"exemplar of a gauge", "# TYPE a gauge\na 1 # {} 1\n", 2, `exemplar: only the _total of a counter and the buckets of a histogram can have one`},
	{"exemplar of a sum", "# TYPE h histogram\nh_sum 1 # {} 1\n", 2, `exemplar: only the _total`},
	{"exemplar without braces", "# TYPE a counter\na_total 1 # 1\n", 2, `exemplar: expected # { at its beginning, got "1"`},
	{"exemplar without value", "# TYPE a counter\na_total 1 # {}\n", 2, `exemplar: expected one space before its value, but the line ends`},
	{"exemplar with a name", "# TYPE a counter\na_total 1 # {\"b\"} 1\n", 2, `exemplar: expected = behind label name "b"`},
	{"exemplar with a label twice", "# TYPE a counter\na_total 1 # {a=\"1\",a=\"2\"} 1\n", 2, `exemplar: it has label "a" twice`},
	{"something behind an exemplar", "# TYPE a counter\na_total 1 # {} 1 2 3\n", 2, `exemplar: expected the end of the line, got " "`},
	{"names of another's series", "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\n# TYPE h_count gauge\nh_count 1\n# EOF\n", 3,
		`metric "h_count": a histogram has a series of that name too`},
}

func TestDecodeOpenMetricsErrors(t *testing.T) {
	for _, tc := range badOpenMetricsCases {
		t.Run(tc.name, func(t *testing.T) {
			_, err := decode(tc.body, OpenMetrics)
			var e *SyntaxError
			require.ErrorAs(t, err, &e)
			require.ErrorContains(t, err, fmt.Sprintf("cannot decode openmetrics in line %d: %s", tc.line, tc.want))
		})
	}
}

// What a decoder keeps for the next body must not show there.
func TestDecodersAreReused(t *testing.T) {
	f := func(body string, format Format, want string) {
		t.Helper()
		got, err := decode(body, format)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for range 3 {
		for _, tc := range badTextCases {
			_, _ = decode(tc.body, Text)
		}
		for _, tc := range textCases {
			f(tc.body, Text, tc.want)
		}
		for _, tc := range badOpenMetricsCases {
			_, _ = decode(tc.body, OpenMetrics)
		}
		for _, tc := range openMetricsCases {
			f(tc.body+"# EOF\n", OpenMetrics, tc.want)
		}
	}
}
