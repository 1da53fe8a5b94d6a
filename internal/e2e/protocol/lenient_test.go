package protocol

import "testing"

// lenientCases are bodies that the Pushgateway refuses, as the other tables say.
func lenientCases(*testing.T) []protocolCase {
	forgiven := func(name, text string, series ...string) protocolCase {
		return protocolCase{name: name, request: body("x", text), to: lenient, because: leniency, want: refused(), here: taken(series...)}
	}
	one := `m{job="x"} 1`
	return []protocolCase{
		forgiven("CR LF", "m 1\r\n", one),
		forgiven("CR LF behind all lines", "# HELP m help\r\n# TYPE m gauge\r\n\r\nm 1\r\n", one),
		forgiven("no newline at the end", "m 1", one),
		forgiven("CR LF, and none at the end", "n{l=\"v\"} 2\r\nm 1", `n{job="x",l="v"} 2`, one),
		forgiven("a byte order mark", "\ufeffm 1\n", one),
		{name: "a good body", request: body("x", "m 1\n"), to: lenient, want: taken(one)},
		{name: "a body without a value", request: body("x", "m"), to: lenient, want: refused(), says: "in line 1"},
		{name: "a comment that is cut", request: body("x", "m 1\n# end"), to: lenient, want: refused(), says: "newline"},
		{name: "a carriage return in the middle", request: body("x", "m\r1\n"), to: lenient, want: refused(), says: "in line 1"},
	}
}
