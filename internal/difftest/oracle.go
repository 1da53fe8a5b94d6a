// Package difftest compares our decoders with those of the field, input by input: expfmt for the text format,
// client_model for protobuf, and Prometheus' textparse for OpenMetrics.
//
// What is not a test here are the oracles that deliver points to an exposition.Sink, as our own decoders do. Benchmarks
// use them too.
package difftest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/proto"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// DecodeText decodes the text format as the Pushgateway does, by expfmt, and delivers what that makes of it. The
// families come in the order of their names, because expfmt forgets that of the input.
func DecodeText(body string, names model.ValidationScheme, sink exposition.Sink) error {
	parser := expfmt.NewTextParser(names)
	byName, err := parser.TextToMetricFamilies(strings.NewReader(body))
	if err != nil {
		return &exposition.SyntaxError{Format: exposition.Text, Err: err}
	}
	families := make([]*dto.MetricFamily, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		families = append(families, byName[name])
	}
	return WalkFamilies(families, names, sink)
}

// DecodeProtobuf decodes delimited io.prometheus.client.MetricFamily messages as the Pushgateway does, and delivers
// what they say. A family may come more than once.
func DecodeProtobuf(body string, names model.ValidationScheme, sink exposition.Sink) error {
	families, err := readFamilies(body)
	if err != nil {
		return &exposition.SyntaxError{Format: exposition.Protobuf, Err: err}
	}
	for _, family := range families {
		setImplied(family)
	}
	err = WalkFamilies(families, names, sink)
	if syntaxError := (*exposition.SyntaxError)(nil); errors.As(err, &syntaxError) {
		syntaxError.Format = exposition.Protobuf
	}
	return err
}

func readFamilies(body string) ([]*dto.MetricFamily, error) {
	var families []*dto.MetricFamily
	for r := strings.NewReader(body); r.Len() > 0; {
		family := &dto.MetricFamily{}
		// No message is longer than what is left of the body, so that a false length costs no memory.
		options := protodelim.UnmarshalOptions{MaxSize: int64(r.Len())}
		if err := options.UnmarshalFrom(r, family); err != nil {
			return nil, fmt.Errorf("family %d: %w", len(families)+1, err)
		}
		families = append(families, family)
	}
	return families, nil
}

// setImplied sets counts and sums that are absent to 0: a writer of protobuf may leave a zero out. For a text body an
// absent one means something else, that the line is missing.
func setImplied(family *dto.MetricFamily) {
	for _, m := range family.GetMetric() {
		if s := m.Summary; s != nil && s.SampleCount == nil {
			s.SampleCount = proto.Uint64(0)
		}
		h := m.Histogram
		if h == nil {
			continue
		}
		if h.SampleSum == nil {
			h.SampleSum = proto.Float64(0)
		}
		if h.SampleCount == nil && h.SampleCountFloat == nil && !hasInfBucket(h) {
			h.SampleCount = proto.Uint64(0)
		}
	}
}
