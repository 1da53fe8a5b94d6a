package difftest

import (
	"regexp"
	"unicode/utf8"
)

// textDifferences are the reasons for which we refuse a text body that expfmt accepts.
var textDifferences = []difference{
	{
		"a count that is not whole",
		"OTLP has integer counts only. expfmt makes a float histogram of them, and of a summary's some whole number.",
		says("it must be a whole number from 0 to 2^64"),
	},
	{
		"a gauge histogram",
		"OTLP has no such type. The text format has none either, but expfmt knows it.",
		saysOf("its type (gaugehistogram) cannot be translated to OTLP", has(`(?i)gauge_?histogram`)),
	},
	{
		"a second _sum or _count of a point",
		"With expfmt the last one wins: one of the two is wrong.",
		saysOf("has a second _", has(`(?s)_(sum|count).*_(sum|count)`)),
	},
	{
		"a bucket without le, or a quantile without quantile",
		"expfmt drops the sample without a word.",
		saysOf("must have a label ", hasSplitType),
	},
	{
		"a _sum or _count with le or quantile",
		"expfmt drops the label without a word.",
		saysOf("only the buckets or quantiles of a ", has(`le|quantile`)),
	},
	{
		"two labels le or quantile",
		"With expfmt the last one wins.",
		saysOf("it has label \"", func(body string) bool {
			return hasSplitType(body) && has(`(?s)(le|quantile)"?[ \t]*=.*(le|quantile)"?[ \t]*=`)(body)
		}),
	},
	{
		"an le or quantile that is NaN",
		"expfmt drops the sample without a word.",
		saysOf("expected a number as value of label ", has(`(?i)nan`)),
	},
	{
		"a sample of a histogram without a suffix",
		"expfmt takes h{le=\"1\"} for a bucket, and drops h.",
		saysOf("is no sample of a histogram", hasSplitType),
	},
	{
		"a metric name that is not first in its braces",
		"expfmt treats the labels before it as those of the metric of the line before, and may panic.",
		saysOf("the metric name must come first in the braces", has(`\{[^\n]*,`)),
	},
	{
		"a timestamp that OTLP cannot express",
		"OTLP counts nanoseconds from 1970 on in 64 bits.",
		saysOf("is outside the years 1970 to 2262", has(`[ \t][+-]?[0-9]+\n`)),
	},
	{
		"a timestamp of 0",
		"OTLP takes it for none.",
		saysOf("the timestamp is 0", has(`[ \t][+-]?0+\n`)),
	},
	{
		"a help text that is not UTF-8",
		"OTLP has UTF-8 only, as has the format.",
		saysOf("the help text is not UTF-8", func(body string) bool { return !utf8.ValidString(body) }),
	},
	{
		"a name in quotes that is not UTF-8, in a HELP or TYPE line that says nothing",
		"expfmt does not look at it if the line ends behind it.",
		saysOf("a quoted string is not UTF-8", quotedHead),
	},
	{
		"samples of one point with different timestamps",
		"With expfmt the last one wins, be it that of a sample without any.",
		saysOf("have different timestamps", hasSplitType),
	},
	{
		"a family that has the name of another's series",
		"The Pushgateway refuses it too, but not in expfmt.",
		saysOf(" has a series of that name too", hasSplitType),
	},
	{
		"a quote in the middle of a name",
		"expfmt takes a\"b\" for ab.",
		saysOf("a quote in the middle of a name", has(`[a-zA-Z0-9_:]"`)),
	},
	{
		"a backslash in a type",
		"expfmt leaves it out.",
		saysOf("unknown metric type ", has(`TYPE[^\n]*\\`)),
	},
}

// hasSplitType says whether a body may have a family that is spread over several series.
var hasSplitType = has(`(?i)TYPE[^\n]*(histogram|summary)`)

// quotedHead says whether a body has a HELP or TYPE line with a quoted name and nothing else.
var quotedHead = has(`(?m)^[ \t]*#[ \t]*(HELP|TYPE)[ \t]+"(\\.|[^"\\\n])*"$`)

// has returns a condition on a body.
func has(pattern string) func(body string) bool { return regexp.MustCompile(pattern).MatchString }

