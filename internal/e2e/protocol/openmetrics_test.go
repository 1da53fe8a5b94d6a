package protocol

import "testing"

func openMetricsCases(*testing.T) []protocolCase {
	page := func(text string) string { return push("/metrics/job/x", text, "Content-Type: "+openMetricsType) }
	one := taken(`m_total{job="x"} 1`)
	differs := func(name, text string, want, here answer, says string) protocolCase {
		return protocolCase{name: name, request: page(text), because: openMetrics, want: want, here: here, says: says}
	}
	return []protocolCase{
		{name: "a gauge", request: page("# TYPE m gauge\nm 1\n# EOF\n"), want: taken(`m{job="x"} 1`)},
		differs("a counter is no longer untyped", counterPage, one, one, ""),
		differs("no line feed behind the end", "# TYPE m counter\nm_total 1\n# EOF", refused(), one, ""),
		differs("an exemplar", "# TYPE m counter\nm_total 1 # {trace_id=\"1\"} 1 1\n# EOF\n", refused(), one, ""),
		differs("a timestamp in fractions of seconds", "# TYPE m gauge\nm 1 1700000000.5\n# EOF\n", refused(), taken(`m{job="x"} 1`), ""),
		differs("a type info", "# TYPE m info\nm_info{a=\"b\"} 1\n# EOF\n", refused(), taken(`m{a="b",job="x"} 1`), ""),
		differs("a created time", "# TYPE m counter\nm_total 1\nm_created 1700000000\n# EOF\n",
			taken(`m_total{job="x"} 1`, `m_created{job="x"} 1.7e+09`), one, ""),
		differs("no end", "# TYPE m gauge\nm 1\n", taken(`m{job="x"} 1`), refused(), "# EOF"),
		differs("text behind the end", "# TYPE m gauge\nm 1\n# EOF\nn 2\n", taken(`m{job="x"} 1`, `n{job="x"} 2`), refused(), "EOF"),
		differs("a comment", "# comment\n# TYPE m gauge\nm 1\n# EOF\n", taken(`m{job="x"} 1`), refused(), "in line 1"),
		differs("a counter without _total", "# TYPE m counter\nm 1\n# EOF\n", taken(`m{job="x"} 1`), refused(), "a sample of a counter"),
		differs("samples of a family that are apart", "# TYPE m gauge\nm{a=\"1\"} 1\n# TYPE n gauge\nn 1\nm{a=\"2\"} 1\n# EOF\n",
			taken(`m{a="1",job="x"} 1`, `n{job="x"} 1`, `m{a="2",job="x"} 1`), refused(), "in line 5"),
		{name: "the end alone", request: page("# EOF\n"), want: nothingArrives()},
	}
}
