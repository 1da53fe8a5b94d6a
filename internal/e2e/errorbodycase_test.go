package e2e

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

const script = "<script>alert(1)</script>"

// inPath is the script as one segment of a path.
var inPath = url.PathEscape(script)

// An errorBodyCase is a request that is refused.
type errorBodyCase struct {
	name    string
	to      string // the receiver
	request rawRequest
	backend int // its status, if the push comes to it
	want    int
}

func errorBodyCases(t *testing.T) []errorBodyCase {
	cases := []errorBodyCase{
		{name: "no path", request: rawRequest{target: "/" + script}, want: 404},
		{name: "no path, asked for by a browser", request: rawRequest{method: "GET", target: "/metrics/" + script}, want: 404},
		{name: "a push path, asked for by a browser", request: rawRequest{method: "GET", target: "/metrics/job/" + inPath}, want: 405},
		{name: "a method that nobody knows", request: rawRequest{method: "SCRIPT", target: "/metrics/job/" + inPath}, want: 405},
		{name: "delete", request: rawRequest{method: "DELETE", target: "/metrics/job/" + inPath}, want: 405},
		{name: "a script as scheme", to: "basic", request: rawRequest{headers: []string{"Authorization: " + script}}, want: 401},
		{name: "a script as password", to: "basic", request: rawRequest{headers: []string{"Authorization: Basic " + script}}, want: 401},
		{name: "a script as user", to: "basic", request: rawRequest{headers: []string{inBasic(script + ":x")}}, want: 401},
		{name: "a script as token", to: "token", request: rawRequest{headers: []string{"Authorization: Bearer " + script}}, want: 401},
		{name: "Content-Encoding", request: rawRequest{headers: []string{"Content-Encoding: " + script}, body: "m 1\n"}, want: 415},
		{name: "Content-Encoding, long", request: rawRequest{headers: []string{"Content-Encoding: " + strings.Repeat(script, 200)}, body: "m 1\n"}, want: 415},
		{name: "Content-Encoding, not UTF-8", request: rawRequest{headers: []string{"Content-Encoding: \xff\xfe" + script}, body: "m 1\n"}, want: 415},
		{name: "Content-Encoding that is not allowed", to: "limit", request: rawRequest{headers: []string{"Content-Encoding: zstd"}, body: script}, want: 415},
		{name: "Content-Type", request: rawRequest{headers: []string{"Content-Type: text/html; " + script}, body: script}, want: 400},
		{name: "large body", to: "limit", request: rawRequest{body: strings.Repeat(script, 10)}, want: 413},
		{name: "large body, compressed", to: "limit", want: 413,
			request: rawRequest{headers: []string{"Content-Encoding: gzip"}, body: testbed.Gzipped(strings.Repeat(script, 1000))}},
		{name: "many labels", request: rawRequest{body: "m{" + manyLabels(300) + "} 1\n"}, want: 413},
		{name: "many labels in the path", request: rawRequest{target: goodPath + manyPathLabels(200), body: "m 1\n"}, want: 413},
	}
	for _, algorithm := range []string{"gzip", "zstd", "zlib", "deflate", "snappy", "x-snappy-framed", "lz4"} {
		cases = append(cases, errorBodyCase{name: "no " + algorithm, request: rawRequest{headers: []string{"Content-Encoding: " + algorithm}, body: script}, want: 400})
	}
	for backend, want := range map[int]int{400: 400, 401: 401, 403: 403, 404: 404, 413: 500, 429: 429, 500: 500, 503: 503} {
		cases = append(cases, errorBodyCase{name: fmt.Sprintf("the backend says %d", backend), request: rawRequest{body: "m 1\n"}, backend: backend, want: want})
	}
	for _, path := range badPaths {
		cases = append(cases, errorBodyCase{name: "path " + path[:min(len(path), 40)], request: rawRequest{target: path, body: "m 1\n"}, want: 400})
	}
	for _, body := range badBodies {
		cases = append(cases, errorBodyCase{name: fmt.Sprintf("text %.40q", body), request: rawRequest{body: body}, want: 400})
	}
	for _, body := range badOpenMetrics {
		cases = append(cases, errorBodyCase{name: fmt.Sprintf("OpenMetrics %.40q", body), want: 400,
			request: rawRequest{headers: []string{"Content-Type: application/openmetrics-text"}, body: body}})
	}
	for name, body := range badProtobuf(t) {
		cases = append(cases, errorBodyCase{name: "protobuf: " + name, want: 400,
			request: rawRequest{headers: []string{"Content-Type: " + testbed.ProtobufType}, body: body}})
	}
	return cases
}

func manyLabels(n int) string {
	var labels []string
	for i := range n {
		labels = append(labels, fmt.Sprintf(`"%s%d"="v"`, script, i))
	}
	return strings.Join(labels, ",")
}

func manyPathLabels(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "/l%d/%s", i, inPath)
	}
	return b.String()
}

var badPaths = []string{
	"/metrics/job/x/" + inPath,
	"/metrics/job/x/l/v/" + inPath,
	"/metrics/job/x/l/%FF" + inPath,
	"/metrics/job/%FF" + inPath,
	"/metrics/job/x/__" + inPath + "/v",
	"/metrics/job/x/__name__/" + inPath,
	"/metrics/job@base64/" + inPath,
	"/metrics/job/x/l@base64/" + inPath,
	"/metrics/job/x/%00%0D%0A%1B%5B31m" + inPath,
	"/metrics/job/x/%E2%80%A8%C2%85" + inPath,
	"/metrics/job/x/l/%FF" + strings.Repeat(inPath, 200),
	"/metrics/job/x/l/v/" + strings.Repeat("%01", 5000),
	"/metrics/job/",
}

