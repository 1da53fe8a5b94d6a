package protocol

import (
	"strconv"
	"strings"
	"testing"
)

func labelCases(*testing.T) []protocolCase {
	cases := append(nameCases(), instanceCases()...)
	cases = append(cases, conflictCases()...)
	return append(cases, keyLimitCases()...)
}

// nameCases are label names in the path.
func nameCases() []protocolCase {
	const says = "improper label name"
	utf8Name := func(name, key string, here answer) protocolCase {
		return protocolCase{name: name, request: keyed(key), because: utf8Names, want: refused(), here: here}
	}
	return []protocolCase{
		{name: "labels", request: keyed("x/b/1/a/2/_/3/C9/4"), want: taken(`m{C9="4",_="3",a="2",b="1",job="x"} 1`)},
		{name: "a repeated label: the last wins", request: keyed("x/l/1/l/2"), want: taken(`m{job="x",l="2"} 1`)},
		{name: "a repeated label: the last wins, without value too", request: keyed("x/l/1/l@base64/="), want: taken(`m{job="x"} 1`)},
		{name: "a repeated label, both in base64", request: keyed("x/l@base64/dg/l@base64/dw"), want: taken(`m{job="x",l="w"} 1`)},
		{name: "a label job: the job wins", request: keyed("x/job/y"), want: taken(`m{job="x"} 1`)},
		{name: "a label job with others", request: keyed("x/l/v/job/y/m/w"), want: taken(`m{job="x",l="v",m="w"} 1`)},
		{name: "a reserved name", request: keyed("x/__x/v"), want: refused(), says: says},
		{name: "the metric's name", request: keyed("x/__name__/v"), want: refused(), says: says},
		{name: "underscores alone", request: keyed("x/__/v"), want: refused(), says: says},
		{name: "a reserved name without value", request: keyed("x/__x@base64/="), want: refused(), says: says},
		{name: "a bad name before a good one", request: keyed("x/__x/v/l/v"), want: refused(), says: says},
		{name: "a dash, in legacy names", request: keyed("x/a-b/v"), to: closest,
			want: refused(), says: says + ` "a-b" (name_validation is legacy)`},
		{name: "a dot, in legacy names", request: keyed("x/a.b/v"), to: closest, want: refused(), says: says},
		{name: "a colon, in legacy names", request: keyed("x/a:b/v"), to: closest, want: refused(), says: says},
		{name: "a digit first, in legacy names", request: keyed("x/1a/v"), to: closest, want: refused(), says: says},
		{name: "not ASCII, in legacy names", request: keyed("x/%C3%BC/v"), to: closest, want: refused(), says: says},
		{name: "an escaped name, in legacy names", request: keyed("x/U__a_2e_b/v"), to: closest, want: taken(`m{U__a_2e_b="v",job="x"} 1`)},
		utf8Name("a dash", "x/a-b/v", taken(`m{a-b="v",job="x"} 1`)),
		utf8Name("a dot", "x/a.b/v", taken(`m{a.b="v",job="x"} 1`)),
		utf8Name("a colon", "x/a:b/v", taken(`m{a:b="v",job="x"} 1`)),
		utf8Name("a digit first", "x/1a/v", taken(`m{1a="v",job="x"} 1`)),
		utf8Name("not ASCII", "x/%C3%BC/v", taken(`m{job="x",ü="v"} 1`)),
		utf8Name("a blank", "x/a%20b/v", taken(`m{a b="v",job="x"} 1`)),
		utf8Name("an escaped slash", "x/a%2Fb/v", taken(`m{a/b="v",job="x"} 1`)),
		{name: "an escaped name", request: keyed("x/U__a_2e_b/v"), because: utf8Names,
			want: taken(`m{U__a_2e_b="v",job="x"} 1`), here: taken(`m{a.b="v",job="x"} 1`)},
		{name: "an escaped name of a reserved one", request: keyed("x/U______x/v"), because: utf8Names,
			want: taken(`m{U______x="v",job="x"} 1`), here: refused(), says: says},
		{name: "an escaped name with a bad escape", request: keyed("x/U__a_zz_b/v"), want: taken(`m{U__a_zz_b="v",job="x"} 1`)},
		{name: "an escaped name of nothing", request: keyed("x/U__/v"), because: utf8Names,
			want: taken(`m{U__="v",job="x"} 1`), here: refused(), says: says},
	}
}

// body is a push of a body to a grouping key.
func body(key, text string) string { return push("/metrics/job/"+key, text) }

func instanceCases() []protocolCase {
	return []protocolCase{
		{name: "no instance", request: keyed("x"), want: taken(`m{job="x"} 1`)},
		{name: "instance in the path", request: keyed("x/instance/i"), want: taken(`m{instance="i",job="x"} 1`)},
		{name: "instance in the body", request: body("x", `m{instance="i"} 1`+"\n"), want: taken(`m{instance="i",job="x"} 1`)},
		{name: "two instances in the body", request: body("x", "m{instance=\"i\"} 1\nm{instance=\"j\"} 2\nm 3\n"),
			want: taken(`m{instance="i",job="x"} 1`, `m{instance="j",job="x"} 2`, `m{job="x"} 3`)},
		{name: "instance in both", request: body("x/instance/i", `m{instance="j"} 1`+"\n"), want: taken(`m{instance="i",job="x"} 1`)},
		{name: "an empty instance in the path", request: keyed("x/instance@base64/="), want: taken(`m{job="x"} 1`)},
		{name: "an empty instance in the path, another in the body", request: body("x/instance/", `m{instance="j"} 1`+"\n"),
			want: taken(`m{job="x"} 1`)},
		{name: "an empty instance in the body", request: body("x", `m{instance=""} 1`+"\n"), want: taken(`m{job="x"} 1`)},
		{name: "an empty instance in the body, another in the path", request: body("x/instance/i", `m{instance=""} 1`+"\n"),
			want: taken(`m{instance="i",job="x"} 1`)},
		{name: "with and without empty instance", request: body("x", "m 1\nm{instance=\"\"} 2\n"), want: refused(), says: "twice"},
	}
}

