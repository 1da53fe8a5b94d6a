package protocol

import (
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/prometheus/common/model"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A sink is where the collector's pipeline ends. It makes series of OTLP as exporters to Prometheus do.
type sink struct {
	url string

	mu sync.Mutex
	arrived
}

func startSink(t *testing.T) *sink {
	t.Helper()
	s := &sink{arrived: newArrived()}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		request := pmetricotlp.NewExportRequest()
		if err == nil {
			err = request.UnmarshalProto(body)
		}
		if err != nil {
			t.Errorf("cannot read what the collector sends: %v", err)
		}
		s.add(request.Metrics())
	}))
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// take returns what arrived since it was called last.
func (s *sink) take() arrived {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := s.arrived
	s.arrived = newArrived()
	return taken
}

// add adds the metrics of a push. Their scope is the receiver's own in all cases.
func (s *sink) add(metrics pmetric.Metrics) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, resource := range metrics.ResourceMetrics().All() {
		key := testbed.Labels{}
		for attribute, label := range map[string]string{"service.name": model.JobLabel, "service.instance.id": model.InstanceLabel} {
			if v, ok := resource.Resource().Attributes().Get(attribute); ok {
				key[label] = v.Str()
			}
		}
		for _, scope := range resource.ScopeMetrics().All() {
			for _, m := range scope.Metrics().All() {
				s.addMetric(m, key)
			}
		}
	}
}

func (a arrived) addMetric(m pmetric.Metric, key testbed.Labels) {
	name := m.Name()
	if v, ok := m.Metadata().Get("prometheus.type"); ok {
		a.addType(name, v.Str())
	}
	switch m.Type() {
	case pmetric.MetricTypeGauge:
		a.addNumbers(name, m.Gauge().DataPoints(), key)
	case pmetric.MetricTypeSum:
		a.addNumbers(name, m.Sum().DataPoints(), key)
	case pmetric.MetricTypeHistogram:
		for _, p := range m.Histogram().DataPoints().All() {
			a.addHistogram(name, p, labels(p.Attributes(), key))
		}
	case pmetric.MetricTypeSummary:
		for _, p := range m.Summary().DataPoints().All() {
			l := labels(p.Attributes(), key)
			for _, q := range p.QuantileValues().All() {
				a.addSample(name, l.With(model.QuantileLabel, testbed.FormatBound(q.Quantile())), q.Value())
			}
			a.addSample(name+"_sum", l, p.Sum())
			a.addSample(name+"_count", l, float64(p.Count()))
		}
	}
}

func (a arrived) addNumbers(name string, points pmetric.NumberDataPointSlice, key testbed.Labels) {
	for _, p := range points.All() {
		v := p.DoubleValue()
		if p.ValueType() == pmetric.NumberDataPointValueTypeInt {
			v = float64(p.IntValue())
		}
		a.addSample(name, labels(p.Attributes(), key), v)
	}
}

// addHistogram adds the buckets, which in OTLP do not include those below them.
func (a arrived) addHistogram(name string, p pmetric.HistogramDataPoint, l testbed.Labels) {
	count := uint64(0)
	for i, n := range p.BucketCounts().All() {
		count += n
		bound := math.Inf(1)
		if i < p.ExplicitBounds().Len() {
			bound = p.ExplicitBounds().At(i)
		}
		a.addSample(name+"_bucket", l.With(model.BucketLabel, testbed.FormatBound(bound)), float64(count))
	}
	a.addSample(name+"_sum", l, p.Sum())
	a.addSample(name+"_count", l, float64(p.Count()))
}

func (a arrived) addSample(name string, l testbed.Labels, v float64) {
	a.add(testbed.SeriesName(l.With(model.MetricNameLabel, name)), testbed.FormatValue(v))
}

func labels(attributes pcommon.Map, key testbed.Labels) testbed.Labels {
	l := key.With()
	for name, value := range attributes.All() {
		l[name] = value.Str()
	}
	return l
}
