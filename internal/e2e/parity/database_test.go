package parity

import (
	"maps"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A database is what a Prometheus has, by the names of the series.
type database map[string]series

// readDatabase asks a Prometheus for the latest samples of all its series.
func readDatabase(t *testing.T, p *testbed.Prometheus) database {
	t.Helper()
	var metadata map[string][]struct{ Help string }
	p.Ask(t, "/api/v1/metadata", &metadata)
	db := database{}
	for _, r := range p.Results(t, `{__name__=~".+"}`) {
		s := series{labels: r.Metric, value: r.Text(t), metricType: unknown, unit: r.Metric[testbed.UnitLabel]}
		if metricType := r.Metric[testbed.TypeLabel]; metricType != "" {
			s.metricType = metricType
		}
		maps.DeleteFunc(s.labels, func(name, _ string) bool { return name == testbed.TypeLabel || name == testbed.UnitLabel })
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
