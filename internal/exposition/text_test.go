package exposition

import (
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// textCases serve TestDecodeText.
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
	{"samples come in their order", "b{l=\"2\"} 1\na 1\nb{l=\"1\"} 1\n",
		"# unknown b\nl=\"2\" 1\n# unknown a\n1\n# unknown b\nl=\"1\" 1"},
	{"histograms come last, and may be spread over the body",
		"# TYPE h histogram\nh_count{l=\"1\",m=\"2\"} 1\nh_count{l=\"2\"} 5\na 1\nh_sum{m=\"2\",l=\"1\"} 2\n",
		"# unknown a\n1\n# histogram h\nl=\"1\" m=\"2\" count=1(true) sum=2(true) buckets=[]\nl=\"2\" count=5(true) sum=0(false) buckets=[]"},
	{"HELP behind samples", "a 1\nb 1\n# HELP a A.\n", "# unknown a\n1\n# unknown b\n1\n# unknown a  A."},
	{"HELP and TYPE that say nothing", "# HELP\n# TYPE \n# HELP a\n# TYPE a \t\n#TYPE b gauge\nb 1\n#\n", "# gauge b\n1"},
	{"TYPE in any case", "# TYPE a GAUGE\na 1\n# TYPE b Counter\nb 1\n", "# gauge a\n1\n# counter b\n1"},
	{"names that are the beginning of others", "a 1\nab 2\na{l=\"1\"} 3\n", "# unknown a\n1\n# unknown ab\n2\n# unknown a\nl=\"1\" 3"},
	{"labels whose names are those of the line before", "a{l=\"1\",m=\"2\"} 1\na{l=\"3\",m=\"4\"} 2\na{l=\"5\"} 3\na{l=\"6\",m=\"7\",n=\"8\"} 4\na{m=\"9\"} 5\n",
		"# unknown a\nl=\"1\" m=\"2\" 1\nl=\"3\" m=\"4\" 2\nl=\"5\" 3\nl=\"6\" m=\"7\" n=\"8\" 4\nm=\"9\" 5"},
	{"blanks everywhere", " \ta\t{ l = \"1\" , m\t=\"2\", } \t1\t5\n \n  ", "# unknown a\nl=\"1\" m=\"2\" 1 at=5000000"},
	{"no blank before the value", "a{}1\nb-1\n\"c\".5\n", "# unknown a\n1\n# unknown b\n-1\n# unknown c\n0.5"},
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

// badTextCases serve TestDecodeTextErrors.
var badTextCases = []struct {
	name, body string
	line       int
	want       string
}{
	{"no value", "a 1\nb\n", 2, `expected a number as value, got ""; the line is "b"`},
	{"bad value", "a 0x1F\n", 1, `expected a number as value, got "0x1F"; the line is "a 0x1F"`},
	{"value with an underscore", "a 1_0\n", 1, `expected a number as value, got "1_0"`},
	{"value that is too large", "a 1e400\n", 1, `expected a number as value, got "1e400"`},
	{"blank behind the value", "a 1 \n", 1, `expected a whole number as timestamp, got ""`},
	{"blank behind the timestamp", "a 1 5 \n", 1, `expected the end of the line behind the timestamp, got " "`},
	{"no line feed at the end", "a 1\nb 2", 2, `the last line has no newline; end the body with one (curl keeps newlines with --data-binary, not with -d), ` +
		`or set lenient: true in the receiver's configuration; the line is "b 2"`},
	{"CR LF", "a 1\r\nb 2\r\n", 1,
		`the line ends in CR LF; end lines with LF alone, or set lenient: true in the receiver's configuration ` +
			`(expected a number as value, got "1\r"); the line is "a 1\r"`},
	{"byte order mark", "\ufeffa 1\n", 1, "the body begins with a byte order mark; leave it out, or set lenient: true"},
	{"gzip", "\x1f\x8b\x08\x00", 1, "the body is compressed with gzip; the request must say so, with Content-Encoding: gzip"},
	{"UTF-16 without a newline", "\xfe\xff\x00a", 1, "the body is UTF-16; it must be UTF-8"},
	{"UTF-16", "\xff\xfea\x00 \x001\x00\n\x00", 1, "the body is UTF-16; it must be UTF-8"},
	{"nothing but braces", "{} 1\n", 1, `the sample has no metric name`},
	{"no metric name", "-1\n", 1, `expected a metric name, got "-"`},
	{"quote in the middle of a name", "a\"b\" 1\n", 1, `a quote in the middle of a name`},
	{"second metric name in braces", "a{\"b\"} 1\n", 1, `expected = behind label name "b"`},
	{"reserved label", "a{__name__=\"b\"} 1\n", 1, `label name "__name__" is reserved`},
	{"label twice", "a{l=\"1\",m=\"2\",l=\"3\"} 1\n", 1, `it has label "l" twice`},
	{"label twice, though the names are those of the line before", "a{l=\"1\",m=\"2\"} 1\na{l=\"1\",m=\"2\",l=\"3\"} 1\n", 2, `it has label "l" twice`},
	{"no comma", "a{l=\"1\" m=\"2\"} 1\n", 1, `expected , or } behind a label value, got "m"`},
	{"two commas", "a{l=\"1\",,} 1\n", 1, `expected a label name, got ","`},
	{"no quotes", "a{l=1} 1\n", 1, `expected a quote before a label value, got "1"`},
	{"unquoted name with a blank", "a{\"l m\"=\"1\"} 1\na{l m=\"1\"} 1\n", 2, `expected = behind a label name, got "m"`},
	{"unclosed label value", "a{l=\"v} 1\n", 1, `a quoted string has no quote at its end: "v} 1"`},
	{"bad escape", "a{l=\"\\t\"} 1\n", 1, `bad escape "\\t"; there are \\, \" and \n`},
	{"bad escape in HELP", "# HELP a \\t\n", 1, `bad escape "\\t"; there are \\, \" and \n`},
	{"label value that is not UTF-8", "a{l=\"\xff\"} 1\n", 1, `a quoted string is not UTF-8: "\xff"`},
	{"help text that is not UTF-8", "# HELP a \xff\na 1\n", 1, `the help text is not UTF-8`},
	{"second HELP", "# HELP a b\n# HELP a b\n", 2, `a second HELP line for metric "a"`},
	{"second TYPE", "# TYPE a gauge\n# TYPE a gauge\n", 2, `a second TYPE line for metric "a", or one behind its samples`},
	{"TYPE after a sample", "a 1\n# TYPE a counter\n", 2, `a second TYPE line for metric "a", or one behind its samples`},
	{"TYPE of a part of a histogram", "# TYPE h histogram\n# TYPE h_count counter\n", 2, `a second TYPE line for metric "h"`},
	{"unknown type", "# TYPE a stateset\na 1\n", 1, `unknown metric type "stateset"`},
	{"bad name in TYPE", "# TYPE a-b gauge\n", 1, `expected a metric name and a blank behind it, got "-"`},
	{"quoted name in HELP", "# HELP \"a b\" c\na b 1\n", 2, `expected a number as value, got "b"`},
	{"braces in HELP", "a 1\n# HELP a{} b\n", 2, `expected a metric name and a blank behind it, got "{"`},
	{"type that is upper case of nothing", "# TYPE a HİSTOGRAM\n", 1, `unknown metric type "HİSTOGRAM"`},
	{"gauge histogram", "# TYPE a gaugehistogram\na_bucket{le=\"1\"} 1\n", 2,
		`metric "a": its type (gaugehistogram) cannot be translated to OTLP`},
	{"fractional count", "# TYPE h histogram\nh_count 1.5\n", 2, `the count is 1.5; it must be a whole number from 0 to 2^64`},
	{"fractional bucket", "# TYPE h histogram\nh_bucket{le=\"1\"} 1.5\nh_count 2\n", 2,
		`the count is 1.5; it must be a whole number from 0 to 2^64; the line is "h_bucket{le=\"1\"} 1.5"`},
	{"huge count", "# TYPE h histogram\nh_count 1e30\n", 2, `the count is 1e+30; it must be`},
	{"negative count of a summary", "# TYPE s summary\ns_count -5\n", 2, `the count is -5; it must be`},
	{"count of a summary that is NaN", "# TYPE s summary\ns_count{a=\"b\"} NaN 1\n", 2, `the count is NaN; it must be`},
	{"count of a summary that is infinite", "# TYPE s summary\n\"s_count\" +Inf\n", 2, `the count is +Inf; it must be`},
	{"timestamp zero", "a 1 0\n", 1, `the timestamp is 0, which in OTLP means that there is none`},
	{"timestamp before 1970", "a 1 -1\n", 1, `timestamp -1 ms is outside`},
	{"timestamp after 2262", "a 1 9223372036855\n", 1, `timestamp 9223372036855 ms is outside`},
	{"different timestamps", "# TYPE h histogram\nh_count 1 5\nh_sum 1 6\n", 3, `the samples of one histogram have different timestamps`},
	{"bound that is NaN", "# TYPE h histogram\nh_bucket{le=\"NaN\"} 1\nh_count 2\n", 2,
		`expected a number as value of label le, got "NaN"`},
	{"bound that is no number", "# TYPE s summary\ns{quantile=\"x\"} 1\n", 2, `expected a number as value of label quantile, got "x"`},
	{"bucket without le", "# TYPE h histogram\nh_bucket 1\nh_count 2\n", 2, `the sample of a histogram must have a label le`},
	{"bucket with two le", "# TYPE h histogram\nh_bucket{le=\"1\",\"le\"=\"2\"} 1\n", 2, `it has label "le" twice`},
	{"count with le", "# TYPE h histogram\nh_count{l=\",\", le = \"1\"} 1\n", 2, `only the buckets or quantiles of a histogram can have a label le`},
	{"sum with quantile", "# TYPE s summary\n{\"s_sum\",quantile=\"1\"} 1\n", 2, `only the buckets or quantiles of a summary can have a label quantile`},
	{"summary sample without quantile", "# TYPE s summary\ns 1\ns_count 2\n", 2, `the sample of a summary must have a label quantile`},
	{"histogram sample without suffix", "# TYPE h histogram\nh{le=\"1\"} 1\nh_count 2\n", 2,
		`"h" is no sample of a histogram: it has no _bucket, _sum or _count at its end`},
	{"quoted metric name behind a label", "# TYPE h histogram\nh_count 1\n{le=\"5\",\"x\"} 3\n", 3,
		`label "x" has no value; the metric name must come first in the braces`},
	{"name of another's series", "h_count 1\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 1\n", 1, `metric "h_count": a histogram has a series of that name too`},
	{"name of another's series behind it", "# TYPE s summary\ns_count 1\n# TYPE s_bucket gauge\ns_bucket 1\n# TYPE h histogram\nh_count 1\nh 1\n", 7, `"h" is no sample`},
	{"repeated count", "# TYPE h histogram\nh_count 1\nh_count 2\n", 3, `the histogram has a second _count`},
	{"repeated sum", "# TYPE s summary\ns_sum 1\ns_count 1\n\n # comment\n s_sum 2\n", 6, `the summary has a second _sum; the line is " s_sum 2"`},
}

func TestDecodeTextErrors(t *testing.T) {
	for _, tc := range badTextCases {
		t.Run(tc.name, func(t *testing.T) {
			_, err := decode(tc.body, Text)
			var e *SyntaxError
			require.ErrorAs(t, err, &e)
			require.ErrorContains(t, err, fmt.Sprintf("cannot decode text in line %d: %s", tc.line, tc.want))
			assert.Equal(t, Text, e.Format)
		})
	}
}

func TestSyntaxErrorHasPosition(t *testing.T) {
	_, err := decode("a 1\n# comment\nbb\nc 1\n", Text)
	var e *SyntaxError
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 3, e.Line)
	assert.Equal(t, int64(14), e.Offset)
	assert.Equal(t, "bb", e.Text)
}

