package hostile

import (
	"fmt"
	"strings"
	"testing"
)

// seriesCases are many series that are alike, for what tells them apart not to take more than its time.
func seriesCases(*testing.T) []bodyCase {
	const most = 100_000 // limits.samples_per_push
	return []bodyCase{
		{name: "the most samples", body: distinct("m{a=\"%d\"} 1\n", most), want: 200},
		{name: "as many metrics", body: distinct("m%d 1\n", most), want: 413, says: tooMuch},
		{name: "40,000 metrics, backwards", body: backwards(distinct("m%06d 1\n", 40_000)), want: 200},
		{name: "metrics that take turns", body: strings.Repeat("a 1\nb 1\n", 2), want: 400, says: "twice"},
		{name: "many metrics that take turns", body: turns(300, 300), want: 200},
		{name: "series that differ in their last byte", body: distinct("m{a=\""+strings.Repeat("a", 150)+"%d\"} 1\n", most), want: 200},
		{name: "series that differ in where a value ends", body: shifted(2000), want: 200},
		{name: "series with their labels in other orders", body: permuted(2), want: 400, says: "twice"},
		{name: "series with empty labels", body: "m{a=\"0\",b=\"\"} 1\nm{a=\"0\"} 1\n", want: 400, says: "twice"},
		{name: "labels that are all empty", body: repeatedSeries("", 8000), want: 413, says: tooMuch},
		{name: "256 labels in each sample", body: repeatedSeries("v", 8000), want: 413, says: tooMuch},
		{name: "a label twice", body: `m{a="1",` + distinct(`b%d="",`, 200) + "a=\"2\"} 1\n", want: 400, says: `"a"`},
		{name: "257 labels", body: "m{" + distinct(`a%d="1",`, 257) + "} 1\n", want: 413, says: "limits.labels_per_sample"},
	}
}

func backwards(body string) string {
	lines := strings.SplitAfter(body, "\n")
	var b strings.Builder
	for i := range lines {
		b.WriteString(lines[len(lines)-1-i])
	}
	return b.String()
}

// turns is a body in which each of the metrics has one series after the other.
func turns(metrics, series int) string {
	var b strings.Builder
	for s := range series {
		for m := range metrics {
			fmt.Fprintf(&b, "m%d{a=\"%d\"} 1\n", m, s)
		}
	}
	return b.String()
}

// shifted are series whose labels are the same bytes, but for where one ends and the next begins.
func shifted(length int) string {
	var b strings.Builder
	for i := range length {
		fmt.Fprintf(&b, "m{a=%q,b=%q} 1\n", strings.Repeat("x", i), strings.Repeat("x", length-i))
	}
	return b.String()
}

// permuted is a series so many times, each with another label in front.
func permuted(times int) string {
	var b strings.Builder
	for i := range times {
		b.WriteString("m{")
		for j := range times {
			fmt.Fprintf(&b, "a%d=\"1\",", (i+j)%times)
		}
		b.WriteString("} 1\n")
	}
	return b.String()
}

// repeatedSeries are samples with 256 labels each, all with this value.
func repeatedSeries(value string, samples int) string {
	labels := strings.ReplaceAll(distinct(`a%d="?",`, 255), "?", value)
	var b strings.Builder
	for i := range samples {
		line := fmt.Sprintf("m{%si=\"%d\"} 1\n", labels, i)
		if b.Len()+len(line) > largest {
			break
		}
		b.WriteString(line)
	}
	return b.String()
}

