package protocol

import "testing"

// All methods but those that push; lower case is another method.
var otherMethods = []string{"GET", "HEAD", "PATCH", "TRACE", "CONNECT", "PROPFIND", "post"}

const (
	pushMethods        = "OPTIONS, POST, PUT"
	pushMethodsClosest = "DELETE, OPTIONS, POST, PUT"
	pageMethods        = "GET, OPTIONS"
	healthMethods      = "GET, HEAD, OPTIONS"
)

func methodCases(*testing.T) []protocolCase {
	return append(pushMethodCases(), append(routeCases(), deleteCases()...)...)
}

func pushMethodCases() []protocolCase {
	cases := []protocolCase{
		{name: "POST", request: with("POST", "/metrics/job/x", "m 1\n"), want: taken(`m{job="x"} 1`)},
		{name: "PUT", request: with("PUT", "/metrics/job/x", "m 1\n"), want: taken(`m{job="x"} 1`)},
		{name: "POST with base64", request: with("POST", "/metrics/job@base64/eA", "m 1\n"), want: taken(`m{job="x"} 1`)},
		{name: "PUT with base64", request: with("PUT", "/metrics/job@base64/eA/l/v", "m 1\n"), want: taken(`m{job="x",l="v"} 1`)},
		{name: "OPTIONS", request: bare("OPTIONS", "/metrics/job/x/l/v"), to: closest,
			want: answer{status: 200, allow: pushMethodsClosest}},
		{name: "OPTIONS with base64", request: bare("OPTIONS", "/metrics/job@base64/eA"), to: closest,
			want: answer{status: 200, allow: pushMethodsClosest}},
		{name: "OPTIONS of a bad grouping key", request: bare("OPTIONS", "/metrics/job/x/l"), to: closest,
			want: answer{status: 200, allow: pushMethodsClosest}},
		{name: "OPTIONS, and DELETE is not accepted", request: bare("OPTIONS", "/metrics/job/x"), because: keepsNothing,
			want: answer{status: 200, allow: pushMethodsClosest}, here: answer{status: 200, allow: pushMethods}},
		{name: "OPTIONS of the server", request: bare("OPTIONS", "*"), want: status(200)},
		{name: "POST to the server", request: with("POST", "*", "m 1\n"), want: answer{status: 400, closes: true},
			because: nothingToShow, here: status(404), says: "/metrics/job/<job>"},
		{name: "GET, and DELETE is not accepted", request: bare("GET", "/metrics/job/x"), because: keepsNothing,
			want: notAllowed(pushMethodsClosest), here: notAllowed(pushMethods), says: "this path takes " + pushMethods},
		{name: "a method that is no token", request: bare("P(ST", "/metrics/job/x"), want: answer{status: 400, closes: true}},
		{name: "a line without a method", request: " /metrics/job/x HTTP/1.1\r\nHost: x\r\n\r\n", want: answer{status: 400, closes: true}},
	}
	for _, method := range otherMethods {
		cases = append(cases,
			protocolCase{name: method, request: bare(method, "/metrics/job/x/l/v"), to: closest, want: notAllowed(pushMethodsClosest)},
			protocolCase{name: method + " with base64", request: bare(method, "/metrics/job@base64/eA"), to: closest,
				want: notAllowed(pushMethodsClosest)})
	}
	return cases
}

