package main

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/open-telemetry/opentelemetry-collector-contrib/receiver/prometheusreceiver"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/confmap"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/collector/receiver/receivertest"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"
)

// scrapeAll lets the receiver scrape each page once, all at the same time: it takes seconds to begin.
func scrapeAll(ctx context.Context, pages []page) (map[string]scrape, error) {
	server := servePages(pages)
	defer server.Close()
	core, logs := observer.New(zap.WarnLevel)
	s := newScrapes(pages)
	r, err := newReceiver(ctx, configuration(server.Listener.Addr().String(), pages), zap.New(core), s)
	if err != nil {
		return nil, err
	}
	if err := r.Start(ctx, componenttest.NewNopHost()); err != nil {
		return nil, err
	}
	err = s.wait(ctx)
	if shutdown := r.Shutdown(ctx); err == nil {
		err = shutdown
	}
	if err != nil {
		return nil, fmt.Errorf("cannot scrape: %w", err)
	}
	addReasons(s.byJob, logs.All())
	return s.byJob, nil
}

func newReceiver(ctx context.Context, config map[string]any, logger *zap.Logger, s *scrapes) (receiver.Metrics, error) {
	factory := prometheusreceiver.NewFactory()
	c := factory.CreateDefaultConfig()
	if err := confmap.NewFromStringMap(config).Unmarshal(c); err != nil {
		return nil, err
	}
	next, err := consumer.NewMetrics(s.consume, consumer.WithCapabilities(consumer.Capabilities{MutatesData: true}))
	if err != nil {
		return nil, err
	}
	settings := receivertest.NewNopSettings(factory.Type())
	settings.Logger = logger
	return factory.CreateMetrics(ctx, settings, c, next)
}

func configuration(address string, pages []page) map[string]any {
	jobs := make([]any, 0, len(pages))
	for _, p := range pages {
		jobs = append(jobs, map[string]any{
			"job_name":                 p.name,
			"metrics_path":             "/" + p.name,
			"scrape_protocols":         []any{p.format.protocol},
			"scrape_native_histograms": true,
			"honor_labels":             true,
			"scrape_interval":          "2s", // the first scrapes are spread over it
			"scrape_timeout":           "2s",
			"static_configs":           []any{map[string]any{"targets": []any{address}}},
		})
	}
	return map[string]any{
		"discovery_reload_on_startup": true,
		"config":                      map[string]any{"scrape_configs": jobs},
	}
}

// addReasons finds in the log why pages were rejected. The rest of the log, as that a series was dropped, is printed.
func addReasons(byJob map[string]scrape, logs []observer.LoggedEntry) {
	for _, entry := range logs {
		fields := entry.ContextMap()
		if entry.Message != "Failed to scrape Prometheus endpoint" {
			log.Println(entry.Message, fields)
			continue
		}
		labels, _ := fields["target_labels"].(string)
		reason, _ := fields["error"].(string)
		for job, s := range byJob {
			if !s.up && strings.Contains(labels, fmt.Sprintf("job=%q", job)) {
				s.reason = reason
				byJob[job] = s
			}
		}
	}
}
