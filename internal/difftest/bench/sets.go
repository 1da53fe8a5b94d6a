package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/benchload/dataset"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// A set is a body to decode.
type set struct {
	name   string
	format exposition.Format
	body   func() string
}

// dataSets are the bodies that the ways are compared with, each in all formats.
func dataSets() []set {
	var all []set
	for _, s := range []struct {
		name string
		text func() string
	}{
		{"2 samples", func() string { return dataset.TwoSamples }},
		{"node_exporter page", func() string { return dataset.NodeExporter }},
		{"500 histograms", func() string { return dataset.Histograms(500) }},
		{"10,000 series", func() string { return dataset.Series(10_000) }},
		{"100,000 series", func() string { return dataset.Series(100_000) }},
	} {
		all = append(all,
			set{s.name, exposition.Text, s.text},
			set{s.name, exposition.OpenMetrics, func() string { return openMetrics(s.text()) }},
			set{s.name, exposition.Protobuf, func() string { return dataset.Protobuf(s.text()) }})
	}
	return all
}

// growingSets are bodies of ever more series.
func growingSets() []set {
	var all []set
	for n := 100; n <= 1_000_000; n *= 10 {
		all = append(all, set{fmt.Sprintf("%d series", n), exposition.Text, func() string { return dataset.Series(n) }})
	}
	return all
}

// openMetrics returns a text in OpenMetrics, as expfmt writes it: a counter whose name does not end in _total becomes
// one of unknown type.
func openMetrics(text string) string {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		panic(err)
	}
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(families)) {
		if _, err := expfmt.MetricFamilyToOpenMetrics(&b, families[name]); err != nil {
			panic(err)
		}
	}
	if _, err := expfmt.FinalizeOpenMetrics(&b); err != nil {
		panic(err)
	}
	return b.String()
}
