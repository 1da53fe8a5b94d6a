package main

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/difftest"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// A route makes pmetric.Metrics, in one of the ways that are compared.
type route struct {
	name string
	run  func() pmetric.Metrics
}

// The names of the ways.
const (
	oursName   = "ours"
	floorName  = "floor"
	otlpName   = "OTLP"
	expfmtName = "expfmt"
)

// received is the receive time of every push.
var received = time.Unix(1_700_000_000, 0)

var key = groupingkey.Key{Job: "bench"}

// options are the receiver's defaults.
var options = translate.Options{PushTimeMetrics: true, ScopeName: "bench"}

func ours(body string, format exposition.Format) pmetric.Metrics {
	return build(func(sink exposition.Sink) error {
		return exposition.Decode(body, exposition.Options{Format: format, NameValidation: model.UTF8Validation}, sink)
	})
}

// tree is the way through expfmt's tree to the same pdata.
func tree(body string, format exposition.Format) pmetric.Metrics {
	return build(func(sink exposition.Sink) error {
		if format == exposition.Protobuf {
			return difftest.DecodeProtobuf(body, model.UTF8Validation, sink)
		}
		return difftest.DecodeText(body, model.UTF8Validation, sink)
	})
}

func build(decode func(exposition.Sink) error) pmetric.Metrics {
	b := translate.NewBuilder(key, options, nil)
	if err := decode(b); err != nil {
		panic(fmt.Sprintf("the data set is refused: %v", err))
	}
	if err := b.Check(); err != nil {
		panic(err)
	}
	return b.Metrics(received)
}

// routes returns the ways to the metrics that body stands for, ours first.
func routes(body string, format exposition.Format) ([]route, error) {
	metrics := ours(body, format)
	otlp, err := (&pmetric.ProtoMarshaler{}).MarshalMetrics(metrics)
	if err != nil {
		return nil, err
	}
	ready := newFloor(metrics)
	all := []route{
		{oursName, func() pmetric.Metrics { return ours(body, format) }},
		{floorName, ready.build},
		{otlpName, func() pmetric.Metrics {
			metrics, err := (&pmetric.ProtoUnmarshaler{}).UnmarshalMetrics(otlp)
			if err != nil {
				panic(err)
			}
			return metrics
		}},
	}
	if format != exposition.OpenMetrics { // expfmt does not read it
		all = append(all, route{expfmtName, func() pmetric.Metrics { return tree(body, format) }})
	}
	return all, nil
}
