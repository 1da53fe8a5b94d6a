package exposition

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// textCases serve TestDecodeText, and as seeds of FuzzDecode.
var textCases = []struct{ name, body, want string }{
	{"an empty body is an empty push", "", ""},
	{"blank lines and comments", "\n \t\n# a comment\n#\n", ""},
	{"a family without samples is none", "# HELP a A.\n# TYPE a counter\n", ""},
	{"counter", "# HELP a A \\\\ \\n b.\n# TYPE a counter\na{l=\"v\",m=\"\"} 1\n", "# counter a  A \\ \n b.\nl=\"v\" m=\"\" 1"},
	{"gauge", "# TYPE a gauge\na -1.5e3\n", "# gauge a\n-1500"},
	{"untyped", "# TYPE a untyped\na 1\n", "# unknown a\n1"},
	{"no type", "a 1\n", "# unknown a\n1"},
	{"special values", "a{l=\"1\"} NaN\na{l=\"2\"} +Inf\na{l=\"3\"} -inf\na{l=\"4\"} Nan\n",
		"# unknown a\nl=\"1\" NaN\nl=\"2\" +Inf\nl=\"3\" -Inf\nl=\"4\" NaN"},
	{"escapes in label values", `a{l="\\ \" \n ü"} 1` + "\n", "# unknown a\nl=\"\\\\ \\\" \\n ü\" 1"},
	{"quoted names, also without braces", "\"a.b\" 1\n\"c d\"{l=\"v\"} 2\n", "# unknown a.b\n1\n# unknown c d\nl=\"v\" 2"},
	{"quoted names of a summary", "# TYPE \"a b\" summary\n{\"a b_count\",l=\"v\"} 2\n", "# summary a b\nl=\"v\" count=2(true) sum=0 quantiles=[]"},
	{"quoted names", "{\"a.b\",\"l.m\"=\"v\"} 1\n", "# unknown a.b\nl.m=\"v\" 1"},
	{"timestamp in milliseconds", "a 1 1700000000123\n", "# unknown a\n1 at=1700000000123000000"},
	{"families come in the order of their names, samples in their own", "b{l=\"2\"} 1\na 1\nb{l=\"1\"} 1\n",
		"# unknown a\n1\n# unknown b\nl=\"2\" 1\nl=\"1\" 1"},
	{"histogram", "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 3\nh_sum 4.5\nh_count 3\n",
		"# histogram h\ncount=3(true) sum=4.5(true) buckets=[{1 1} {+Inf 3}]"},
	{"histogram without sum and count", "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 3\n",
		"# histogram h\ncount=0(false) sum=0(false) buckets=[{+Inf 3}]"},
	{"histograms of several series", "# TYPE h histogram\nh_count{l=\"1\"} 3\nh_count{l=\"2\"} 4\n",
		"# histogram h\nl=\"1\" count=3(true) sum=0(false) buckets=[]\nl=\"2\" count=4(true) sum=0(false) buckets=[]"},
	{"a count that is large but whole", "# TYPE h histogram\nh_count 1e15\n",
		"# histogram h\ncount=1000000000000000(true) sum=0(false) buckets=[]"},
	{"summary", "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns{quantile=\"0.9\"} NaN\ns_sum 4.5\ns_count 3\n",
		"# summary s\ncount=3(true) sum=4.5 quantiles=[{0.5 1} {0.9 NaN}]"},
	{"summary without count", "# TYPE s summary\ns_sum 1\n", "# summary s\ncount=0(false) sum=1 quantiles=[]"},
}

func TestDecodeText(t *testing.T) {
	for _, tc := range textCases {
		t.Run(tc.name, func(t *testing.T) {
			got, err := decode(tc.body, Text)
			require.NoError(t, err)
			assert.Equal(t, tc.want, got)
		})
	}
}

