package difftest

import "strings"

// acceptedText are bodies of the text format that expfmt and we accept. They are seeds of FuzzText too.
var acceptedText = []bodyCase{
	// Lines.
	{"an empty body is an empty push", ""},
	{"spaces at the end of the body", "a 1\n \t"},
	{"nothing but spaces", " \t "},
	{"blank lines", "\n \t\n\n"},
	{"comments", "# a comment\n#\n# \n#\t\n#comment\n ## HELP a b\n#HELPa b c\n"},
	{"a comment that ends in a carriage return", "# a\r\na 1\n"},
	{"comments between the samples of a family", "a{l=\"1\"} 1\n# x\n\na{l=\"2\"} 2\n"},
	{"two samples of one series", "a 1\na 2\n"},

	// Whitespace.
	{"spaces before all", " \t a 1\n\t# TYPE b gauge\n  b 1\n"},
	{"tabs between tokens", "a\t1\t1700000000000\n"},
	{"spaces everywhere in braces", "a { l = \"v\" , m\t=\t\"w\" , } 1\n"},
	{"no space before the value", "a{l=\"v\"}1\n"},
	{"no space before the value of quoted names", "\"a\"1\n{\"b\"}2\n"},
	{"no space before the braces", "a{}1\n"},
	{"many spaces", "a" + strings.Repeat(" ", 300) + "1" + strings.Repeat("\t", 300) + "1700000000000\n"},
	{"no space after the hash", "#TYPE a counter\n#HELP a b\na 1\n"},
	{"many spaces in a TYPE line", "# \t TYPE \t a \t counter\na 1\n"},
	{"spaces around the text of a HELP line", "# HELP a  \t b  \na 1\n"},

	// Metric names.
	{"colons", ":a:b: 1\n::{l=\"v\"} 2\n"},
	{"underscores and digits", "_ 1\n__a1 2\nA9_z 3\n"},
	{"a metric name of a single letter in braces", "{a} 1\n{b,} 2\n{c,l=\"v\"} 3\n"},
	{"quoted metric names", "\"a.b\" 1\n\"c d\"{l=\"v\"} 2\n{\"e.f\"} 3\n{\"g\",l=\"v\"} 4\n{ \"h\" , l = \"v\" , } 5\n"},
	{"a quoted metric name that needs no quotes", "a 1\n\"a\" 2\n{\"a\"} 3\n{a} 4\n"},
	{"escapes in quoted metric names", `"a\\b\"c\nd" 1` + "\n" + `{"a\\b\"c\nd"} 2` + "\n"},
	{"quoted metric names that are not ASCII", "\"ü\" 1\n{\"日本\"} 2\n"},
	{"a quoted name that looks like a sample", "\"a 1\" 2\na 1\n\"a{l=\" 3\n"},
	{"a metric name of many bytes", strings.Repeat("a", 10_000) + " 1\n"},
	{"metric names that begin alike", "a 1\nab 2\nabc 3\nab 4\na 5\n"},
	{"a NUL byte in quoted names and values", "\"a\x00\"{\"l\x00\"=\"\x00\"} 1\n"},
	{"control bytes in quoted names and values", "\"\r\t\x7f\"{\"\r\x01\"=\"\t\r\"} 1\n"},

	// Labels.
	{"empty braces", "a{} 1\na{ } 2\n"},
	{"a comma behind the last label", "a{l=\"v\",} 1\n"},
	{"empty label values", "a{l=\"\",m=\"\"} 1\n"},
	{"the order of labels", "a{l=\"1\",m=\"2\"} 1\na{m=\"2\",l=\"1\"} 2\na{m=\"1\",l=\"2\"} 3\n"},
	{"escapes in label values", `a{l="\\ \" \n ü \\n \\\\"} 1` + "\n"},
	{"label values with syntax", `a{l="a{b=\"c\"} 1, # TYPE",m="}"} 1` + "\n"},
	{"quoted label names", "a{\"l.m\"=\"v\",\"n\"=\"w\",o=\"x\"} 1\n"},
	{"escapes in quoted label names", `a{"l\\\"\n"="v"} 1` + "\n"},
	{"le and quantile of other types", "a{le=\"x\",quantile=\"y\"} 1\n# TYPE b counter\nb{le=\"1\"} 1\n"},
	{"labels named like those of other series", "a{l=\"v\"} 1\na{l=\"v\",m=\"w\"} 2\na{m=\"w\"} 3\na 4\na{l=\"v\",m=\"w\"} 5\n"},
	{"label names that begin alike", "a{l=\"1\",l1=\"2\"} 1\na{l1=\"1\",l=\"2\"} 2\na{l11=\"1\",l1=\"2\"} 3\n"},
	{"labels of another metric", "a{l=\"v\",\"m n\"=\"w\"} 1\nb{l=\"v\",\"m n\"=\"w\"} 2\nb{\"l\"=\"v\",m=\"w\"} 3\n"},
	{"a label name of many bytes", "a{" + strings.Repeat("l", 10_000) + "=\"v\"} 1\n"},
	{"a label value of many bytes", "a{l=\"" + strings.Repeat("ü", 10_000) + "\"} 1\n"},
	{"more labels than a metric should have", "a{" + manyLabels(260) + "} 1\na{" + manyLabels(17) + "} 2\n"},
	{"quoted label name __name__x", "a{__name__x=\"v\",\"__name\"=\"w\"} 1\n"},

	// Values.
	{"integers", "a 0\na 1\na -1\na +1\na 007\na 9007199254740993\na 18446744073709551615\na 18446744073709551616\n"},
	{"negative zero", "a -0\na -0.0\na -0e5\na -0e-400\n"},
	{"decimals", "a 1.\na .5\na -.5\na +.5\na 1.5\na 00.50\na 0.1\na 123456789.123456789\n"},
	{"exponents", "a 1e5\na 1E5\na 1e+5\na 1e-5\na 1.e5\na .5e5\na 1e22\na 1e23\na 1e-22\na 1e-23\na 1e0000005\na 0e999999\n"},
	{"denormals", "a 5e-324\na 4.9406564584124654e-324\na 2.4703282292062328e-324\na 2.2250738585072011e-308\na 1e-400\n"},
	{"the largest", "a 1.7976931348623157e308\na 1.7976931348623158e308\n"},
	{"mantissas of 17 to 20 digits", "a 12345678901234567\na 123456789012345678\na 1234567890123456789\n" +
		"a 12345678901234567890\na 0.12345678901234567\na 0.1234567890123456789\na 9999999999999999999\na 99999999999999999999\n"},
	{"mantissas with leading zeros", "a 0000000000000000000000001\na 0.00000000000000000000000000000001\n"},
	{"mantissas around 2^53", "a 9007199254740991\na 9007199254740992\na 900719925474099.3e1\na 9007199254740991e22\na 9007199254740992e22\n"},
	{"special values", "a NaN\na nan\na NAN\na +Inf\na -Inf\na Inf\na inf\na INF\na +inf\na infinity\na -Infinity\na +INFINITY\n"},

	// Timestamps.
	{"timestamps", "a 1 1\na 1 +1\na 1 1700000000123\na 1 9223372036854\na 1 0001\n"},
	{"timestamps of a histogram", "# TYPE h histogram\nh_bucket{le=\"1\"} 1 5\nh_sum 1 5\nh_count 1 5\n"},

	// HELP and TYPE.
	{"HELP and TYPE without samples", "# HELP a b\n# TYPE a counter\n"},
	{"HELP behind the samples", "a 1\n# HELP a b\nb 1\n# HELP b c\n"},
	{"TYPE behind HELP, and before it", "# HELP a b\n# TYPE a counter\na 1\n# TYPE b gauge\n# HELP b c\nb 1\n"},
	{"HELP and TYPE that end early", "# HELP\n# TYPE\n# HELP \n# TYPE \n# HELP a\n# TYPE a\n# HELP a \n# TYPE a \t\na 1\n# TYPE a\n"},
	{"HELP and TYPE of an empty quoted name that end early", "# HELP \"\"\n# TYPE \"\"\n"},
	{"HELP that ends early twice", "# HELP a\n# HELP a\n# HELP a b\na 1\n"},
	{"escapes in HELP", `# HELP a \\ \n \" ü "` + "\na 1\n"},
	{"HELP of an escaped backslash before an n", `# HELP a \\n\\\n` + "\na 1\n"},
	{"HELP that ends in a carriage return", "# HELP a b\r\na 1\n"},
	{"HELP and TYPE of quoted names", "# HELP \"a b\" c\n# TYPE \"a b\" counter\n\"a b\" 1\n{\"a b\"} 2\n"},
	{"HELP of a quoted name that looks like a sample", "# HELP \"a 1\" b\na 1\n"},
	{"all types", "# TYPE c counter\nc 1\n# TYPE g gauge\ng 1\n# TYPE u untyped\nu 1\n# TYPE h histogram\nh_count 1\n# TYPE s summary\ns_count 1\n"},
	{"types in other letters", "# TYPE c COUNTER\nc 1\n# TYPE g Gauge\ng 1\n# TYPE h hIsToGrAm\nh_count 1\n"},
	{"types in letters whose upper case is ASCII", "# TYPE h h\u0131stogram\nh_count 1\n# TYPE s \u017fummary\ns_count 1\n"},
	{"gauge histograms without samples", "# TYPE a gaugehistogram\n# TYPE b GAUGE_HISTOGRAM\n"},
	{"families that are interleaved", "# TYPE a counter\na 1\n# TYPE b gauge\nb 1\na{l=\"v\"} 2\nb{l=\"v\"} 2\na{l=\"w\"} 3\n"},
	{"TYPE and HELP of other families between samples", "a 1\n# TYPE b counter\na 2\n# HELP b x\na 3\nb 4\n# HELP a y\na 5\n"},
	{"the name of the last sample in a comment", "a 1\n# a 2\n# HELP a\n# HELP a b\na 3\n"},

	// Histograms and summaries.
	{"histogram", "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 3\nh_sum 4.5\nh_count 3\n"},
	{"histogram with labels", "# TYPE h histogram\nh_bucket{l=\"1\",le=\"1\"} 1\nh_bucket{le=\"1\",l=\"2\"} 3\nh_sum{l=\"2\"} 4\nh_count{l=\"1\"} 3\n"},
	{"histogram whose series differ in the order of labels",
		"# TYPE h histogram\nh_bucket{a=\"1\",le=\"1\",b=\"2\"} 1\nh_count{b=\"2\",a=\"1\"} 3\nh_sum{a=\"2\",b=\"1\"} 4\n"},
	{"histogram whose samples are scattered",
		"# TYPE h histogram\nh_count{l=\"1\"} 1\nh_count{l=\"2\"} 2\na 1\nh_bucket{l=\"1\",le=\"1\"} 1\n# HELP h x\nh_bucket{l=\"2\",le=\"1\"} 2\nh_sum{l=\"1\"} 3\n"},
	{"histogram with every spelling of le",
		"# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"1.0\"} 1\nh_bucket{le=\"1e0\"} 1\nh_bucket{le=\"-1\"} 1\nh_bucket{le=\"inf\"} 1\nh_bucket{le=\"-Inf\"} 0\nh_bucket{le=\"-0\"} 0\n"},
	{"histograms with other bounds each",
		"# TYPE h histogram\nh_bucket{l=\"1\",le=\"1\"} 1\nh_bucket{l=\"1\",le=\"2\"} 1\nh_bucket{l=\"2\",le=\"2\"} 1\nh_bucket{l=\"2\",le=\"1\"} 1\nh_bucket{l=\"2\",le=\"3\"} 1\n"},
	{"histogram without sum and count", "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 3\n"},
	{"histogram with a sum alone", "# TYPE h histogram\nh_sum 3\n"},
	{"histogram with a count of zero", "# TYPE h histogram\nh_count 0\nh_bucket{le=\"1\"} -0\n"},
	{"counts that are large but whole", "# TYPE h histogram\nh_count 1e15\nh_bucket{le=\"1\"} 18446744073709549568\n"},
	{"series of a histogram before its TYPE", "h_count 1\n# TYPE a counter\na 1\n"},
	{"a family before the histogram that has its name", "h_count 1\nh_bucket{le=\"1\"} 1\n"},
	{"histogram with quantile labels", "# TYPE h histogram\nh_bucket{le=\"1\",quantile=\"x\"} 1\nh_count{quantile=\"x\"} 1\n"},
	{"summary", "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns{quantile=\"0.9\"} NaN\ns_sum 4.5\ns_count 3\n"},
	{"summary with labels", "# TYPE s summary\ns{l=\"1\",quantile=\"0.5\"} 1\ns{quantile=\"0.5\",l=\"2\"} 2\ns_count{l=\"2\"} 3\n"},
	{"summary with le labels", "# TYPE s summary\ns{le=\"x\",quantile=\"0.5\"} 1\ns_count{le=\"x\"} 3\n"},
	{"summary without count", "# TYPE s summary\ns_sum -1\n"},
	{"summary with quantiles that are none", "# TYPE s summary\ns{quantile=\"-1\"} 1\ns{quantile=\"2\"} 1\ns{quantile=\"inf\"} 1\n"},
	{"_bucket of a summary is a family", "# TYPE s summary\ns_bucket{le=\"x\"} 1\ns_count 1\n"},
	{"_count of other types is a family", "# TYPE a counter\na 1\na_count 2\na_sum 3\na_bucket 4\n"},
	{"names that are nothing but a suffix", "_count 1\n_sum 2\n_bucket 3\n# TYPE _ histogram\n__count 4\n"},
	{"suffixes of suffixes", "# TYPE h_sum histogram\nh_sum_count 1\nh_count 2\nh_sum_sum_sum 3\n"},
	{"HELP for the _count of a histogram", "# TYPE h histogram\n# HELP h_count text\nh_count 1\n"},
	{"HELP and TYPE before the histogram that has the series", "# HELP h_count x\n# TYPE h histogram\nh_sum 1\n"},
	{"quoted names of a histogram",
		"# TYPE \"h i\" histogram\n\"h i_bucket\"{le=\"1\"} 1\n{\"h i_bucket\",\"le\"=\"2\"} 2\n{\"h i_count\"} 2\n"},
	{"name in braces behind another metric", "# TYPE s summary\na 1\n{\"s\",quantile=\"0.5\"} 1\nb 2\n{\"s_count\"} 1\n"},
	{"name in braces behind a histogram, where expfmt takes one for the other",
		"# TYPE h histogram\n# TYPE s summary\n{\"h_count\",l=\"1\"} 1\n{\"s_count\",l=\"1\"} 2\n{\"h_sum\"} 3\n{\"s_sum\"} 4\n"},
	{"name in braces where expfmt panics", "# TYPE s summary\n# TYPE a counter\n{\"s_count\",l=\"1\"} 2\n"},
}

// manyLabels returns that many labels.
func manyLabels(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString("n" + strings.Repeat("x", i%16) + string(rune('a'+i/16%26)) + "=\"v\",")
	}
	return b.String()
}
