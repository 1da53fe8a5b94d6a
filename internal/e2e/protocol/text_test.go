package protocol

import (
	"fmt"
	"strings"
	"testing"
)

func textCases(*testing.T) []protocolCase {
	cases := append(lineCases(), commentCases()...)
	cases = append(cases, valueCases()...)
	return append(append(cases, typeCases()...), seriesCases()...)
}

// accepted is a body that both take, and read alike.
func accepted(name, text string, series ...string) protocolCase {
	return protocolCase{name: name, request: body("x", text), want: taken(series...)}
}

// rejected is a body that both refuse.
func rejected(name, text, says string) protocolCase {
	return protocolCase{name: name, request: body("x", text), want: refused(), says: says}
}

// rejectedHere is a body that the Pushgateway takes, and reads as these series.
func rejectedHere(name, text string, because difference, says string, series ...string) protocolCase {
	return protocolCase{name: name, request: body("x", text), because: because, want: taken(series...), here: refused(), says: says}
}

func lineCases() []protocolCase {
	const newline = "newline"
	return []protocolCase{
		accepted("a line feed alone", "\n"),
		accepted("line feeds around", "\n\nm 1\n\n\n", `m{job="x"} 1`),
		accepted("blanks in front", " \t m 1\n", `m{job="x"} 1`),
		accepted("blanks and tabs between", "m \t {a=\"b\"}\t 1\n", `m{a="b",job="x"} 1`),
		accepted("blanks in braces", "m{ a = \"b\" , c = \"d\" , } 1\n", `m{a="b",c="d",job="x"} 1`),
		accepted("no blank before the value", "m{a=\"b\"}1\n", `m{a="b",job="x"} 1`),
		accepted("empty braces", "m{} 1\n", `m{job="x"} 1`),
		accepted("escapes in a label", `m{a="\\\"\n"} 1`+"\n", `m{a="\\\"\n",job="x"} 1`),
		accepted("UTF-8 in a label", "m{a=\"Zürich\"} 1\n", `m{a="Zürich",job="x"} 1`),
		accepted("names with colons and underscores", "_m:n 1\n", `_m:n{job="x"} 1`),
		accepted("two metrics that alternate", "m{a=\"1\"} 1\nn 2\nm{a=\"2\"} 3\n", `m{a="1",job="x"} 1`, `n{job="x"} 2`, `m{a="2",job="x"} 3`),
		rejected("no line feed at the end", "m 1", newline),
		rejected("no line feed at the end of the second line", "m 1\nn 2", newline),
		rejected("no line feed behind a comment", "m 1\n# end", newline),
		rejected("no line feed behind a TYPE line", "m 1\n# TYPE n gauge", newline),
		rejected("CR LF", "m 1\r\n", "CR LF"),
		rejected("CR LF behind a TYPE line", "# TYPE m gauge\r\nm 1\n", "CR LF"),
		rejected("CR LF on a blank line", "m 1\n\r\n", "CR LF"),
		accepted("CR LF behind a comment", "# comment\r\nm 1\n", `m{job="x"} 1`),
		accepted("CR LF behind a HELP line", "# HELP m help\r\nm 1\n", `m{job="x"} 1`),
		rejected("a blank behind the value", "m 1 \n", "in line 1"),
		rejected("text behind the value", "m 1 # why\n", "in line 1"),
		rejected("no value", "m\n", "in line 1"),
		rejected("a value alone", "1\n", "in line 1"),
		rejected("braces without an end", "m{a=\"b\" 1\n", "in line 1"),
		rejected("a label without quotes", "m{a=b} 1\n", "in line 1"),
		rejected("a label in single quotes", "m{a='b'} 1\n", "in line 1"),
		rejected("a label that is not UTF-8", "m{a=\"\xff\"} 1\n", "UTF-8"),
		rejected("a bad escape in a label", `m{a="\t"} 1`+"\n", "in line 1"),
		rejected("a name with a dash", "m-n 1\n", "in line 1"),
		rejected("a label name with a dash", "m{a-b=\"c\"} 1\n", "in line 1"),
		rejected("a byte order mark", "\ufeffm 1\n", "in line 1"),
		rejected("a NUL", "m 1\n\x00\n", "in line 2"),
		rejected("JSON", `{"m": 1}`+"\n", "in line 1"),
		rejected("a form", "data=m+1\n", "in line 1"),
		rejected("a bad last line, and nothing arrives", strings.Repeat("m 1\n", 1)+"n 2\nbad\n", "in line 3"),
	}
}