func numberCases(*testing.T) []bodyCase {
	return []bodyCase{
		{name: "a number of 20 MiB", body: filled("m ", "9", "\n"), want: 400, says: "in line 1"},
		{name: "a number of 20 MiB of zeros", body: filled("m 0.", "0", "1\n"), want: 200},
		{name: "a number of 20 MiB and its exponent", body: filled("m 0.", "0", "1e20971500\n"), want: 200},
		{name: "an exponent of 20 MiB", body: filled("m 1e", "9", "\n"), want: 400, says: "in line 1"},
		{name: "a negative exponent of 20 MiB", body: filled("m 1e-", "9", "\n"), want: 200},
		{name: "a number halfway between two", body: filled("m 1.00000000000000011102230246251565404236316680908203125", "0", "1\n"), want: 200},
		{name: "hexadecimal", body: "m 0x1p-2\n", want: 400, says: "in line 1"},
		{name: "underscores", body: "m 1_0\n", want: 400, says: "in line 1"},
		{name: "too large", body: "m 1e309\n", want: 400, says: "in line 1"},
		{name: "a timestamp of 20 MiB", body: filled("m 1 ", "9", "\n"), want: 400, says: "in line 1"},
		{name: "a timestamp of 20 MiB of zeros", body: filled("m 1 ", "0", "1\n"), want: 200},
		{name: "the first timestamp there is", body: "m 1 -9223372036854775808\n", want: 400, says: "in line 1"},
		{name: "the last timestamp there is", body: "m 1 9223372036854775807\n", want: 400, says: "in line 1"},
		{name: "a timestamp behind the last one", body: "m 1 9223372036854775808\n", want: 400, says: "in line 1"},
	}
}

func textHistogramCases(*testing.T) []bodyCase {
	histogram := func(lines ...string) string { return "# TYPE h histogram\n" + strings.Join(lines, "\n") + "\n" }
	bad := func(name string, lines ...string) bodyCase {
		return bodyCase{name: "a histogram with " + name, body: histogram(lines...), want: 400, says: "h"}
	}
	bucket := func(le, count string) string { return `h_bucket{le="` + le + `"} ` + count }
	return []bodyCase{
		bad("a bound that is not a number", bucket("NaN", "1"), bucket("+Inf", "1"), "h_count 1"),
		bad("a bound of -Inf that counts", bucket("-Inf", "1"), bucket("+Inf", "0"), "h_count 0"),
		bad("a bound of letters", bucket("x", "1"), "h_count 1"),
		bad("an empty bound", bucket("", "1"), "h_count 1"),
		bad("a bound of 1e400", bucket("1e400", "1"), "h_count 1"),
		bad("falling counts", bucket("1", "2"), bucket("2", "1"), "h_count 2"),
		bad("another count than that of +Inf", bucket("+Inf", "2"), "h_count 3"),
		bad("a bound twice", bucket("1", "1"), bucket("1.0", "1"), "h_count 1"),
		bad("a count of 2^64", bucket("+Inf", "18446744073709551616"), "h_count 18446744073709551616"),
		bad("a count of 1e300", bucket("+Inf", "1e300"), "h_count 1e300"),
		bad("a count that is not a number", bucket("+Inf", "NaN"), "h_count NaN"),
		bad("a count that is infinite", bucket("+Inf", "+Inf"), "h_count +Inf"),
		bad("a negative count", bucket("+Inf", "-1"), "h_count -1"),
		bad("a fractional count", bucket("+Inf", "0.5"), "h_count 0.5"),
		{name: "a histogram with a negative bound", body: histogram(bucket("-1", "1"), bucket("+Inf", "1"), "h_count 1", "h_sum -1"), want: 200},
		{name: "a histogram with a sum that is not a number", body: histogram(bucket("+Inf", "1"), "h_count 1", "h_sum NaN"), want: 200},
		{name: "90,000 buckets", body: histogram(distinct(`h_bucket{le="%d"} 1`+"\n", 90_000) + "h_count 1"), want: 200},
		{name: "90,000 buckets, backwards", body: histogram("h_count 1\n" + backwards(distinct("h_bucket{le=\"%d\"} 1\n", 90_000))), want: 200},
		{name: "90,000 quantiles", body: "# TYPE s summary\n" + distinct(`s{quantile="0.%05d"} 1`+"\n", 90_000) + "s_count 1\n", want: 200},
		{name: "a quantile that is not a number", body: "# TYPE s summary\ns{quantile=\"NaN\"} 1\ns_count 1\n", want: 400, says: "s"},
		{name: "a quantile of 1e308", body: "# TYPE s summary\ns{quantile=\"1e308\"} 1\ns_count 1\n", want: 400, says: "s"},
	}
}

