package pushgatewayreceiver

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
)

func TestTheContentTypeSaysTheFormat(t *testing.T) {
	const openMetrics = "# TYPE a counter\na_total 5\na_created 1700000000.5\n# EOF\n"
	sink := new(consumertest.MetricsSink)
	r := start(t, sink, noPushTime)
	push := func(contentType, body string) answered {
		return r.do(t, http.MethodPut, "/metrics/job/x", body, "Content-Type", contentType)
	}
	for _, contentType := range []string{"application/openmetrics-text; version=1.0.0; charset=utf-8", "Application/OpenMetrics-Text"} {
		sink.Reset()
		assert.Equal(t, http.StatusOK, push(contentType, openMetrics).StatusCode)
		require.Equal(t, []string{"x/a_total"}, names(sink))
		m := sink.AllMetrics()[0].ResourceMetrics().At(0).ScopeMetrics().At(0).Metrics().At(0)
		assert.EqualValues(t, 1_700_000_000_500_000_000, m.Sum().DataPoints().At(0).StartTimestamp())
	}
	cut := push("application/openmetrics-text", "a 1\n")
	assert.Equal(t, http.StatusBadRequest, cut.StatusCode)
	assert.Equal(t, "cannot decode openmetrics in line 2: the body does not end with # EOF: part of it may be missing\n", cut.body)

	sink.Reset()
	assert.Equal(t, http.StatusOK, push("text/plain", "# TYPE a counter\na_total 5\n").StatusCode)
	assert.Equal(t, []string{"x/a_total"}, names(sink), "as text this is another metric, of unknown type")
}

func TestLenient(t *testing.T) {
	const windows = "# TYPE a counter\r\na 5\r\n"
	const cut = "# TYPE a counter\na 5"
	sink := new(consumertest.MetricsSink)
	strict, lenient := start(t, sink, noPushTime), start(t, sink, func(c *Config) {
		noPushTime(c)
		c.Settings.Lenient = true
	})
	a := strict.do(t, http.MethodPost, "/metrics/job/x", windows)
	assert.Equal(t, http.StatusBadRequest, a.StatusCode)
	assert.Contains(t, a.body, "in line 1: the line ends in CR LF; end lines with LF alone, or set lenient: true")
	a = strict.do(t, http.MethodPost, "/metrics/job/x", cut)
	assert.Equal(t, http.StatusBadRequest, a.StatusCode)
	assert.Contains(t, a.body, "in line 2: the last line has no newline; end the body with one")
	require.Empty(t, sink.AllMetrics())
	for _, body := range []string{windows, cut} {
		sink.Reset()
		a = lenient.do(t, http.MethodPost, "/metrics/job/x", body)
		assert.Equal(t, http.StatusOK, a.StatusCode, a.body)
		assert.Equal(t, []string{"x/a"}, names(sink))
	}
}
