package hostile

import (
	"strings"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

func requestLineCases() []smugglingCase {
	line := func(line string) string { return line + "\r\nHost: x\r\nContent-Length: 4\r\n\r\n" + body }
	cases := []smugglingCase{
		one("absolute form", push("http://elsewhere"+path, body)),
		one("absolute form of another path, with dots, which are data", push("http://x/metrics/job/x/../../job/hidden", body)),
		{name: "a target that is a scheme and a number", request: push("x:80", body), want: []int{404}},
		{name: "authority form", request: strings.Replace(push("x:80", body), "POST", "CONNECT", 1), want: []int{404}},
		{name: "CONNECT to a push path", request: strings.Replace(push(path, body), "POST", "CONNECT", 1), want: []int{405}},
		{name: "HTTP/2 without TLS", request: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00" + hidden,
			want: []int{404}, closes: true},
		one("an upgrade to HTTP/2", push(path, body, "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__")),
		{name: "an upgrade of a connection that ends", request: push(path, body, "Connection: Upgrade, close", "Upgrade: h2c") + hidden,
			want: []int{200}, closes: true, taken: []string{"x"}},
	}
	for _, l := range []string{
		"POST " + path, "POST " + path + "  HTTP/1.1", "POST  " + path + " HTTP/1.1", "POST\t" + path + "\tHTTP/1.1", " POST " + path + " HTTP/1.1",
		"POST " + path + " y HTTP/1.1", "POST " + path + " HTTP/1.1 ", "POST " + path + " http/1.1", "POST " + path + " HTTP/1.10",
		"POST " + path + " HTTP/11", "POST " + path + " HTTP/1,1", "PO\x00ST " + path + " HTTP/1.1", "POST " + path + "\x00 HTTP/1.1",
		"POST " + path + "\x7f HTTP/1.1", "P(ST " + path + " HTTP/1.1", "POST  HTTP/1.1", "POST metrics/job/x HTTP/1.1",
		"POST " + path + "\rX HTTP/1.1",
	} {
		cases = append(cases, doubtful("line "+strings.ReplaceAll(l, path, "p"), line(l), 400))
	}
	return append(cases, doubtful("line HTTP/2.0", line("POST "+path+" HTTP/2.0"), 505), doubtful("line HTTP/0.9", line("POST "+path+" HTTP/0.9"), 505))
}

func headerCases() []smugglingCase {
	var cases []smugglingCase
	for _, header := range []string{
		"A\x00: b", "A: b\x00", "A\t: b", "A\x0b: b", "A b: c", ": b", "A", "A: b\rc", "A: \x7f", "(A): b", "Ä: b", "Host: y", "Host:", "Host: a b",
	} {
		cases = append(cases, doubtful("header "+header, push(path, body, header), 400))
	}
	noHost := "POST " + path + " HTTP/1.1\r\nContent-Length: 4\r\n\r\n" + body
	return append(cases, doubtful("no Host", noHost, 400),
		doubtful("a Host with a slash", strings.Replace(push(path, body), "Host: x", "Host: x/metrics", 1), 400),
		doubtful("a first header that is folded", strings.Replace(push(path, body), "Host: x", " Host: x", 1), 400),
		one("line feeds alone", strings.ReplaceAll(push(path, body), "\r\n", "\n")),
		one("headers that other servers take for the path",
			push(path, body, "X-Original-URL: /metrics/job/hidden", "X-Rewrite-URL: /metrics/job/hidden", "X-HTTP-Method-Override: DELETE")),
	)
}

// bodyCases hide the push in a body that is framed as it should be.
func bodyCases() []smugglingCase {
	get := func(request string) string { return strings.Replace(request, "POST", "GET", 1) }
	return []smugglingCase{
		{name: "hidden in a body of text", request: push(path, hidden), want: []int{400}},
		{name: "hidden behind a line of text", request: push(path, body+hidden), want: []int{400}},
		{name: "hidden in a comment", request: push(path, body+"# "+hidden), want: []int{400}},
		{name: "hidden in the body of an unknown path", request: push("/nothing", hidden), want: []int{404}},
		{name: "hidden in the body of a bad grouping key", request: push(path+"/l", hidden), want: []int{400}},
		{name: "hidden in the body of a GET", request: get(push(path, hidden)), want: []int{405}},
		{name: "hidden in the body of a health check", request: get(push("/-/ready", hidden)) + get(push("/-/ready", hidden)), want: []int{200, 200}},
		{name: "hidden in the body of OPTIONS", request: strings.Replace(push("*", hidden), "POST", "OPTIONS", 1), want: []int{200}},
		{name: "hidden behind the end of gzip", request: push(path, testbed.Gzipped(body)+hidden, "Content-Encoding: gzip"), want: []int{400}},
		{name: "hidden in an unknown encoding", request: push(path, hidden, "Content-Encoding: br"), want: []int{415}},
		{name: "hidden where it is not waited for", request: push(path+"/l", hidden, "Expect: 100-continue"), want: []int{400}, closes: true},
		{name: "pipelined, as a request of its own", request: push(path, body) + hidden, want: []int{200, 200}, taken: []string{"x", "hidden"}},
		{name: "pipelined behind a connection that ends", request: push(path, body, "Connection: close") + hidden, want: []int{200}, closes: true,
			taken: []string{"x"}},
	}
}