// conflictCases have a label in the path and in the body.
func conflictCases() []protocolCase {
	return []protocolCase{
		{name: "job in the body", request: body("x", `m{job="y"} 1`+"\n"), want: taken(`m{job="x"} 1`)},
		{name: "an equal job in the body", request: body("x", `m{job="x"} 1`+"\n"), want: taken(`m{job="x"} 1`)},
		{name: "an empty job in the body", request: body("x", `m{job=""} 1`+"\n"), want: taken(`m{job="x"} 1`)},
		{name: "an equal label", request: body("x/l/v", `m{l="v"} 1`+"\n"), want: taken(`m{job="x",l="v"} 1`)},
		{name: "another label", request: body("x/l/v", `m{l="w"} 1`+"\n"), want: taken(`m{job="x",l="v"} 1`)},
		{name: "an empty label in the body", request: body("x/l/v", `m{l=""} 1`+"\n"), want: taken(`m{job="x",l="v"} 1`)},
		{name: "an empty label in the path", request: body("x/l@base64/=", `m{l="w"} 1`+"\n"), want: taken(`m{job="x"} 1`)},
		{name: "an empty label in both", request: body("x/l/", `m{l=""} 1`+"\n"), want: taken(`m{job="x"} 1`)},
		{name: "a label of the path in some series of the body", request: body("x/l/v", "m{a=\"1\"} 1\nm{a=\"2\",l=\"w\"} 2\n"),
			want: taken(`m{a="1",job="x",l="v"} 1`, `m{a="2",job="x",l="v"} 2`)},
		{name: "series that differ in the job alone", request: body("x", "m{job=\"1\"} 1\nm{job=\"2\"} 2\n"),
			want: refused(), says: "twice"},
		{name: "series that differ in an overwritten label alone", request: body("x/l/v", "m{l=\"1\"} 1\nm{l=\"2\"} 2\n"),
			want: refused(), says: "twice"},
		{name: "series that differ in a label that is there or not", request: body("x/l/v", "m 1\nm{l=\"2\"} 2\n"),
			want: refused(), says: "twice"},
		{name: "series that differ in a label that is empty in the path", request: body("x/l/", "m{l=\"1\"} 1\nm{l=\"2\"} 2\n"),
			want: refused(), says: "twice"},
		{name: "series that differ in an overwritten instance alone",
			request: body("x/instance/i", "m{instance=\"1\"} 1\nm{instance=\"2\"} 2\n"), want: refused(), says: "twice"},
		{name: "a series and the same with an empty label", request: body("x", "m 1\nm{l=\"\"} 2\n"), because: emptyLabel,
			want: answer{status: 200}, here: refused(), says: "twice"},
		{name: "an empty label in the body alone", request: body("x", "m{l=\"\",n=\"\"} 1\n"), want: taken(`m{job="x"} 1`)},
		{name: "le in the path, with a counter", request: body("x/le/5", "# TYPE m counter\nm 1\n"), want: taken(`m{job="x",le="5"} 1`)},
		{name: "quantile in the path, with a gauge", request: body("x/quantile/5", "# TYPE m gauge\nm 1\n"),
			want: taken(`m{job="x",quantile="5"} 1`)},
		{name: "le in the path, with a summary", request: body("x/le/5", "# TYPE m summary\nm{quantile=\"1\"} 1\nm_sum 1\nm_count 1\n"),
			want: taken(`m{job="x",le="5",quantile="1"} 1`, `m_sum{job="x",le="5"} 1`, `m_count{job="x",le="5"} 1`)},
		{name: "le in the path, with a histogram",
			request: body("x/le/5", "# TYPE m histogram\nm_bucket{le=\"1\"} 1\nm_sum 1\nm_count 1\n"), because: ownLabel,
			want: answer{status: 200}, here: refused(), says: "a histogram cannot be pushed with a grouping label le"},
		{name: "quantile in the path, with a summary",
			request: body("x/quantile/5", "# TYPE m summary\nm{quantile=\"1\"} 1\nm_sum 1\nm_count 1\n"),
			want:    refused(), says: "a summary cannot be pushed with a grouping label quantile"},
		{name: "an empty le in the path, with a histogram",
			request: body("x/le/", "# TYPE m histogram\nm_bucket{le=\"1\"} 1\nm_sum 1\nm_count 1\n"),
			because: emptyLabel, want: brokenPage(200),
			here: taken(`m_bucket{job="x",le="1"} 1`, `m_bucket{job="x",le="+Inf"} 1`, `m_sum{job="x"} 1`, `m_count{job="x"} 1`)},
	}
}

// keyLimitCases have more labels than most.
func keyLimitCases() []protocolCase {
	labels := func(n int) string {
		var b strings.Builder
		for i := range n {
			b.WriteString("/l" + strconv.Itoa(i) + "/v")
		}
		return b.String()
	}
	return []protocolCase{
		{name: "128 labels", request: keyed("x" + labels(128)), want: taken()},
		{name: "129 labels", request: keyed("x" + labels(129)), because: limits,
			want: taken(), here: status(413), says: "129 labels in the path; limits.grouping_labels_per_key is 128"},
		{name: "one label 1000 times", request: keyed("x" + strings.Repeat("/l/v", 1000)), want: taken(`m{job="x",l="v"} 1`)},
	}
}
