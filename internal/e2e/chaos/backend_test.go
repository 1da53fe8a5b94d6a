package chaos

import (
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/url"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A backend is where pushes are to arrive.
type backend interface {
	// url is the endpoint of the exporter.
	url() string
	// trouble keeps it from working, and says what it did. heal ends that.
	trouble(t *testing.T, random *rand.Rand) string
	heal(t *testing.T)
	// arrived returns the values of all series of the job, as often as they arrived, and the series that nobody pushed.
	arrived(t *testing.T) (map[series][]float64, []string)
}

// realPrometheus is killed, and comes back with its data.
type realPrometheus struct {
	*testbed.Prometheus
	address, dir string
}

func startRealPrometheus(t *testing.T) backend {
	t.Helper()
	p := &realPrometheus{address: testbed.FreeAddress(t), dir: t.TempDir()}
	p.heal(t)
	return p
}

func (p *realPrometheus) url() string { return p.OTLPURL() }

func (p *realPrometheus) trouble(_ *testing.T, random *rand.Rand) string {
	p.Kill()
	time.Sleep(time.Duration(random.Int64N(int64(time.Second))))
	return "Prometheus killed"
}

func (p *realPrometheus) heal(t *testing.T) {
	t.Helper()
	p.Prometheus = testbed.StartPrometheusOutOfOrderAt(t, p.address, p.dir)
}

func (p *realPrometheus) arrived(t *testing.T) (found map[series][]float64, alien []string) {
	t.Helper()
	var data struct {
		Result []struct {
			Metric testbed.Labels
			Values [][2]json.RawMessage
		}
	}
	promQL := fmt.Sprintf(`{job=%q,__name__!="push_time_seconds"}[1h]`, job)
	p.Ask(t, "/api/v1/query?query="+url.QueryEscape(promQL), &data)
	found = map[series][]float64{}
	for _, r := range data.Result {
		delete(r.Metric, testbed.TypeLabel)
		s, ok := seriesOf(r.Metric)
		if !ok {
			alien = append(alien, testbed.SeriesName(r.Metric))
		}
		for _, v := range r.Values {
			var text string
			require.NoError(t, json.Unmarshal(v[1], &text))
			value, err := strconv.ParseFloat(text, 64)
			require.NoError(t, err)
			found[s] = append(found[s], value)
		}
	}
	return found, alien
}

// sink refuses, hangs, and cuts the connection when it has taken the metrics.
type sink struct {
	*testbed.OTLPSink

	mu    sync.Mutex
	found map[series][]float64
	alien []string
	// times are the points that came, by series and timestamp. duplicates are those that came again.
	times      map[string]bool
	duplicates int
}

var moods = map[testbed.Mood]string{
	testbed.Refuses: "sink refuses", testbed.Hangs: "sink hangs", testbed.Cuts: "sink cuts",
}

func startSink(t *testing.T) backend {
	t.Helper()
	s := &sink{found: map[series][]float64{}, times: map[string]bool{}}
	s.OTLPSink = testbed.StartOTLPSink(t, s.take)
	return s
}

func (s *sink) url() string { return s.URL }

func (s *sink) trouble(_ *testing.T, random *rand.Rand) string {
	mood := testbed.Refuses + testbed.Mood(random.IntN(len(moods)))
	s.SetMood(mood)
	time.Sleep(time.Duration(random.Int64N(int64(time.Second))))
	return moods[mood]
}

func (s *sink) heal(*testing.T) { s.SetMood(testbed.Accepts) }

func (s *sink) arrived(*testing.T) (found map[series][]float64, alien []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.found), s.alien
}

func (s *sink) countDuplicates() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.duplicates
}

func (s *sink) take(e testbed.Export) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, resource := range e.Metrics.ResourceMetrics().All() {
		group := testbed.Labels{}
		for name, value := range resource.Resource().Attributes().All() {
			group[map[string]string{"service.name": "job", "service.instance.id": "instance"}[name]] = value.AsString()
		}
		for _, scope := range resource.ScopeMetrics().All() {
			for _, m := range scope.Metrics().All() {
				if m.Name() != "push_time_seconds" {
					s.takeMetric(m, group)
				}
			}
		}
	}
}

// takeMetric expects gauges. Of other metrics it takes nothing, so they would be missing.
func (s *sink) takeMetric(m pmetric.Metric, group testbed.Labels) {
	if m.Type() != pmetric.MetricTypeGauge {
		return
	}
	for _, p := range m.Gauge().DataPoints().All() {
		l := group.With("__name__", m.Name())
		for name, value := range p.Attributes().All() {
			l[name] = value.AsString()
		}
		key, ok := seriesOf(l)
		if !ok {
			s.alien = append(s.alien, testbed.SeriesName(l))
		}
		s.found[key] = append(s.found[key], p.DoubleValue())
		point := fmt.Sprint(key, p.Timestamp())
		if s.times[point] {
			s.duplicates++
		}
		s.times[point] = true
	}
}