func commentCases() []protocolCase {
	return []protocolCase{
		accepted("a comment", "# comment\n#comment\n#\nm 1\n", `m{job="x"} 1`),
		accepted("the end of OpenMetrics", "m 1\n# EOF\n", `m{job="x"} 1`),
		accepted("text behind the end of OpenMetrics", "m 1\n# EOF\nn 2\n", `m{job="x"} 1`, `n{job="x"} 2`),
		accepted("a unit", "# UNIT m seconds\nm 1\n", `m{job="x"} 1`),
		accepted("HELP and TYPE", "# HELP m The \\\\ \\n \" help.\n# TYPE m counter\nm 1\n", `m{job="x"} 1`),
		{name: "an escaped quote in HELP", request: body("x", `# HELP m \"`+"\nm 1\n"), want: taken(`m{job="x"} 1`), debian: refused()},
		accepted("TYPE before HELP", "# TYPE m counter\n# HELP m help\nm 1\n", `m{job="x"} 1`),
		accepted("HELP behind the samples", "m 1\n# HELP m help\n", `m{job="x"} 1`),
		accepted("HELP of nothing", "# HELP m\nm 1\n", `m{job="x"} 1`),
		accepted("TYPE and HELP without samples", "# HELP m help\n# TYPE m counter\n"),
		accepted("no blank behind the hash", "#TYPE m counter\nm 1\n", `m{job="x"} 1`),
		accepted("more blanks", "#  TYPE \t m \t counter\nm 1\n", `m{job="x"} 1`),
		rejected("a blank behind a type", "# TYPE m counter \nm 1\n", "unknown metric type"),
		rejected("TYPE behind the samples", "m 1\n# TYPE m counter\n", "in line 2"),
		rejected("TYPE twice", "# TYPE m counter\n# TYPE m counter\nm 1\n", "in line 2"),
		rejected("TYPE twice, with two types", "# TYPE m counter\n# TYPE m gauge\nm 1\n", "in line 2"),
		rejected("HELP twice", "# HELP m a\n# HELP m a\nm 1\n", "in line 2"),
		rejected("an unknown type", "# TYPE m meter\nm 1\n", "meter"),
		rejected("unknown as type", "# TYPE m unknown\nm 1\n", "unknown"),
		rejected("info as type", "# TYPE m info\nm 1\n", "info"),
		rejected("stateset as type", "# TYPE m stateset\nm 1\n", "stateset"),
		accepted("a type without name", "# TYPE\nm 1\n", `m{job="x"} 1`),
		accepted("a name without type", "# TYPE m\nm 1\n", `m{job="x"} 1`),
		rejected("TYPE with a bad name", "# TYPE m-n counter\nm 1\n", "in line 1"),
		rejectedHere("a help text that is not UTF-8", "# HELP m \xff\nm 1\n", helpNotUTF8, "UTF-8", `m{job="x"} 1`),
	}
}

func valueCases() []protocolCase {
	var cases []protocolCase
	for _, v := range []struct{ text, want string }{
		{"1", "1"}, {"-1", "-1"}, {"+1", "1"}, {"01", "1"}, {"1.0", "1"}, {".5", "0.5"}, {"5.", "5"}, {"1e3", "1000"}, {"1E3", "1000"}, {"1e+3", "1000"},
		{"-0", "0"}, {"1e-400", "0"}, {"NaN", "NaN"}, {"Nan", "NaN"}, {"nan", "NaN"}, {"Inf", "+Inf"}, {"+Inf", "+Inf"}, {"-Inf", "-Inf"},
		{"+Infinity", "+Inf"}, {"-infinity", "-Inf"}, {"INF", "+Inf"},
		{"0.1234567890123456789", "0.12345678901234568"}, {"1" + strings.Repeat("0", 300), "1e+300"},
	} {
		cases = append(cases, accepted("the value "+v.text, "m "+v.text+"\n", `m{job="x"} `+v.want))
	}
	for _, text := range []string{"0x1F", "0x1p4", "1_000", "1e400", "-1e400", "1e",
		"e1", "1,5", "1.2.3", "--1", "+-1", "one", "true", "NaNs", "Infin", "+NaN", "1p4", "1\u00a0", "٣", "$1", "'1'"} {
		cases = append(cases, rejected("the value "+text, "m "+text+"\n", "in line 1"))
	}
	kept := func(name, text string, series ...string) protocolCase {
		return protocolCase{name: name, request: body("x", text), because: timestamps, want: refused(), here: taken(series...)}
	}
	return append(cases, []protocolCase{
		kept("a timestamp", "m 1 1700000000000\n", `m{job="x"} 1`),
		kept("a timestamp with a sign", "m 1 +1700000000000\n", `m{job="x"} 1`),
		kept("a timestamp of one series of two", "m 1\nn 2 1700000000000\n", `m{job="x"} 1`, `n{job="x"} 2`),
		{name: "a timestamp, rejected", request: body("x", "m 1 1700000000000\n"), to: closest, want: refused(), says: "timestamp"},
		{name: "a timestamp of 0, rejected", request: body("x", "m 1 0\n"), to: closest, want: refused(), says: "timestamp"},
		rejected("a timestamp of 0", "m 1 0\n", "the timestamp is 0"),
		rejected("a timestamp before 1970", "m 1 -1\n", "1970"),
		rejected("a timestamp after 2262", "m 1 9223372036855\n", "2262"),
		rejected("a timestamp in fractions", "m 1 1.5\n", "in line 1"),
		rejected("a timestamp that is none", "m 1 now\n", "in line 1"),
		rejected("a timestamp of 64 bits and more", "m 1 99999999999999999999\n", "in line 1"),
	}...)
}

