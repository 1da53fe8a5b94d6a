package protocol

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A metricsCase are pushes behind which both servers are asked for /api/v1/metrics.
type metricsCase struct {
	name     string
	requests []string
	// differs says why the answers are not the same, and then here has what the receiver says of its first group, without the push times.
	differs string
	here    string
}

// someText has all types, and values and labels that are not plain.
const someText = "# TYPE c_total counter\n# HELP c_total Help of \\\\ <c> &\\n\"c\".\nc_total{a=\"1\"} 1\nc_total{a=\"é\\\"\\n\"} 2.5e10\n" +
	"# TYPE g gauge\ng NaN\nu{x=\"y\"} 1e-9\nu{x=\"z\"} +Inf\nu{x=\"a\"} -Inf\nu 123456789\n" +
	"# TYPE h histogram\nh_bucket{le=\"0.25\"} 1\nh_bucket{le=\"1e6\"} 1\nh_bucket{le=\"+Inf\"} 3\nh_sum 4.5\nh_count 3\n" +
	"# TYPE s summary\ns{quantile=\"0.5\"} 7\ns{quantile=\"0.99\"} NaN\ns_sum 1\ns_count 2\n# TYPE empty summary\nempty_sum 0\nempty_count 0\n"

func metricsCases(t *testing.T) []metricsCase {
	count := family("c", dto.MetricType_COUNTER, &dto.Metric{Label: []*dto.LabelPair{pair("a", "1")}, Counter: &dto.Counter{Value: proto.Float64(7)}})
	count.Help = proto.String("Help.")
	inProtobuf := testbed.Protobuf(t, count, family("g", gaugeType, gauge(-0.5)),
		family("h", dto.MetricType_HISTOGRAM, &dto.Metric{Histogram: &dto.Histogram{
			SampleCount: proto.Uint64(3), SampleSum: proto.Float64(2), Bucket: []*dto.Bucket{bucket(0.1, 1), bucket(2, 2)}}}),
		family("s", dto.MetricType_SUMMARY, &dto.Metric{Summary: &dto.Summary{
			SampleCount: proto.Uint64(3), SampleSum: proto.Float64(2), Quantile: []*dto.Quantile{{Quantile: proto.Float64(0.5), Value: proto.Float64(1)}}}}))
	const jobX = `{"labels":{"job":"x"},"last_push_successful":true`
	return []metricsCase{
		{name: "nothing", requests: nil},
		{name: "text", requests: []string{body("x/l/v/instance/i/empty@base64/=", someText)}},
		{name: "without an instance", requests: []string{body("x", someText)}},
		{name: "labels that the path replaces", requests: []string{body("x/l/v", "m{l=\"w\",job=\"y\",instance=\"i\"} 1\n")}},
		{name: "protobuf, but for what is the +Inf bucket", requests: []string{with("PUT", "/metrics/job/x", inProtobuf, "Content-Type: "+testbed.ProtobufType)},
			differs: "OTLP has a bucket of +Inf always",
			here: jobX + `,"c":{"type":"COUNTER","help":"Help.","metrics":[{"labels":{"job":"x","instance":"","a":"1"},"value":"7"}]},
				"g":{"type":"GAUGE","metrics":[{"labels":{"job":"x","instance":""},"value":"-0.5"}]},
				"h":{"type":"HISTOGRAM","metrics":[{"labels":{"job":"x","instance":""},"buckets":{"0.1":"1","2":"2","+Inf":"3"},"count":"3","sum":"2"}]},
				"s":{"type":"SUMMARY","metrics":[{"labels":{"job":"x","instance":""},"quantiles":{"0.5":"1"},"count":"3","sum":"2"}]}}`},
		{name: "several groups and pushes", requests: []string{
			body("x/l/v", "m 1\nn 1\n"), body("x/l/w", "m 2\n"), body("y", "m 3\n"), body("x/l/v", "m 4\no 4\n"), with("PUT", "/metrics/job/y", "p 5\n"),
		}},
		{name: "empty pushes", requests: []string{body("x", "m 1\n"), body("x", ""), body("y", "m 1\n"), with("PUT", "/metrics/job/y", "")}},
		{name: "a deleted group", requests: []string{body("x", "m 1\n"), body("y", "m 1\n"), bare("DELETE", "/metrics/job/y")}},
		{name: "a failed push", requests: []string{body("x", "m 1\n"), body("x", "m 1\nm 2\n")}},
		{name: "a failed push of a new group", requests: []string{body("x", "m 1\nm 2\n")}},
		{name: "a push behind a failed one", requests: []string{body("x", "m 1\nm 2\n"), body("x", "m 1\n")}},
		{name: "a push that contradicts another group", requests: []string{body("x", "# TYPE m gauge\nm 1\n"), body("y", "# TYPE m counter\nm 1\n")}},
		{name: "push times in the body", requests: []string{body("x", "push_time_seconds 5\n# TYPE push_failure_time_seconds counter\npush_failure_time_seconds 5\n")}},
		{name: "a push that cannot be read", requests: []string{body("x", "m\n")},
			differs: "the failure of a push that cannot be read is noted here", here: `{"labels":{"job":"x"},"last_push_successful":false}`},
		{name: "labels without value", requests: []string{body("x", "m{e=\"\"} 1\n")},
			differs: "a label without value is none in Prometheus",
			here:    jobX + `,"m":{"type":"UNTYPED","metrics":[{"labels":{"job":"x","instance":""},"value":"1"}]}}`},
		{name: "a histogram without a sum", requests: []string{body("x", "# TYPE h histogram\nh_bucket{le=\"+Inf\"} 3\nh_count 3\n")},
			differs: "the sum was not pushed",
			here:    jobX + `,"h":{"type":"HISTOGRAM","metrics":[{"labels":{"job":"x","instance":""},"buckets":{"+Inf":"3"},"count":"3"}]}}`},
		{name: "metrics with the names of members", requests: []string{body("x", "labels 1\nlast_push_successful 2\nm 3\n")},
			differs: "clients could not read the group",
			here:    jobX + `,"m":{"type":"UNTYPED","metrics":[{"labels":{"job":"x","instance":""},"value":"3"}]}}`},
	}
}