func routeCases() []protocolCase {
	cases := []protocolCase{
		{name: "no job", request: push("/metrics/job", "m 1\n"), want: status(404), says: "/metrics/job/<job>"},
		{name: "no base64 job", request: push("/metrics/job@base64", "m 1\n"), want: status(404), says: "/metrics/job/<job>"},
		{name: "GET without a job", request: bare("GET", "/metrics/job"), want: status(404)},
		{name: "a job that is not called job", request: push("/metrics/foo/x", "m 1\n"), want: status(404)},
		{name: "a longer name than job", request: push("/metrics/jobs/x", "m 1\n"), want: status(404)},
		{name: "a file that browsers ask for", request: bare("GET", "/favicon.ico"), want: status(404)},
		{name: "OPTIONS of an unknown path", request: bare("OPTIONS", "/unknown"), want: status(404)},

		{name: "GET /metrics", request: bare("GET", "/metrics"), want: status(200), because: nothingToShow, here: status(404)},
		{name: "HEAD /metrics", request: bare("HEAD", "/metrics"), want: notAllowed(pageMethods),
			because: nothingToShow, here: status(404)},
		{name: "POST /metrics", request: push("/metrics", "m 1\n"), want: notAllowed(pageMethods),
			because: nothingToShow, here: status(404)},
		{name: "PUT /metrics", request: with("PUT", "/metrics", "m 1\n"), want: notAllowed(pageMethods),
			because: nothingToShow, here: status(404)},
		{name: "OPTIONS /metrics", request: bare("OPTIONS", "/metrics"), want: answer{status: 200, allow: pageMethods},
			because: nothingToShow, here: status(404)},
		{name: "the web page", request: bare("GET", "/"), want: status(200), because: nothingToShow, here: status(404)},
		{name: "POST to the web page", request: push("/", "m 1\n"), want: notAllowed(pageMethods),
			because: nothingToShow, here: status(404)},
		{name: "the API's status", request: bare("GET", "/api/v1/status"), want: status(200), because: nothingToShow, here: status(404)},
		{name: "the API's metrics", request: bare("GET", "/api/v1/metrics"), want: status(200), because: nothingToShow, here: status(404)},
		{name: "the API's wipe", request: bare("PUT", "/api/v1/admin/wipe"), want: status(202), because: nothingToShow, here: status(404)},
		{name: "quit", request: bare("PUT", "/-/quit"), want: status(403), because: nothingToShow, here: status(404)},
	}
	for _, path := range []string{"/-/healthy", "/-/ready"} {
		cases = append(cases,
			protocolCase{name: "GET " + path, request: bare("GET", path), want: status(200)},
			protocolCase{name: "GET " + path + " with a query", request: bare("GET", path+"?a=b"), want: status(200)},
			protocolCase{name: "HEAD " + path, request: bare("HEAD", path), want: notAllowed(pageMethods),
				because: healthChecks, here: status(200)},
			protocolCase{name: "OPTIONS " + path, request: bare("OPTIONS", path), because: healthChecks,
				want: answer{status: 200, allow: pageMethods}, here: answer{status: 200, allow: healthMethods}},
			protocolCase{name: "POST " + path, request: push(path, "m 1\n"), because: healthChecks,
				want: notAllowed(pageMethods), here: notAllowed(healthMethods)},
			protocolCase{name: "GET /pushgateway" + path, request: bare("GET", "/pushgateway"+path), want: status(404),
				because: twoPrefixes, here: status(200)})
	}
	return cases
}

func deleteCases() []protocolCase {
	return []protocolCase{
		{name: "DELETE", request: bare("DELETE", "/metrics/job/x/l/v"), want: status(202), because: keepsNothing,
			here: notAllowed(pushMethods), says: "on_delete: accept"},
		{name: "DELETE of a bad grouping key", request: bare("DELETE", "/metrics/job/x/l"), want: status(400), because: keepsNothing,
			here: notAllowed(pushMethods)},
		{name: "DELETE, accepted", request: bare("DELETE", "/metrics/job/x/l/v"), to: closest, want: status(202)},
		{name: "DELETE with base64, accepted", request: bare("DELETE", "/metrics/job@base64/eA"), to: closest, want: status(202)},
		{name: "DELETE with a body, accepted", request: with("DELETE", "/metrics/job/x", "m 1\n"), to: closest, want: status(202)},
		{name: "DELETE with a Content-Type, accepted", request: bare("DELETE", "/metrics/job/x", "Content-Type: text/plain"), to: closest,
			want: status(202)},
		{name: "DELETE of a bad grouping key, accepted", request: bare("DELETE", "/metrics/job/x/l"), to: closest,
			want: refused(), says: `label "l" has no value`},
		{name: "DELETE of a bad label name, accepted", request: bare("DELETE", "/metrics/job/x/a-b/v"), to: closest,
			want: refused(), says: "improper label name"},
		{name: "DELETE of a bad base64 label, accepted", request: bare("DELETE", "/metrics/job/x/l@base64/a.b"), to: closest,
			want: refused(), says: "base64"},
		{name: "DELETE of an empty job, accepted", request: bare("DELETE", "/metrics/job@base64/="), to: closest,
			want: refused(), says: "job name is required"},
		{name: "DELETE /metrics", request: bare("DELETE", "/metrics"), to: closest, want: notAllowed(pageMethods),
			because: nothingToShow, here: status(404)},
		{name: "DELETE with gzip and no body", request: bare("DELETE", "/metrics/job/x", "Content-Encoding: gzip"), to: closest, because: moreEncodings,
			want: refused(), here: status(202)},
	}
}