func typeCases() []protocolCase {
	const (
		histogram = "m_bucket{le=\"1\"} 1\nm_bucket{le=\"+Inf\"} 2\nm_sum 3\nm_count 2\n"
		summary   = "m{quantile=\"0.5\"} 1\nm_sum 3\nm_count 2\n"
	)
	buckets := []string{`m_bucket{job="x",le="1"} 1`, `m_bucket{job="x",le="+Inf"} 2`, `m_sum{job="x"} 3`, `m_count{job="x"} 2`}
	quantiles := []string{`m{job="x",quantile="0.5"} 1`, `m_sum{job="x"} 3`, `m_count{job="x"} 2`}
	cases := []protocolCase{
		accepted("a histogram in capitals", "# TYPE m HISTOGRAM\n"+histogram, buckets...),
		accepted("a histogram", "# TYPE m histogram\n"+histogram, buckets...),
		accepted("a summary", "# TYPE m Summary\n"+summary, quantiles...),
		accepted("a histogram without a type", histogram, buckets...),
		accepted("a summary without a type", summary, quantiles...),
		accepted("a histogram without +Inf", "# TYPE m histogram\nm_bucket{le=\"1\"} 1\nm_sum 3\nm_count 2\n", buckets...),
		accepted("a histogram with its bounds in disorder", "# TYPE m histogram\nm_count 2\nm_bucket{le=\"+Inf\"} 2\nm_sum 3\nm_bucket{le=\"1.0\"} 1\n", buckets...),
		accepted("a summary of its count alone", "# TYPE m summary\nm_count 2\n", `m_sum{job="x"} 0`, `m_count{job="x"} 2`),
		rejectedHere("a histogram without count", "# TYPE m histogram\nm_bucket{le=\"1\"} 1\nm_sum 3\n", gaps, "count"),
		rejectedHere("a histogram whose counts fall", "# TYPE m histogram\nm_bucket{le=\"1\"} 2\nm_bucket{le=\"2\"} 1\nm_sum 3\nm_count 3\n", gaps, "bucket"),
		rejectedHere("a histogram with a fractional count", "# TYPE m histogram\nm_bucket{le=\"1\"} 1.5\nm_sum 3\nm_count 2\n", gaps, "whole number"),
		rejectedHere("a histogram with a bucket twice", "# TYPE m histogram\nm_bucket{le=\"1\"} 1\nm_bucket{le=\"1\"} 1\nm_sum 3\nm_count 2\n", gaps, "bucket"),
		rejectedHere("a histogram with another count than that of +Inf", "# TYPE m histogram\nm_bucket{le=\"+Inf\"} 1\nm_sum 3\nm_count 2\n", gaps, "count"),
		rejectedHere("a summary with a fractional count", "# TYPE m summary\nm_sum 3\nm_count 2.5\n", gaps, "whole number"),
		rejectedHere("a quantile outside of 0 to 1", "# TYPE m summary\nm{quantile=\"2\"} 1\nm_sum 3\nm_count 2\n", gaps, "quantile"),
		rejectedHere("a bucket without le", "# TYPE m histogram\nm_bucket 1\nm_sum 3\nm_count 2\n", samplesOfNone, "le"),
		rejectedHere("a second sum", "# TYPE m histogram\nm_sum 1\nm_sum 3\nm_count 2\n", samplesOfNone, "_sum"),
		{name: "a negative count", request: body("x", "# TYPE m histogram\nm_sum 3\nm_count -2\n"),
			want: refused(), debian: status(200), says: "whole number"},
		rejected("a metric with the name of a histogram's count", "# TYPE m histogram\n"+histogram+"# TYPE m_count counter\nm_count 1\n", "m_count"),
		{name: "quotes in the middle of a name", request: body("x", "m\"n\" 1\n"), because: oddSpellings,
			want: taken(`mn{job="x"} 1`), debian: refused(), here: refused(), says: "quote"},
		rejectedHere("a backslash in a type", "# TYPE m coun\\ter\nm 1\n", oddSpellings, "type", `m{job="x"} 1`),
	}
	for _, name := range []string{"counter", "Counter", "COUNTER", "gauge", "GaUgE", "untyped", "Untyped"} {
		cases = append(cases, accepted("the type "+name, "# TYPE m "+name+"\nm 1\n", `m{job="x"} 1`))
	}
	// 1.5.1 knows one spelling of the type only.
	for _, h := range []struct {
		name   string
		debian answer
	}{{"gaugehistogram", refused()}, {"gauge_histogram", status(200)}, {"GAUGEHISTOGRAM", refused()}} {
		cases = append(cases, protocolCase{name: "the type " + h.name, request: body("x", "# TYPE m "+h.name+"\nm_bucket{le=\"+Inf\"} 1\n"),
			because: gaps,
			want:    status(200), debian: h.debian, here: refused(), says: "cannot be translated"})
	}
	return cases
}