// differingText are bodies that expfmt accepts and we refuse: at least one for each of textDifferences. They are seeds
// of FuzzText too.
var differingText = []bodyCase{
	{"fractional count", "# TYPE h histogram\nh_count 1.5\n"},
	{"fractional bucket", "# TYPE h histogram\nh_bucket{le=\"1\"} 1.5\nh_count 2\n"},
	{"huge count", "# TYPE h histogram\nh_count 1e30\n"},
	{"count of 2^64", "# TYPE h histogram\nh_count 18446744073709551616\n"},
	{"count that is NaN", "# TYPE h histogram\nh_count NaN\n"},
	{"infinite bucket", "# TYPE h histogram\nh_bucket{le=\"1\"} +Inf\n"},
	{"negative count of a summary", "# TYPE s summary\ns_count -5\n"},
	{"count of a summary that is NaN", "# TYPE s summary\ns_count{a=\"b\"} NaN 1\n"},
	{"fractional count of a summary", "# TYPE s summary\ns_count\t2.7\n"},
	{"gauge histogram", "# TYPE a gaugehistogram\na_bucket{le=\"1\"} 1\n"},
	{"gauge histogram with an underscore", "# TYPE a Gauge_Histogram\na_count 1\n"},
	{"second count", "# TYPE h histogram\nh_count 1\nh_count 1\n"},
	{"second sum", "# TYPE s summary\ns_sum 1\ns_count 1\ns_sum 2\n"},
	{"bucket without le", "# TYPE h histogram\nh_bucket 1\nh_count 2\n"},
	{"summary sample without quantile", "# TYPE s summary\ns 1\ns_count 2\n"},
	{"count with le", "# TYPE h histogram\nh_count{l=\"v\",le=\"1\"} 1\n"},
	{"sum with quantile", "# TYPE s summary\n{\"s_sum\",quantile=\"1\"} 1\n"},
	{"bucket with two le", "# TYPE h histogram\nh_bucket{le=\"1\",\"le\"=\"2\"} 1\n"},
	{"two quantiles", "# TYPE s summary\ns{quantile=\"1\",quantile=\"1\"} 1\n"},
	{"bound that is NaN", "# TYPE h histogram\nh_bucket{le=\"NaN\"} 1\n"},
	{"quantile that is NaN", "# TYPE s summary\ns{quantile=\"nan\"} 1\n"},
	{"histogram sample without suffix, but with le", "# TYPE h histogram\nh{le=\"1\"} 1\n"},
	{"histogram sample without suffix", "# TYPE h histogram\nh 1\n"},
	{"metric name behind a label", "# TYPE h histogram\nh_count 1\n{le=\"5\",\"x\"} 3\n"},
	{"metric name in the middle", "a 1\n{l=\"5\",\"x\",m=\"6\"} 3\n"},
	{"timestamp zero", "a 1 0\n"},
	{"timestamp before 1970", "a 1 -1\n"},
	{"timestamp after 2262", "a 1 9223372036855\n"},
	{"timestamp of a sample that is overwritten", "# TYPE h histogram\nh_sum 1 -1\nh_count 1 1\n"},
	{"help text that is not UTF-8", "# HELP a \xff\na 1\n"},
	{"help text that is not UTF-8, of no samples", "# HELP a \xff\n"},
	{"name that is not UTF-8 in a HELP line that says nothing", "# HELP \"\xff\"\n"},
	{"different timestamps", "# TYPE h histogram\nh_sum 1 1\nh_count 1 2\n"},
	{"timestamp of one sample alone", "# TYPE s summary\ns_sum 1 1\ns_count 1\n"},
	{"family with the name of a count", "h_count 1\n# TYPE h histogram\nh_sum 1\n"},
	{"family with the name of a sum", "# HELP s_sum x\n# TYPE s summary\ns_count 1\ns_sum 1\n"},
	{"quote in the middle of a name", "a\"b\" 1\n"},
	{"quote in the middle of a label name", "a{l\"m\"=\"v\"} 1\n"},
	{"quote in the middle of the name of a comment", "# TYPE a\"b\" counter\n"},
	{"backslash in a type", "# TYPE a \\coun\\ter\n"},
}