// Both servers have the same groups behind the same pushes, and say it in the same JSON.
func TestMetricsAPI(t *testing.T) {
	c := testbed.StartCollectorWith(t, `
receivers:
  pushgateway:
    endpoint: ${env:PUSHGATEWAY_ENDPOINT}
    groups: {}
exporters: {nop: }
service: {pipelines: {metrics: {receivers: [pushgateway], exporters: [nop]}}}
`)
	p := startPushgateway(t)
	here := testbed.Get(t, http.DefaultClient, c.URL+"/pushgateway/api/v1/metrics")
	assert.JSONEq(t, testbed.Get(t, http.DefaultClient, p.URL+"/api/v1/metrics"), here)
	for _, mc := range metricsCases(t) {
		t.Run(mc.name, func(t *testing.T) {
			wipe(t, p)
			for _, job := range []string{"x/l/v/instance/i", "x", "x/l/v", "x/l/w", "y"} {
				protocolCase{request: bare("DELETE", "/metrics/job/"+job)}.ask(t, addressOf(c.URL))
			}
			for _, request := range mc.requests {
				there := protocolCase{request: request}.ask(t, addressOf(p.URL))
				assert.Equal(t, there.Status, protocolCase{request: request}.ask(t, addressOf(c.URL)).Status)
			}
			mc.compare(t, heldGroups(t, p.URL), heldGroups(t, c.URL))
		})
	}
}

func (mc metricsCase) compare(t *testing.T, there, here []any) {
	t.Helper()
	if mc.differs == "" {
		assert.Equal(t, there, here, "the Pushgateway (expected) and the receiver (actual) differ")
		return
	}
	assert.NotEqual(t, there, here, "that %s makes no difference", mc.differs)
	require.Len(t, here, 1)
	group := here[0].(map[string]any)
	delete(group, "push_time_seconds")
	delete(group, "push_failure_time_seconds")
	got, err := json.Marshal(group)
	require.NoError(t, err)
	assert.JSONEq(t, mc.here, string(got))
}

// heldGroups returns what a server holds without what differs from one push to the next: the times, of which is left whether there are
// any, and the words of the help of the push times. The order is not the Pushgateway's, which is by chance.
func heldGroups(t *testing.T, url string) []any {
	t.Helper()
	var answer struct {
		Status string
		Data   []any
	}
	require.NoError(t, json.Unmarshal([]byte(testbed.Get(t, http.DefaultClient, url+"/api/v1/metrics")), &answer))
	assert.Equal(t, "success", answer.Status)
	for _, group := range answer.Data {
		for name, member := range group.(map[string]any) {
			f, ok := member.(map[string]any)
			if _, isFamily := f["metrics"]; !ok || !isFamily {
				continue
			}
			assert.IsType(t, "", f["time_stamp"])
			delete(f, "time_stamp")
			if name == "push_time_seconds" || name == "push_failure_time_seconds" {
				assert.NotEmpty(t, f["help"])
				delete(f, "help")
				metric := f["metrics"].([]any)[0].(map[string]any)
				metric["value"] = metric["value"] != "0"
			}
		}
	}
	slices.SortFunc(answer.Data, func(x, y any) int { return cmp.Compare(asJSON(t, x), asJSON(t, y)) })
	return answer.Data
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}

// What the Pushgateway lets web pages of others read, and answers to HEAD, differs.
func TestMetricsAPIOverHTTP(t *testing.T) {
	c := testbed.StartCollectorWith(t, `
receivers:
  pushgateway:
    endpoint: ${env:PUSHGATEWAY_ENDPOINT}
    groups: {}
    cors: {allowed_origins: ["https://app.example"]}
exporters: {nop: }
service: {pipelines: {metrics: {receivers: [pushgateway], exporters: [nop]}}}
`)
	p := startPushgateway(t)
	for method, want := range map[string][2]int{
		"GET": {200, 200}, "HEAD": {405, 200}, "OPTIONS": {200, 404}, "POST": {405, 404}, "PUT": {405, 404}, "DELETE": {405, 404},
	} {
		for i, url := range []string{p.URL, c.URL} {
			req, err := http.NewRequest(method, url+"/api/v1/metrics", nil)
			require.NoError(t, err)
			req.Header.Set("Origin", "https://app.example")
			res, err := http.DefaultClient.Do(req)
			require.NoError(t, err)
			require.NoError(t, res.Body.Close())
			assert.Equal(t, want[i], res.StatusCode, "%s %s", method, url)
			if method == "GET" {
				assert.Equal(t, "application/json", res.Header.Get("Content-Type"))
				assert.Equal(t, []string{"*", ""}[i], res.Header.Get("Access-Control-Allow-Origin"))
			}
		}
	}
}
