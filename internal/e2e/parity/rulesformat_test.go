package parity

import (
	"regexp"
	"strings"

	"github.com/prometheus/common/model"
)

// otlpRules are about what OTLP cannot express, or expresses in another way.
func otlpRules() []rule {
	return []rule{
		{
			id: "bounds", ways: both,
			why:      "OTLP has bounds and quantiles as numbers: le=\"1.0\" and le=\"1e+06\" are written le=\"1\" and le=\"1000000\"",
			concerns: func(s series) bool { return s.withBounds().name() != s.name() },
			becomes:  series.withBounds,
		},
		{
			id: "escaped names of grouping labels", ways: both,
			why:      "they are UTF-8 names to Prometheus 3; the Pushgateway knows them since 1.10, if a flag is set",
			concerns: func(s series) bool { return s.labels[escapedName] != "" },
			becomes: func(s series) series {
				return s.withLabels(func(name string) string { return model.UnescapeName(name, model.ValueEncodingEscaping) })
			},
		},
		{
			id: "StaleNaN", ways: both,
			why:      "it marks a series that has ended, and ends it; the Pushgateway's text makes an ordinary NaN of it",
			concerns: func(s series) bool { return s.metric() == staleMetric },
		},
		{
			id: "labels of the scope", ways: both,
			why:      "they become the scope, which the exporters drop as the examples have it; so do those of the path",
			concerns: func(s series) bool { return s.without(isScopeLabel).name() != s.name() },
			becomes:  func(s series) series { return s.without(isScopeLabel) },
		},
		{
			id: "target_info of resources", ways: []way{overOTLP},
			why:      "Prometheus makes one of resource attributes, which the grouping labels are",
			onlyHere: func(s series) bool { return s.metric() == targetInfo && s.value == "1" },
		},
		{
			id: "target_info has no type", ways: []way{overOTLP},
			why: "what was pushed as target_info becomes resource attributes, and those Prometheus' own target_info",
			equates: func(there, here series) series {
				if there.metric() == targetInfo && here.metricType == unknown {
					there.metricType = unknown
				}
				return there
			},
		},
		{
			id: "no target_info", ways: []way{overRemoteWrite},
			why:      "what was pushed as target_info becomes resource attributes, and the example sends none of those",
			concerns: func(s series) bool { return s.metric() == targetInfo },
		},
		{
			id: "untyped", ways: []way{overOTLP},
			why: "OTLP has no such type: the gauge says in its metadata that it is none, which Prometheus does not look at",
			equates: func(there, here series) series {
				if there.metricType == unknown && here.metricType == "gauge" {
					there.metricType = here.metricType
				}
				return there
			},
		},
		{
			id: "unit", ways: []way{overOTLP},
			why: "the Pushgateway passes on no units",
			equates: func(there, here series) series {
				if there.unit == "" {
					there.unit = here.unit
				}
				return there
			},
		},
	}
}

// backendRules are about the exporters and Prometheus.
func backendRules() []rule {
	return []rule{
		{
			id: "help", ways: both,
			why: "Prometheus keeps the help texts of scrapes only",
			equates: func(there, here series) series {
				if here.help == "" {
					there.help = ""
				}
				return there
			},
		},
		{
			id: "minus zero", ways: []way{overOTLP},
			why: "the text format of the Pushgateway writes it as 0, and so does remote write 1.0",
			equates: func(there, here series) series {
				if there.value == "0" && here.value == "-0" {
					there.value = here.value
				}
				return there
			},
		},
		{
			id: "names of labels", ways: []way{overRemoteWrite},
			why: "remote write 1.0 has no UTF-8 names, so the exporter writes underscores; of several it leaves one, and puts key " +
				"in front of a name that begins with one",
			concerns: func(s series) bool { return s.withLabels(underscored).name() != s.name() },
			becomes:  func(s series) series { return s.withLabels(underscored) },
		},
		{
			id: "zero threshold", ways: []way{overOTLP},
			why: "Prometheus takes 1e-128 for that of every native histogram that comes over OTLP",
			equates: func(there, here series) series {
				const taken = `[3,"-1e-128","1e-128",`
				if there.isNative() && strings.Contains(here.value, taken) {
					there.value = zeroBucket.ReplaceAllLiteralString(there.value, taken)
				}
				return there
			},
		},
	}
}

// zeroBucket is the beginning of one as the query API writes it; 3 says that both of its bounds are part of it.
var zeroBucket = regexp.MustCompile(`\[3,"[^"]*","[^"]*",`)

func isScopeLabel(name string) bool { return strings.HasPrefix(name, "otel_scope_") }

// underscored is the name of a label as the remote write exporter writes it.
func underscored(name string) string {
	name = unwritable.ReplaceAllString(name, "_")
	if strings.HasPrefix(name, "_") {
		name = "key" + name
	}
	return name
}

var unwritable = regexp.MustCompile(`[^a-zA-Z0-9]+`)