var badBodies = []string{
	script + "\n",
	script + " 1\n",
	"m " + script + "\n",
	"m 1 " + script + "\n",
	"m{" + script + "=\"v\"} 1\n",
	"m{l=" + script + "} 1\n",
	"m{l=\"" + script + "\\x\"} 1\n",
	"m{l=\"" + script + "\n",
	"m{l=\"" + script + "\",l=\"x\"} 1\n",
	"{\"" + script + "\",\"x\"} 1\n",
	"{\"" + script + "\"} 1\n{\"" + script + "\"} 2\n",
	"m{\"" + script + "\"=\"v\"} 1\nm{\"" + script + "\"=\"v\"} 2\n",
	"m{l=\"" + script + "\"} 1\nm{l=\"" + script + "\"} 2\n",
	"# TYPE m " + script + "\n",
	"# TYPE " + script + " counter\n",
	"# TYPE m counter\n# TYPE m " + script + "\n",
	"# HELP m " + script + "\n# HELP m " + script + "\n",
	"# TYPE h histogram\nh_bucket{le=\"" + script + "\"} 1\n",
	"# TYPE h histogram\nh_sum{l=\"" + script + "\"} 1\n",
	"# TYPE s summary\ns{quantile=\"" + script + "\"} 1\n",
	"m 1 " + strings.Repeat("9", 5000) + script + "\n",
	"m{l=\"" + strings.Repeat(script, 500) + "\"} x\n",
	"m{l=\"\x00\x1b[31m\r\x7f\u0085\u2028" + script + "\"} x\n",
	"m{l=\"\xff\xfe" + script + "\"} 1\n",
	"\xff\xfe\x00" + script + "\n",
	"m 1\r\n" + script + "\r\n",
	"\ufeff" + script,
	script,
}

var badOpenMetrics = []string{
	script + "\n# EOF\n",
	"m " + script + "\n# EOF\n",
	"# UNIT m " + script + "\n# EOF\n",
	"# TYPE m " + script + "\n# EOF\n",
	"# " + script + "\n# EOF\n",
	"# TYPE m counter\nm_total 1 # {l=\"" + script + "\"} x\n# EOF\n",
	"# TYPE m stateset\nm{l=\"" + script + "\"} 1\n# EOF\n",
	"m{l=\"" + script + "\"} 1\n",
	"m 1\n# EOF\n" + script,
}

func badProtobuf(t *testing.T) map[string]string {
	family := func(name, label, value string, metrics int) string {
		f := &dto.MetricFamily{Name: &name, Type: dto.MetricType_GAUGE.Enum()}
		for range metrics {
			f.Metric = append(f.Metric, &dto.Metric{Label: []*dto.LabelPair{{Name: &label, Value: &value}}, Gauge: &dto.Gauge{Value: proto.Float64(1)}})
		}
		return testbed.Protobuf(t, f)
	}
	return map[string]string{
		"no message":               script,
		"a reserved label":         family("m", "__name__", script, 1),
		"a series twice":           family(script, script, script, 2),
		"a series twice, long":     family("m", strings.Repeat(script, 40), strings.Repeat(script, 100), 2),
		"control characters twice": family("m", "l", "\x00\x1b[31m\r\n"+script, 2),
		"a label twice":            family("m", "job", script, 2),
		"a message that is cut":    family("m", "l", script, 1)[:30],
		"a type that nobody knows": testbed.Protobuf(t, &dto.MetricFamily{Name: proto.String(script), Type: dto.MetricType(17).Enum(), Metric: gaugeMetric()}),
	}
}

// netHTTPCases are refused by Go's server before there is a request. It sends no X-Content-Type-Options, and quotes nothing.
var netHTTPCases = []struct {
	name, request string
	want          int
}{
	{"no request", script + "\r\n\r\n", 400},
	{"a bad method", "<script> / HTTP/1.1\r\nHost: x\r\n\r\n", 400},
	{"a bad target", "GET http://[<script> HTTP/1.1\r\nHost: x\r\n\r\n", 400},
	{"a bad header", "GET / HTTP/1.1\r\nHost: x\r\n<script>: x\r\n\r\n", 400},
	{"a bad header value", "GET / HTTP/1.1\r\nHost: x\r\nX: <script>\x01\r\n\r\n", 400},
	{"a bad host", "GET / HTTP/1.1\r\nHost: <script>\r\n\r\n", 400},
	{"no host", "GET /<script> HTTP/1.1\r\n\r\n", 400},
	{"a bad length", "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: <script>\r\n\r\n", 400},
	{"a Transfer-Encoding that nobody knows", "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: <script>\r\n\r\n", 501},
	{"an Expect that nobody knows", "POST / HTTP/1.1\r\nHost: x\r\nExpect: <script>\r\nContent-Length: 0\r\n\r\n", 417},
	{"a version that nobody knows", "GET /<script> HTTP/3.1\r\nHost: x\r\n\r\n", 505},
	{"a header that is too large", "GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("<script>", 1<<18) + "\r\n\r\n", 431},
}
