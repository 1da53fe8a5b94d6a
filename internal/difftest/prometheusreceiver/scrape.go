package main

import (
	"context"
	"slices"
	"sync"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// scopeName is the scope of metrics whose page does not name one.
const scopeName = "github.com/open-telemetry/opentelemetry-collector-contrib/receiver/prometheusreceiver"

// A scrape is what the receiver made of one page.
type scrape struct {
	metrics  pmetric.Metrics
	job      string
	instance string // the address that was scraped
	time     pcommon.Timestamp
	up       bool   // the receiver took the page
	reason   string // why, if it did not
}

// scrapes collects the first scrape of each page.
type scrapes struct {
	mutex   sync.Mutex
	byJob   map[string]scrape
	missing int
	all     chan struct{} // closed when none is missing
}

func newScrapes(pages []page) *scrapes {
	return &scrapes{byJob: map[string]scrape{}, missing: len(pages), all: make(chan struct{})}
}

// consume is the receiver's consumer. It gets each scrape as a whole.
func (s *scrapes) consume(_ context.Context, metrics pmetric.Metrics) error {
	scraped, ok := findScrape(metrics)
	if !ok {
		return nil // a staleness marker at the end
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	if _, ok := s.byJob[scraped.job]; ok {
		return nil
	}
	s.byJob[scraped.job] = scraped
	if s.missing--; s.missing == 0 {
		close(s.all)
	}
	return nil
}

func (s *scrapes) wait(ctx context.Context) error {
	select {
	case <-s.all:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// findScrape finds the metric up, which the receiver adds to each scrape: it is of the target, even if the page has
// metrics of other jobs, and at the time of the scrape.
func findScrape(metrics pmetric.Metrics) (scrape, bool) {
	for _, resource := range metrics.ResourceMetrics().All() {
		for _, scope := range resource.ScopeMetrics().All() {
			for _, m := range scope.Metrics().All() {
				if m.Name() != "up" || m.Type() != pmetric.MetricTypeGauge {
					continue
				}
				up := m.Gauge().DataPoints().At(0)
				if up.Flags().NoRecordedValue() {
					continue
				}
				attributes := resource.Resource().Attributes()
				return scrape{
					metrics:  metrics,
					job:      text(attributes, "service.name"),
					instance: text(attributes, "service.instance.id"),
					time:     up.Timestamp(),
					up:       up.DoubleValue() == 1,
				}, true
			}
		}
	}
	return scrape{}, false
}

func text(attributes pcommon.Map, key string) string {
	value, _ := attributes.Get(key)
	return value.AsString()
}

// What every scrape adds: metrics about itself, and resource attributes of the target beside its job and instance.
var (
	reportNames = []string{
		"up", "scrape_duration_seconds", "scrape_samples_scraped", "scrape_samples_post_metric_relabeling", "scrape_series_added",
	}
	targetAttributes = []string{"server.address", "server.port", "url.scheme"}
)

// removeScrape removes what is in the metrics because they were scraped.
func removeScrape(metrics pmetric.Metrics) {
	metrics.ResourceMetrics().RemoveIf(func(resource pmetric.ResourceMetrics) bool {
		resource.Resource().Attributes().RemoveIf(func(key string, _ pcommon.Value) bool {
			return slices.Contains(targetAttributes, key)
		})
		resource.ScopeMetrics().RemoveIf(func(scope pmetric.ScopeMetrics) bool {
			scope.Metrics().RemoveIf(func(m pmetric.Metric) bool {
				return slices.Contains(reportNames, m.Name())
			})
			return scope.Metrics().Len() == 0
		})
		return resource.ScopeMetrics().Len() == 0
	})
}