func TestLegacyNamesInText(t *testing.T) {
	for _, body := range []string{"{\"a.b\"} 1\n", "a{\"l.m\"=\"v\"} 1\n"} {
		err := Decode(body, Options{NameValidation: model.LegacyValidation}, &recorder{})
		assert.ErrorContains(t, err, "is not valid (name_validation is legacy)")
	}
}

func TestQuotesDoNotCrowdOutTheReason(t *testing.T) {
	for _, name := range []string{strings.Repeat("\x01", 300), strings.Repeat("ü", 300), "\x01"} {
		err := Decode("a{\""+name+"\"=\"v\"} 1\n", Options{NameValidation: model.LegacyValidation}, &recorder{})
		require.ErrorContains(t, err, " is not valid (name_validation is legacy)")
	}
}

func TestMessagesAreOneLine(t *testing.T) {
	assert.Equal(t, `a"\b{l"="v\n"}`, SeriesName(`a"\b`, []Label{{Name: `l"`, Value: "v\n"}}))
	assert.Equal(t, `a\n{l\x1b="v",\xff="w"}`, SeriesName("a\n", []Label{{Name: "l\x1b", Value: "v"}, {Name: "\xff", Value: "w"}}))
	_, err := decode("# UNIT a \x1b[31m\xff\n", OpenMetrics)
	assert.ErrorContains(t, err, `metric "a" does not end in _\x1b[31m\xff, its unit; the line is `)
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
