package difftest

import "strings"

// acceptedOpenMetrics are bodies of OpenMetrics that textparse and we accept; # EOF is added. They are seeds of
// FuzzOpenMetrics too.
var acceptedOpenMetrics = []bodyCase{
	// The body.
	{"an empty body is an empty push", ""},
	{"families without samples", "# TYPE a counter\n# HELP b B.\n# UNIT c_x x\n# TYPE d gaugehistogram\n"},
	{"two samples of one series", "a 1\na 2\na 1\n"},
	{"a line that is much like the end", "# HELP a # EOF\na 1\n# HELP EOF EOF\nEOF 1\n"},
	{"HELP that is a name", "# HELP HELP HELP\nHELP 1\n# TYPE TYPE gauge\nTYPE 1\n# UNIT UNIT \nUNIT 1\n"},

	// Metadata.
	{"metadata in every order", "# TYPE a_x gauge\n# UNIT a_x x\n# HELP a_x A.\na_x 1\n# HELP b_x B.\n# UNIT b_x x\n# TYPE b_x gauge\nb_x 1\n" +
		"# UNIT c_x x\n# TYPE c_x gauge\n# HELP c_x C.\nc_x 1\n# HELP d_x D.\n# TYPE d_x gauge\n# UNIT d_x x\nd_x 1\n" +
		"# TYPE e_x gauge\n# HELP e_x E.\n# UNIT e_x x\ne_x 1\n# UNIT f_x x\n# HELP f_x F.\n# TYPE f_x gauge\nf_x 1\n"},
	{"HELP without TYPE, and TYPE without HELP", "# HELP a A.\na 1\n# TYPE b gauge\nb 1\n# UNIT c_x x\nc_x 1\n"},
	{"empty HELP and UNIT", "# HELP a \n# UNIT a \n# TYPE a gauge\na 1\n"},
	{"spaces in HELP", "# HELP a   A  .  \na 1\n"},
	{"tabs and carriage returns in HELP", "# HELP a \tA\r\na 1\n"},
	{"escapes in HELP", `# HELP a \\ \n \" \x \é \\n "` + "\na 1\n# HELP b \\\nb 1\n"},
	{"HELP of other alphabets", "# HELP a Größe 日本 \u2028\na 1\n"},
	{"NUL in HELP", "# HELP a \x00 \\\x00\na 1\n"},
	{"all types", "# TYPE a counter\na_total 1\n# TYPE b gauge\nb 1\n# TYPE c histogram\nc_bucket{le=\"+Inf\"} 1\n# TYPE d summary\nd_sum 1\n" +
		"# TYPE e info\ne_info 1\n# TYPE f stateset\nf{f=\"x\"} 1\n# TYPE g unknown\ng 1\n"},
	{"units of more than one word", "# UNIT a_b_c b_c\na_b_c 1\n# UNIT d__e _e\nd__e 1\n# UNIT _ \n_ 1\n"},
	{"unit of a counter", "# TYPE a_x counter\n# UNIT a_x x\na_x_total 1\n"},
	{"metadata of the family before, that has no samples", "# TYPE a gauge\n# HELP b B.\nb 1\n"},

	// Which family a sample is of.
	{"no metadata", "a 1\nb 2\nc{l=\"v\"} 3\n"},
	{"samples that are not of the family before", "# TYPE a counter\na_x 1\nb 1\naa_total 1\na_total_total 1\n"},
	{"suffixes of other types", "# TYPE a gauge\na_total 1\n# TYPE b counter\nb_bucket 1\n# TYPE c histogram\nc_total 1\n# TYPE d info\nd_total 1\n"},
	{"suffixes without a TYPE", "a_total 1\na_created 1\na_bucket{le=\"x\"} 1\na_count 1.5\na_sum 1\na_info 1\na_gsum 1\n"},
	{"family names that end in a suffix", "# TYPE a_total counter\na_total_total 1\n# TYPE b_created gauge\nb_created 1\n# TYPE c_bucket histogram\nc_bucket_count 1\n"},
	{"a counter beside a gauge of its name", "# TYPE a gauge\na 1\n# TYPE a counter\na_total 2\n# TYPE b counter\nb_total 1\n# TYPE b gauge\nb 2\n"},
	{"a counter without samples beside a gauge of its name", "# TYPE a counter\n# TYPE b gauge\n# TYPE a gauge\na 2\n# TYPE c gauge\nc 1\n# TYPE c counter\n"},
	{"a family without TYPE behind a histogram", "# TYPE h histogram\nh_count 1\nx{le=\"1\",quantile=\"1\"} 1\n"},
	{"le and quantile of other types", "# TYPE s summary\n# TYPE a counter\na_total{le=\"1\",quantile=\"x\"} 1\n# TYPE b histogram\nb_count{quantile=\"1\"} 1\n"},

	// Names and labels.
	{"colons and underscores", ":a:b: 1\n_c_ 2\n__d__{__e__=\"v\"} 3\n"},
	{"empty braces", "a{} 1\n{\"b\"} 1\n{\"c\",} 1\n"},
	{"a comma behind the last label", "a{l=\"v\",} 1\na{l=\"v\",m=\"w\",} 1\n{\"b\",l=\"v\",} 1\n"},
	{"empty label values", "a{l=\"\"} 1\n"},
	{"escapes in label values", `a{l="\\ \" \n \x \é \\n \\\" \{"} 1` + "\n"},
	{"syntax in label values", "a{l=\"} # {,=\"} 1\na{l=\" 1\"} 1\na{l=\"# EOF\"} 1\n"},
	{"control bytes in label values", "a{l=\"\t\r\x01\x7f\"} 1\n"},
	{"NUL in label values", "a{l=\"\x00\",m=\"x\x00\x00y\",n=\"\\\x00\"} 1\n"},
	{"label values of other alphabets", "a{l=\"Größe 日本 \u2028 \U0001F600\"} 1\n"},
	{"quoted metric names", "# TYPE \"a.b\" counter\n# HELP \"a.b\" A.\n{\"a.b_total\",l=\"v\"} 1\n{\"a.b_created\",l=\"v\"} 2\n"},
	{"quoted metric names that need no quotes", "# TYPE \"a\" gauge\na 1\n{\"a\"} 2\n# TYPE b counter\n{\"b_total\"} 1\nb_total 1\n"},
	{"escapes in quoted names", `# TYPE "a\\b\"c\nd\x" gauge` + "\n" + `{"a\\b\"c\nd\x","l\\\"\n\x"="v"} 1` + "\n"},
	{"quoted names of many kinds", "{\"ü\"} 1\n{\" \"} 2\n{\"# EOF\"} 3\n{\"0\"} 4\n{\"a{\",\"}\"=\"v\"} 5\n"},
	{"NUL in quoted names", "# HELP \"\x00\" x\n{\"\x00\",\"l\x00\"=\"v\"} 1\n"},
	{"unit of a quoted name", "# UNIT \"a.b_ü\" ü\n{\"a.b_ü\"} 1\n# UNIT \"c_%\" %\n{\"c_%\"} 1\n"},
	{"quoted label names", "a{\"l.m\"=\"v\",n=\"w\",\"o\"=\"x\"} 1\na{\"a:b\"=\"v\"} 1\n"},
	{"the order of labels", "a{l=\"1\",m=\"2\"} 1\na{m=\"2\",l=\"1\"} 2\na{m=\"1\",l=\"2\"} 3\n"},
	{"labels that change from sample to sample", "a{l=\"1\",m=\"2\"} 1\na{l=\"1\"} 2\na{m=\"1\"} 3\na 4\na{l=\"1\",m=\"2\",n=\"3\"} 5\na{ll=\"1\"} 6\n"},
	{"more labels than a metric should have", "a{" + manyLabels(260) + "} 1\n"},
	{"metric names that begin alike", "a 1\nab 2\nabc 3\n"},
	{"long names and values", strings.Repeat("a", 5000) + "{" + strings.Repeat("l", 5000) + "=\"" + strings.Repeat("v", 5000) + "\"} 1\n"},

	// Values.
	{"integers", "a 0\na 1\na -1\na +1\na 007\na 9007199254740993\na 18446744073709551616\n"},
	{"decimals", "a 1.\na .5\na -.5\na +.5\na 1.5\na 00.50\na 123456789.123456789\n"},
	{"exponents", "a 1e5\na 1E5\na 1e+5\na 1e-5\na 1.e5\na .5e5\na 1e22\na 1e23\na 1e0000005\na 1e-400\na 5e-324\n"},
	{"negative zero", "a -0\na -0.0\na -0e5\n"},
	{"special values", "a NaN\na nan\na NAN\na +Inf\na -Inf\na Inf\na inf\na INF\na infinity\na -Infinity\n"},
	{"values that a type should not have", "# TYPE a counter\na_total -1\na_total NaN\n# TYPE b info\nb_info 2\n# TYPE c stateset\nc{c=\"x\"} 1.5\n"},

	// Timestamps.
	{"timestamps", "a 1 1\na 1 +1\na 1 1.\na 1 .5\na 1 1520879607.789\na 1 0001.50\na 1 9223372036.853\n"},
	{"timestamps with exponents", "a 1 1e9\na 1 1.520879607789e9\na 1 1520879607789E-3\na 1 1e+09\na 1 0.001e3\n"},
	{"timestamps of many digits", "a 1 1604676851.123456789\na 1 1604676851.1234567891234567\na 1 0000000000000000001604676851.5\n"},
	{"points of one series with other timestamps", "a 1 1\na 2 2\n# TYPE b counter\nb_total 1 1\nb_total 2 2\n"},
	{"timestamps of a point", "# TYPE a counter\na_total 1 5\na_created 2 5\n# TYPE h histogram\nh_bucket{le=\"1\"} 1 5\nh_sum 1 5.0\nh_count 1 5e0\nh_created 2 5\n"},

	// Counters.
	{"counters with _created", "# TYPE a counter\na_total 1\na_created 1520430000.123\na_total{l=\"v\"} 2\na_created{l=\"v\"} 2\na_total{l=\"w\"} 3\n"},
	{"counters with _created before", "# TYPE a counter\na_created 1\na_total 1\na_created{l=\"v\"} 2\na_total{l=\"v\"} 2\n"},
	{"counters with labels in another order", "# TYPE a counter\na_total{l=\"v\",m=\"w\"} 1\na_created{m=\"w\",l=\"v\"} 2\n"},
	{"counters that are interleaved", "# TYPE a counter\na_total{l=\"v\"} 1\na_total{l=\"w\"} 2\na_total{l=\"v\"} 3\n"},
	{"created times in every spelling", "# TYPE a counter\na_total 1\na_created 1.5e9\na_total 1\na_created +1\na_total 1\na_created .5\na_total 1\na_created 1e-3\n"},

	{"created zero", "# TYPE a counter\na_total 1\na_created 0\n# TYPE h histogram\nh_created -0.0\n# TYPE s summary\ns_created 1e-10\n"},

	// Exemplars.
	{"exemplars of counters", "# TYPE a counter\na_total 1 # {l=\"v\"} 0.5\na_total{l=\"1\"} 1 2 # {} 1 3.5\na_total{l=\"2\"} 1 # {a=\"b\",c=\"d\",} NaN\n"},
	{"exemplars of buckets", "# TYPE h histogram\nh_bucket{le=\"1\"} 1 # {l=\"v\"} 0.5 1.5\nh_bucket{le=\"+Inf\"} 1 # {l=\"w\"} 2\nh_count 1\n"},
	{"an exemplar of a counter with _created", "# TYPE a counter\na_created 1\na_total 1 # {l=\"v\"} 0.5\na_total{m=\"w\"} 1 # {l=\"w\"} 1\na_created{m=\"w\"} 1\n"},
	{"an exemplar with the labels of its sample", "# TYPE a counter\na_total{l=\"v\"} 1 # {l=\"v\"} 1\n"},
	{"an exemplar of the year 1970", "# TYPE a counter\na_total 1 # {} 1 0\n"},
	{"escapes in exemplars", "# TYPE a counter\na_total 1 # {l=\"\\\\ \\\" \\n \\x\",\"m\\n\"=\"v\"} 1\n"},
	{"quoted names in exemplars", "# TYPE a counter\na_total 1 # {\"l.m\"=\"v\",n=\"w\"} -1e3 1e9\n"},
	{"NUL in exemplars", "# TYPE a counter\na_total 1 # {l=\"\x00\",\"\x00\"=\"v\"} 1\n"},
	{"exemplars of more characters than there should be", "# TYPE a counter\na_total 1 # {l=\"" + strings.Repeat("v", 200) + "\"} 1\n"},

	// Histograms and summaries.
	{"histogram", "# TYPE h histogram\nh_bucket{le=\"1.0\"} 1\nh_bucket{le=\"+Inf\"} 3\nh_count 3\nh_sum 4.5\nh_created 5\n"},
	{"histograms with labels", "# TYPE h histogram\nh_bucket{l=\"1\",le=\"1\"} 1\nh_count{l=\"1\"} 1\nh_bucket{le=\"1\",l=\"2\"} 2\nh_sum{l=\"2\"} 1\n"},
	{"histograms that are interleaved", "# TYPE h histogram\nh_count{l=\"1\"} 1\nh_count{l=\"2\"} 2\nh_sum{l=\"1\"} 1\nh_created{l=\"2\"} 2\nh_sum{l=\"2\"} 2\nh_created{l=\"1\"} 1\n"},
	{"histograms with labels in another order", "# TYPE h histogram\nh_bucket{a=\"1\",le=\"1\",b=\"2\"} 1\nh_count{b=\"2\",a=\"1\"} 3\nh_sum{a=\"2\",b=\"1\"} 4\n"},
	{"le in every spelling", "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"1.0\"} 1\nh_bucket{le=\"1e0\"} 1\nh_bucket{le=\"-0\"} 1\nh_bucket{le=\"inf\"} 1\nh_bucket{le=\"-Inf\"} 0\n"},
	{"buckets that are not sorted, not cumulative, or there twice", "# TYPE h histogram\nh_bucket{le=\"2\"} 1\nh_bucket{le=\"1\"} 5\nh_bucket{le=\"2\"} 3\n"},
	{"large and odd counts", "# TYPE h histogram\nh_bucket{le=\"1\"} 18446744073709549568\nh_bucket{le=\"2\"} -0\nh_bucket{le=\"3\"} 1e15\nh_count 10.0\n"},
	{"histogram without buckets", "# TYPE h histogram\nh_sum -1\n# TYPE i histogram\ni_created 1\n"},
	{"summary", "# TYPE s summary\ns{quantile=\"0.5\"} 1\ns{quantile=\"0.9\"} NaN\ns_sum 4.5\ns_count 3\ns_created 5\n"},
	{"summaries with labels", "# TYPE s summary\ns{l=\"1\",quantile=\"0.5\"} 1\ns{quantile=\"0.5\",l=\"2\"} -1\ns_count{l=\"2\"} 3\n"},
	{"summaries of parts", "# TYPE s summary\ns_sum -0\n# TYPE t summary\nt_count 1\n# TYPE u summary\nu_created 1\n# TYPE v summary\nv{quantile=\"2\"} 1\n"},
	{"summary with timestamps", "# TYPE s summary\ns{quantile=\"0.5\"} 1 5\ns_count 1 5\n"},
	{"info and stateset", "# TYPE a info\na_info{version=\"1\"} 1\na_info{version=\"2\"} 1.0\n# TYPE s stateset\ns{s=\"on\",l=\"v\"} 1\ns{l=\"v\",s=\"off\"} 0\n"},
	{"info and stateset of quoted names", "# TYPE \"a.b\" info\n{\"a.b_info\"} 1\n# TYPE \"s.t\" stateset\n{\"s.t\",\"s.t\"=\"on\"} 1\n"},
}