// seriesCases are bodies whose series contradict each other or what is allowed, and names in quotes.
func seriesCases() []protocolCase {
	return []protocolCase{
		rejected("a series twice", "m 1\nm 1\n", "twice"),
		rejected("a series twice, its labels in another order", "m{a=\"1\",b=\"2\"} 1\nm{b=\"2\",a=\"1\"} 2\n", "twice"),
		{name: "256 labels", request: body("x", "m{"+manyLabels(256)+"} 1\n"), want: status(200)},
		{name: "257 labels", request: body("x", "m{"+manyLabels(257)+"} 1\n"), because: limits,
			want: status(200), here: status(413), says: "257 labels; limits.labels_per_sample is 256"},
		rejected("a label twice", "m{a=\"1\",a=\"2\"} 1\n", `"a"`),
		rejected("a reserved label", "m{__a=\"1\"} 1\n", "reserved"),
		rejected("the metric's name as a label", "m{__name__=\"n\"} 1\n", "__name__"),
		rejectedHere("a series twice, but for an empty label", "m{a=\"1\"} 1\nm{a=\"1\",b=\"\"} 2\n", emptyLabel, "twice"),
		accepted("an empty label", "m{a=\"\",b=\"1\"} 1\n", `m{b="1",job="x"} 1`),
		{name: "a name in quotes", request: body("x", "{\"m\",\"a\"=\"b\"} 1\n"), want: taken(`m{a="b",job="x"} 1`), debian: refused()},
		{name: "a name in quotes, with a dot", request: body("x", "{\"a.b\",\"c.d\"=\"e\"} 1\n"), because: utf8Names,
			want: refused(), here: taken(`a.b{c.d="e",job="x"} 1`)},
		{name: "a name in quotes, with a dot, in legacy names", request: body("x", "{\"a.b\"} 1\n"), to: closest,
			want: refused(), says: "a.b"},
		accepted("a push time of the client's own", "push_time_seconds 1\n"),
		{name: "a metric of another type in another group", before: []string{body("y", "# TYPE m counter\nm 1\n")},
			request: body("x", "# TYPE m gauge\nm 1\n"), because: otherGroups,
			want: refused(), here: taken(`m{job="x"} 1`)},
		{name: "a metric with another help in another group", before: []string{body("y", "# HELP m a\nm 1\n")},
			request: body("x", "# HELP m b\nm 1\n"), to: closest,
			want: status(200)},
		{name: "a series of another group", before: []string{body("x/l/v", "m 1\n")}, request: body("x", "m{l=\"v\"} 1\n"),
			because: otherGroups,
			want:    refused(), here: taken(`m{job="x",l="v"} 1`)},
		{name: "a metric of the Pushgateway itself", request: body("x", "# TYPE go_goroutines counter\ngo_goroutines 1\n"),
			because: otherGroups,
			want:    refused(), here: taken(`go_goroutines{job="x"} 1`)},
	}
}

func manyLabels(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "l%d=\"v\",", i)
	}
	return b.String()
}
