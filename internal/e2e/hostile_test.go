package e2e

import (
	"bufio"
	"cmp"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A hostileCase is a request that breaks the Pushgateway, or did so in one of its versions.
type hostileCase struct {
	name    string
	path    string // default: that of a good push
	headers []string
	body    string
	// chunked sends the body as the beginning of a chunked one, and then nothing more.
	chunked bool
	want    string // part of the answer
	good    string // path of a push that must still work; default: that of a good push
}

const goodPath = "/metrics/job/hostile/l/v"

func hostileCases(t *testing.T) []hostileCase {
	protobuf := []string{"Content-Type: " + testbed.ProtobufType}
	cut := testbed.Gzipped(strings.Repeat(textBody, 100))
	return []hostileCase{
		{name: "a job that is not UTF-8", path: "/metrics/job/%FF", body: "m 1\n", want: "not UTF-8"},
		{name: "a label value that is not UTF-8", path: "/metrics/job/x/l/%FF", body: "m 1\n", want: "not UTF-8"},
		{name: "an escaped label name that is reserved", path: "/metrics/job/x/U______x/v", body: "m 1\n", want: "label name"},
		{name: "bad base64 as a job", path: "/metrics/job@base64/%21%21", body: "m 1\n", want: "base64", good: "/metrics/job@base64/aG9zdGlsZQ"},
		{name: "a sample without a name", body: "{} 1\n", want: "line 1"},
		{name: "protobuf with an empty name", headers: protobuf, want: `metric name ""`,
			body: testbed.Protobuf(t, &dto.MetricFamily{Name: proto.String(""), Type: dto.MetricType_GAUGE.Enum(), Metric: gaugeMetric()})},
		{name: "protobuf of an unknown type", headers: protobuf, want: "m",
			body: testbed.Protobuf(t, &dto.MetricFamily{Name: proto.String("m"), Type: dto.MetricType(17).Enum(), Metric: gaugeMetric()})},
		{name: "protobuf of a gauge histogram without histogram", headers: protobuf, want: "GAUGE_HISTOGRAM",
			body: testbed.Protobuf(t, &dto.MetricFamily{Name: proto.String("m"), Type: dto.MetricType_GAUGE_HISTOGRAM.Enum(), Metric: []*dto.Metric{{}}})},
		{name: "protobuf that claims 2^62 bytes", headers: protobuf, body: string(protowire.AppendVarint(nil, 1<<62)) + "x", want: "at byte 0"},
		{name: "protobuf that claims 3 GiB", headers: protobuf, body: string(protowire.AppendVarint(nil, 3<<30)) + "x", want: "at byte 0"},
		{name: "gzip that is cut", headers: []string{"Content-Encoding: gzip"}, body: cut[:len(cut)/2], want: "cannot read body"},
		{name: "gzip that is corrupt", headers: []string{"Content-Encoding: gzip"}, body: "this is not gzip", want: "cannot read body"},
		{name: "a chunked body that is cut", chunked: true, body: "m 1\n", want: "cannot read body"},
	}
}

func TestHostilePushes(t *testing.T) {
	c := testbed.StartCollectorWith(t, testbed.NopConfig)
	require.Equal(t, http.StatusOK, testbed.Post(t, c.Client, c.URL+goodPath, textBody).Status)
	before := c.Memory(t, "VmRSS")
	for _, tt := range hostileCases(t) {
		t.Run(tt.name, func(t *testing.T) {
			status, body := tt.send(t, strings.TrimPrefix(c.URL, "http://"))
			assert.Equal(t, http.StatusBadRequest, status, body)
			assert.Contains(t, body, tt.want)
			assert.Regexp(t, `^[^\n]{20,600}\n$`, body, "one line that says what is wrong")
			c.RequireAlive(t)
			a := testbed.Post(t, c.Client, c.URL+cmp.Or(tt.good, goodPath), textBody)
			assert.Equal(t, http.StatusOK, a.Status, a.Body)
		})
	}
	peak := c.Memory(t, "VmHWM")
	t.Logf("resident memory: %.1f MiB before, %.1f MiB at its peak", inMiB(before), inMiB(peak))
	assert.Less(t, inMiB(peak-before), 64.0)
}

// send writes the request as it is: no client would send all of these.
func (tt hostileCase) send(t *testing.T, address string) (status int, body string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	head := []string{"POST " + cmp.Or(tt.path, goodPath) + " HTTP/1.1", "Host: " + address}
	content := tt.body
	if tt.chunked {
		head = append(head, "Transfer-Encoding: chunked")
		content = "100\r\n" + tt.body // a chunk of 256 bytes begins
	} else {
		head = append(head, "Content-Length: "+strconv.Itoa(len(content)))
	}
	head = append(head, tt.headers...)
	_, err = io.WriteString(conn, strings.Join(head, "\r\n")+"\r\n\r\n"+content)
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err, "there must be an answer")
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(answer)
}

func gaugeMetric() []*dto.Metric { return []*dto.Metric{{Gauge: &dto.Gauge{Value: proto.Float64(1)}}} }
