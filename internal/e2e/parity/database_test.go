package parity

import (
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// The labels that Prometheus makes of metadata with the feature type-and-unit-labels.
const (
	typeLabel = "__type__"
	unitLabel = "__unit__"
)

// A database is what a Prometheus has, by the names of the series.
type database map[string]series

// readDatabase asks a Prometheus for the latest samples of all its series.
func readDatabase(t *testing.T, p *testbed.Prometheus) database {
	t.Helper()
	var found struct{ Result []result }
	ask(t, p, "/api/v1/query?query="+url.QueryEscape(`{__name__=~".+"}`), &found)
	var metadata map[string][]struct{ Help string }
	ask(t, p, "/api/v1/metadata", &metadata)
	db := database{}
	for _, r := range found.Result {
		s := series{labels: r.Metric, value: r.value(t), metricType: unknown, unit: r.Metric[unitLabel]}
		if metricType := r.Metric[typeLabel]; metricType != "" {
			s.metricType = metricType
		}
		maps.DeleteFunc(s.labels, func(name, _ string) bool { return name == typeLabel || name == unitLabel })
		for _, family := range s.families() {
			for _, m := range metadata[family] {
				s.help = m.Help
			}
		}
		require.NotContains(t, db, s.name(), "the series is there twice, with different types or units")
		db[s.name()] = s
	}
	return db
}

// setTypes sets the types of the series to those that were sent for their jobs.
func (db database) setTypes(byJob map[string]testbed.Types) {
	for name, s := range db {
		s.metricType = "none"
		for _, family := range s.families() {
			if metricType := byJob[s.job()][family]; metricType != "" {
				s.metricType = metricType
			}
		}
		db[name] = s
	}
}

// groups counts the groups, which have a time each.
func (db database) groups() int {
	n := 0
	for _, s := range db {
		if s.metric() == pushTime {
			n++
		}
	}
	return n
}

// A result is a series as the query API has it. Value and Histogram are a time and a value each, and one of them is
// there.
type result struct {
	Metric    map[string]string
	Value     [2]json.RawMessage
	Histogram [2]json.RawMessage
}

func (r result) value(t *testing.T) string {
	t.Helper()
	if histogram := r.Histogram[1]; histogram != nil {
		return string(histogram)
	}
	var value string
	require.NoError(t, json.Unmarshal(r.Value[1], &value))
	return value
}

// ask asks Prometheus' API.
func ask(t *testing.T, p *testbed.Prometheus, path string, data any) {
	t.Helper()
	res, err := http.Get(p.URL + path)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	answer := struct {
		Status, Error string
		Data          any
	}{Data: data}
	require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
	require.Equal(t, "success", answer.Status, answer.Error)
}
