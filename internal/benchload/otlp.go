package main

import (
	"time"

	"github.com/prometheus/common/model"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/benchload/dataset"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// The grouping key of all pushes, and the path that it stands in. The instance is another from push to push, as with jobs: the
// receiver takes the pushes of a group one after the other, and a thousand of them a second.
const (
	groupDigits  = 4
	anyGroup     = "/instance/0000"
	groupingPath = "job/bench" + anyGroup
	allGroups    = 10_000
	pushPath     = "/metrics/" + groupingPath
)

// scopeName is the scope that the receiver gives to metrics.
const scopeName = "github.com/otelcol-pushgateway/otelcol-pushgateway/pushgatewayreceiver"

// toOTLP returns the OTLP request with the metrics that the receiver, with its defaults, makes of a push.
func toOTLP(set dataset.Set) ([]byte, error) {
	metrics, err := toMetrics(set, groupingPath)
	if err != nil {
		return nil, err
	}
	return pmetricotlp.NewExportRequestFromMetrics(metrics).MarshalProto()
}

// toMetrics returns the metrics of a push to a group.
func toMetrics(set dataset.Set, groupingPath string) (pmetric.Metrics, error) {
	key, err := groupingkey.Parse(groupingPath, groupingkey.Options{NameValidation: model.UTF8Validation})
	if err != nil {
		return pmetric.Metrics{}, err
	}
	builder := translate.NewBuilder(key, translate.Options{PushTimeMetrics: true, ScopeName: scopeName}, nil)
	options := exposition.Options{Format: exposition.FormatOf(set.ContentType), NameValidation: model.UTF8Validation}
	if err := exposition.Decode(set.Body, options, builder); err != nil {
		return pmetric.Metrics{}, err
	}
	if err := builder.Check(); err != nil {
		return pmetric.Metrics{}, err
	}
	return builder.Metrics(time.Now()), nil
}