func openMetricsCases(*testing.T) []bodyCase {
	om := func(name, body string, want int, says string) bodyCase {
		return bodyCase{name: "OpenMetrics: " + name, contentType: openMetrics, body: body, want: want, says: says}
	}
	const eof = "# EOF\n"
	return []bodyCase{
		om("no end", "m 1\n", 400, "# EOF"),
		om("an end in the middle", "m 1\n"+eof+"m 2\n"+eof, 400, "in line 3"),
		om("20 MiB behind the end", filled("m 1\n"+eof, "\n", ""), 400, "in line 3"),
		om("20 MiB of ends", filled("", eof, ""), 400, "in line 2"),
		om("a name of 20 MiB", filled("", "a", " 1\n"+eof), 413, "limits.metric_name_length"),
		om("a label value of 20 MiB", filled(`m{a="`, "a", "\"} 1\n"+eof), 413, "limits.label_value_length"),
		om("an exemplar of 20 MiB", filled("# TYPE m counter\nm_total 1 # {a=\"", "a", "\"} 1\n"+eof), 413, "limits.label_value_length"),
		om("an exemplar with labels of 20 MiB", "# TYPE m counter\nm_total 1 # {"+distinct(`a%d="1",`, 1_000_000)+"} 1\n"+eof, 413, "limits.labels_per_sample"),
		om("an exemplar without end", filled("# TYPE m counter\nm_total 1 # {", `"`, "\n"+eof), 400, "in line 2"),
		om("an exemplar with a value of 20 MiB", filled("# TYPE m counter\nm_total 1 # {} 1.", "0", "\n"+eof), 200, ""),
		om("exemplars by the 90,000", "# TYPE h histogram\n"+distinct("h_bucket{le=\"%d\"} 1 # {a=\"b\"} 1 1\n", 90_000)+"h_bucket{le=\"+Inf\"} 1\nh_count 1\nh_sum 1\n"+eof, 413, tooMuch),
		om("a unit of 20 MiB", filled("# UNIT m ", "a", "\n"+eof), 400, "in line 1"),
		om("help texts without metrics", distinct("# HELP m%d \n", 900_000)+eof, 413, tooMuch),
		om("units without metrics", distinct("# UNIT m%d_s s\n", 900_000)+eof, 413, tooMuch),
		om("a help text of 20 MiB", filled("# HELP m ", "a", "\nm 1\n"+eof), 200, ""),
		om("comments", filled("", "#\n", eof), 400, "in line 1"),
		om("opening braces", filled("", "{", ""), 400, "in line 1"),
		om("bytes that are not UTF-8", filled("", "\xff", "\n"+eof), 400, "in line 1"),
		om("a number of 20 MiB", filled("m ", "9", "\n"+eof), 400, "in line 1"),
		om("a timestamp of 1e300", "m 1 1e300\n"+eof, 400, "in line 1"),
		om("a timestamp that is not a number", "m 1 NaN\n"+eof, 400, "in line 1"),
		om("a created time that is infinite", "# TYPE m counter\nm_total 1\nm_created +Inf\n"+eof, 400, "in line 3"),
		om("a state set of 90,000", "# TYPE s stateset\n"+distinct("s{s=\"%d\"} 1\n", 90_000)+eof, 200, ""),
		om("a label of a state thousands of times", "# TYPE s stateset\n"+strings.Repeat("s{s=\"a\"} 1\n", 90_000)+eof, 400, "twice"),
	}
}
