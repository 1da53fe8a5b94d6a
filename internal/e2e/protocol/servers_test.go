package protocol

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A receiver is one of those that run in the collector under test.
type receiver string

const (
	// withDefaults is what a user gets who configures nothing.
	withDefaults receiver = ""
	// withLimit takes bodies of smallLimit bytes at most.
	withLimit receiver = "limit"
	// lenient takes text bodies that the Pushgateway refuses.
	lenient receiver = "lenient"
	// withPassword wants a user and a password.
	withPassword receiver = "password"
	// closest has the settings that are closest to the Pushgateway.
	closest receiver = "closest"
)

const smallLimit = 64 << 10

// servers are the two whose answers are compared. What they took is forgotten before each request.
type servers struct {
	addresses   map[receiver]string
	sink        *sink
	pushgateway *testbed.Pushgateway
}

func startServers(t *testing.T) *servers {
	t.Helper()
	s := &servers{addresses: map[receiver]string{}, sink: startSink(t), pushgateway: startPushgateway(t)}
	for _, r := range []receiver{withLimit, lenient, withPassword, closest} {
		s.addresses[r] = testbed.FreeAddress(t)
	}
	escapedHash := strings.ReplaceAll(testbed.PasswordHash(t, password), "$", "$$") // a single one begins a variable
	c := testbed.StartCollectorWith(t, fmt.Sprintf(`
extensions:
  basicauth/server:
    htpasswd:
      inline: %s
receivers:
  pushgateway:
    endpoint: ${env:PUSHGATEWAY_ENDPOINT}
  pushgateway/limit:
    endpoint: %s
    max_request_body_size: %d
  pushgateway/lenient:
    endpoint: %s
    lenient: true
  pushgateway/password:
    endpoint: %s
    auth:
      authenticator: basicauth/server
  pushgateway/closest:
    endpoint: %s
    timestamps: reject
    name_validation: legacy
    on_delete: accept
exporters:
  otlp_http:
    endpoint: %s
    compression: none
    sending_queue: {enabled: false}
    retry_on_failure: {enabled: false}
service:
  extensions: [basicauth/server]
  pipelines:
    metrics:
      receivers: [pushgateway, pushgateway/limit, pushgateway/lenient, pushgateway/password, pushgateway/closest]
      exporters: [otlp_http]
`, user+":"+escapedHash, s.addresses[withLimit], smallLimit, s.addresses[lenient], s.addresses[withPassword], s.addresses[closest], s.sink.url))
	s.addresses[withDefaults] = addressOf(c.URL)
	return s
}

// startPushgateway runs one that forgets everything when it is told to, and when it ends.
func startPushgateway(t *testing.T) *testbed.Pushgateway {
	t.Helper()
	return testbed.StartPushgateway(t, "--web.enable-admin-api")
}

func addressOf(url string) string { return url[strings.LastIndexAny(url, "/@")+1:] }

func (s *servers) askCollector(t *testing.T, c protocolCase) outcome {
	t.Helper()
	address := s.addresses[c.to]
	for _, earlier := range c.before {
		requireTaken(t, address, earlier)
	}
	s.sink.take()
	o := c.ask(t, address)
	o.arrived = s.sink.take()
	return o
}

func (s *servers) askPushgateway(t *testing.T, c protocolCase) outcome {
	t.Helper()
	p := s.pushgateway
	switch {
	case c.to == withPassword:
		p = startGuardedPushgateway(t)
	case c.breaks:
		p = startPushgateway(t)
	default:
		wipe(t, p)
	}
	address := addressOf(p.URL)
	before := newArrived()
	for _, earlier := range c.before {
		requireTaken(t, address, earlier)
		before = page(t, p)
	}
	o := c.ask(t, address)
	o.arrived = page(t, p).without(before)
	return o
}

func requireTaken(t *testing.T, address, request string) {
	t.Helper()
	o := protocolCase{request: request}.ask(t, address)
	require.Equal(t, http.StatusOK, o.Status, o.body)
}

// wipe makes the Pushgateway forget its groups. It does so before the next push, for both go through one queue.
func wipe(t *testing.T, p *testbed.Pushgateway) {
	t.Helper()
	o := protocolCase{request: bare("PUT", "/api/v1/admin/wipe")}.ask(t, addressOf(p.URL))
	require.Equal(t, http.StatusAccepted, o.Status, o.body)
}

// unreadable stands for the series of a page that is no text format.
const unreadable = "unreadable"

// page returns the pushed series that the Pushgateway shows: those with a job.
func page(t *testing.T, p *testbed.Pushgateway) arrived {
	t.Helper()
	res, err := http.Get(p.URL + "/metrics")
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(string(text)))
	a := newArrived()
	if err != nil || res.StatusCode != http.StatusOK {
		a.Series[unreadable] = ""
		return a
	}
	for name, value := range testbed.SeriesOf(t, string(text), nil) {
		if jobLabel.MatchString(name) {
			a.add(name, value)
		}
	}
	for name, family := range families {
		if slices.ContainsFunc(family.Metric, hasJob) {
			a.addType(name, strings.ToLower(family.GetType().String()))
		}
	}
	return a
}

// jobLabel tells the series of groups from those of the Pushgateway itself.
var jobLabel = regexp.MustCompile(`[{,]job="`)

func hasJob(m *dto.Metric) bool {
	return slices.ContainsFunc(m.Label, func(l *dto.LabelPair) bool { return l.GetName() == model.JobLabel })
}