// badTextCases serve TestDecodeTextErrors, and as seeds of FuzzDecode.
var badTextCases = []struct{ name, body, want string }{
	{"no value", "a 1\nb\n", `cannot decode text in line 2: expected float as value, got ""; the line is "b"`},
	{"bad value", "a 0x1F\n", `cannot decode text in line 1: expected float as value, got "0x1F"; the line is "a 0x1F"`},
	{"no line feed at the end", "a 1\nb 2", `cannot decode text in line 2: unexpected end of input stream (the last line has no line feed at its end); the line is "b 2"`},
	{"CR LF", "a 1\r\nb 2\r\n", `cannot decode text in line 1: expected float as value, got "1\r" (the line ends in CR LF; lines must end in LF alone); the line is "a 1\r"`},
	{"nothing but braces", "{} 1\n", `cannot decode text in line 1: invalid metric name; the line is "{} 1"`},
	{"unclosed label value", "a{l=\"v} 1\n", `cannot decode text in line 1: label value "v} 1" contains unescaped new-line; the line is "a{l=\"v} 1"`},
	{"label value that is not UTF-8", "a{l=\"\xff\"} 1\n", `cannot decode text in line 1: invalid label value "\xff"; the line is "a{l=\"\xff\"} 1"`},
	{"help text that is not UTF-8", "# HELP a \xff\na 1\n", `cannot decode text: metric "a": its help text or unit is not UTF-8`},
	{"TYPE after a sample", "a 1\n# TYPE a counter\n", `cannot decode text in line 2: second TYPE line for metric name "a", or TYPE reported after samples; the line is "# TYPE a counter"`},
	{"unknown type", "# TYPE a stateset\na 1\n", `cannot decode text in line 1: unknown metric type "stateset"; the line is "# TYPE a stateset"`},
	{"gauge histogram", "# TYPE a gaugehistogram\na_bucket{le=\"1\"} 1\n", `cannot decode text: metric "a": its type (GAUGE_HISTOGRAM) cannot be translated to OTLP`},
	{"fractional count", "# TYPE h histogram\nh_count 1.5\n", `cannot decode text: h: its count is 1.5; it must be a whole number from 0 to 2^64`},
	{"fractional bucket", "# TYPE h histogram\nh_bucket{le=\"1\"} 1.5\nh_count 2\n", `cannot decode text: h: its bucket le="1" is 1.5; it must be a whole number from 0 to 2^64`},
	{"huge count", "# TYPE h histogram\nh_count 1e30\n", `cannot decode text: h: its count is 1e+30; it must be a whole number from 0 to 2^64`},
	{"timestamp zero", "a 1 0\n", `cannot decode text: a: timestamp 0 ms is outside the years 1970 to 2262, which OTLP can express`},
	{"timestamp before 1970", "a 1 -1\n", `cannot decode text: a: timestamp -1 ms is outside the years 1970 to 2262, which OTLP can express`},
	{"timestamp after 2262", "a 1 9223372036855\n", `cannot decode text: a: timestamp 9223372036855 ms is outside the years 1970 to 2262, which OTLP can express`},
	{"bound that is NaN", "# TYPE h histogram\nh_bucket{le=\"NaN\"} 1\nh_count 2\n", lost("1 of 2")},
	{"bucket without le", "# TYPE h histogram\nh_bucket 1\nh_count 2\n",
		`cannot decode text in line 2: "h_bucket" must have one label le, but has 0; the line is "h_bucket 1"`},
	{"bucket with two le", "# TYPE h histogram\nh_bucket{le=\"1\",\"le\"=\"2\"} 1\n", `cannot decode text in line 2: "h_bucket" must have one label le, but has 2`},
	{"count with le", "# TYPE h histogram\nh_count{l=\",\", le = \"1\"} 1\n", `cannot decode text in line 2: "h_count" cannot have a label le`},
	{"sum with quantile", "# TYPE s summary\n{\"s_sum\",quantile=\"1\"} 1\n", `cannot decode text in line 2: "s_sum" cannot have a label quantile`},
	{"summary sample without quantile", "# TYPE s summary\ns 1\ns_count 2\n", `cannot decode text in line 2: "s" must have one label quantile, but has 0`},
	{"histogram sample without suffix", "# TYPE h histogram\nh{le=\"1\"} 1\nh_count 2\n",
		`cannot decode text in line 2: "h" is no sample of a histogram: it has no _bucket, _sum or _count at its end`},
	{"quoted metric name behind a label", "# TYPE h histogram\nh_count 1\n{le=\"5\",\"x\"} 3\n",
		`cannot decode text in line 3: the metric name must come first in the braces`},
	{"negative count of a summary", "# TYPE s summary\ns_count -5\n", `cannot decode text in line 2: the count is -5; it must be`},
	{"count of a summary that is NaN", "# TYPE s summary\ns_count{a=\"b\"} NaN 1\n", `cannot decode text in line 2: the count is NaN; it must be`},
	{"count of a summary that is infinite", "# TYPE s summary\n\"s_count\" +Inf\n", `cannot decode text in line 2: the count is +Inf; it must be`},
	{"huge count of a summary", "# TYPE s summary\n { \"s_count\" } 1e30\n", `cannot decode text in line 2: the count is 1e+30; it must be`},
	{"fractional count of a summary", "# TYPE s summary\ns_count\t2.7\n", `cannot decode text in line 2: the count is 2.7; it must be`},
	{"repeated count", "# TYPE h histogram\nh_count 1\nh_count 2\n", lost("1 of 2")},
	{"repeated sum", "# TYPE s summary\ns_sum 1\ns_count 1\n\n # comment\n s_sum 2\n", lost("1 of 3")},
}

