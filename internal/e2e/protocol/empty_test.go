package protocol

import (
	"testing"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// emptyCases are pushes without a metric, which are valid: a job may say that it ran, and no more.
func emptyCases(*testing.T) []protocolCase {
	const path = "/metrics/job/x/l/v"
	nothing := testbed.Gzipped("")
	var cases []protocolCase
	for _, format := range []struct{ name, contentType string }{
		{"text", "text/plain; version=0.0.4"}, {"form", "application/x-www-form-urlencoded"}, {"protobuf", testbed.ProtobufType}, {"OpenMetrics", openMetricsType},
	} {
		header := "Content-Type: " + format.contentType
		for _, c := range []protocolCase{
			{name: "POST of length 0", request: push(path, "", header)},
			{name: "PUT of length 0", request: with("PUT", path, "", header)},
			{name: "POST without a length", request: bare("POST", path, header)},
			{name: "PUT without a length", request: bare("PUT", path, header)},
			{name: "POST without chunks", request: chunked(path, nil, header)},
			{name: "gzip of nothing", request: push(path, nothing, header, "Content-Encoding: gzip")},
			{name: "gzip of nothing, in chunks", request: chunked(path, []string{nothing}, header, "Content-Encoding: gzip")},
			{name: "identity", request: push(path, "", header, "Content-Encoding: identity")},
			{name: "HTTP/1.0 without a length", request: "POST " + path + " HTTP/1.0\r\n" + header + "\r\n\r\n",
				want: answer{status: 200, closes: true}},
		} {
			c.name, c.want = format.name+": "+c.name, or(c.want, nothingArrives())
			cases = append(cases, c)
		}
	}
	return append(cases,
		protocolCase{name: "no type, no length", request: bare("PUT", path), want: nothingArrives()},
		// A body without a length and without chunks is none: what follows is read as the next request.
		protocolCase{name: "a body without a length", request: bare("PUT", path) + bare("GET", "/-/healthy"), want: nothingArrives()},
		protocolCase{name: "of a bad grouping key", request: push("/metrics/job/x/l", ""), want: refused(), says: "has no value"},
	)
}