func lost(n string) string {
	return "cannot decode text: " + n + " samples say nothing about the histogram or summary that they belong to: " +
		"a repeated _sum or _count, or a NaN as le or quantile"
}

func TestDecodeTextErrors(t *testing.T) {
	for _, tc := range badTextCases {
		t.Run(tc.name, func(t *testing.T) {
			_, err := decode(tc.body, Text)
			var e *SyntaxError
			require.ErrorAs(t, err, &e)
			require.ErrorContains(t, err, tc.want)
			assert.Equal(t, Text, e.Format)
		})
	}
}

func TestTooManyLabels(t *testing.T) {
	line := func(labels int) string {
		var b strings.Builder
		b.WriteString("a{")
		for i := range labels {
			fmt.Fprintf(&b, "l%d=%q,", i, `=\"`)
		}
		return b.String() + "} 1\n"
	}
	_, err := decode(line(maxLabels), Text)
	require.NoError(t, err)
	var limit *LimitError
	_, err = decode("b 1\n"+line(maxLabels+1), Text)
	require.ErrorAs(t, err, &limit)
	require.ErrorContains(t, err, "cannot decode text in line 2: more than 256 labels; the line is ")
	begin := time.Now()
	_, err = decode("b 1\n"+line(1_000_000), Text)
	require.ErrorAs(t, err, &limit)
	assert.Less(t, time.Since(begin), 5*time.Second)
}

func TestSyntaxErrorHasPosition(t *testing.T) {
	_, err := decode("a 1\n# comment\nbb\nc 1\n", Text)
	var e *SyntaxError
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 3, e.Line)
	assert.Equal(t, int64(14), e.Offset)
	assert.Equal(t, "bb", e.Text)
}

func TestNothingReachesTheSinkAfterABadLastLine(t *testing.T) {
	got, err := decode("a 1\nb 2\nc\n", Text)
	require.Error(t, err)
	assert.Empty(t, got)
}

func TestLegacyNamesInText(t *testing.T) {
	for _, body := range []string{"{\"a.b\"} 1\n", "a{\"l.m\"=\"v\"} 1\n"} {
		err := Decode(body, Options{NameValidation: model.LegacyValidation}, &recorder{})
		assert.ErrorContains(t, err, "invalid")
	}
}

func TestMessagesAreCut(t *testing.T) {
	for _, body := range []string{
		strings.Repeat("a", 1<<20) + "\n",
		"a " + strings.Repeat("ü", 1<<19) + "\n",
		"a{" + strings.Repeat("l", 1<<20) + "} 1\n",
	} {
		_, err := decode(body, Text)
		require.Error(t, err)
		assert.Less(t, len(err.Error()), 1000)
	}
}
