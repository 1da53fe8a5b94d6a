package e2e

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
	"github.com/prometheus/common/expfmt"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A pushCase is a push and all that Prometheus must have of it, save what every push brings: push_time_seconds, and
// over OTLP target_info.
type pushCase struct {
	name   string
	push   pushFunc
	groups []testbed.Labels // all of one job, which no other case has
	want   testbed.Series
	types  testbed.Types // by metric family
}

// textBody has every type, labels that the grouping key replaces, and what is written in more than one way.
const textBody = `# HELP text_requests_total Requests "so far".
# TYPE text_requests_total counter
text_requests_total{code="200",zone="body"} 42
text_requests_total{code="500",zone="body"} 1e3
# TYPE text_temperature gauge
# HELP text_temperature A gauge with help.
text_temperature -2398.283
text_untyped{label="Zürich \"\\\n",job="body"} 0.5
# TYPE text_latency histogram
text_latency_bucket{le="0.1"} 1
text_latency_bucket{le="1e6"} 3
text_latency_bucket{le="+Inf"} 4
text_latency_sum 7.5
text_latency_count 4
# TYPE text_size summary
text_size{quantile="0.5"} 12
text_size{quantile="0.99"} NaN
text_size_sum 24
text_size_count 2
`

var textTypes = testbed.Types{
	"text_requests_total": "counter", "text_temperature": "gauge", "text_untyped": "unknown", "text_latency": "histogram", "text_size": "summary",
}

// textSeries is what textBody becomes in the group of a job and a zone.
func textSeries(job, zone string) testbed.Series {
	own := `job="` + job + `"`
	end := `,zone="` + zone + `"}`
	return testbed.Series{
		`text_requests_total{code="200",` + own + end:          "42",
		`text_requests_total{code="500",` + own + end:          "1000",
		`text_temperature{` + own + end:                        "-2398.283",
		`text_untyped{` + own + `,label="Zürich \"\\\n"` + end: "0.5",
		`text_latency_bucket{` + own + `,le="0.1"` + end:       "1",
		`text_latency_bucket{` + own + `,le="1000000"` + end:   "3",
		`text_latency_bucket{` + own + `,le="+Inf"` + end:      "4",
		`text_latency_sum{` + own + end:                        "7.5",
		`text_latency_count{` + own + end:                      "4",
		`text_size{` + own + `,quantile="0.5"` + end:           "12",
		`text_size{` + own + `,quantile="0.99"` + end:          "NaN",
		`text_size_sum{` + own + end:                           "24",
		`text_size_count{` + own + end:                         "2",
	}
}

func curlCases() []pushCase {
	return []pushCase{
		{
			name:   "curl with text, and labels of the path win over those of the body",
			push:   byCurl("/metrics/job/curl_text/zone/path", textBody),
			groups: []testbed.Labels{{"job": "curl_text", "zone": "path"}},
			want:   textSeries("curl_text", "path"),
			types:  textTypes,
		},
		{
			name:   "curl with PUT and gzip under the path prefix",
			push:   byCurl("/pushgateway/metrics/job/curl_gzip/zone/path", testbed.Gzipped(textBody), "-X", "PUT", "-H", "Content-Encoding: gzip"),
			groups: []testbed.Labels{{"job": "curl_gzip", "zone": "path"}},
			want:   textSeries("curl_gzip", "path"),
			types:  textTypes,
		},
		{
			name:   "instance in the path",
			push:   byCurl("/metrics/job/with_instance/instance/host:1", "m{instance=\"body\"} 1\n"),
			groups: []testbed.Labels{{"job": "with_instance", "instance": "host:1"}},
			want:   testbed.Series{`m{instance="host:1",job="with_instance"}`: "1"},
			types:  testbed.Types{"m": "unknown"},
		},
		{
			name:   "instance in the body alone",
			push:   byCurl("/metrics/job/body_instance", "m{instance=\"body\"} 1\n"),
			groups: []testbed.Labels{{"job": "body_instance"}},
			want:   testbed.Series{`m{instance="body",job="body_instance"}`: "1"},
			types:  testbed.Types{"m": "unknown"},
		},
		{
			name:   "grouping values in base64, with %2F, in UTF-8, with a plus sign, and empty",
			push:   byCurl("/metrics/job@base64/YS9i/base@base64/L3Zhci90bXA=/slash/%2Fvar%2Ftmp/utf8/Z%C3%BCrich/plus/a+b/empty@base64/=", "m 1\n"),
			groups: []testbed.Labels{{"job": "a/b", "base": "/var/tmp", "slash": "/var/tmp", "utf8": "Zürich", "plus": "a+b"}},
			want:   testbed.Series{`m{base="/var/tmp",job="a/b",plus="a+b",slash="/var/tmp",utf8="Zürich"}`: "1"},
			types:  testbed.Types{"m": "unknown"},
		},
		{
			name: "two groups that differ in one grouping label stay two series",
			push: inTurn(byCurl("/metrics/job/two_groups/shard/a", "# TYPE m gauge\nm 1\n"),
				byCurl("/metrics/job/two_groups/shard/b", "# TYPE m gauge\nm 2\n")),
			groups: []testbed.Labels{{"job": "two_groups", "shard": "a"}, {"job": "two_groups", "shard": "b"}},
			want:   testbed.Series{`m{job="two_groups",shard="a"}`: "1", `m{job="two_groups",shard="b"}`: "2"},
			types:  testbed.Types{"m": "gauge"},
		},
		{
			name:   "a push without metrics",
			push:   byCurl("/metrics/job/no_metrics/l/v", ""),
			groups: []testbed.Labels{{"job": "no_metrics", "l": "v"}},
			want:   testbed.Series{},
		},
	}
}

// nameCases have names that the remote write exporter rewrites: version 1 of that protocol has no UTF-8 names, and
// labels with leading or doubled underscores are rewritten too, unless the feature gate
// pkg.translator.prometheus.PermissiveLabelSanitization is on.
func nameCases() []pushCase {
	return []pushCase{
		{
			name:   "names with underscores stay as they are",
			push:   byCurl("/metrics/job/underscores/_key__label/v", "_a__b{_l__l=\"1\",a__b=\"2\"} 1\n"),
			groups: []testbed.Labels{{"job": "underscores", "_key__label": "v"}},
			want:   testbed.Series{`_a__b{_key__label="v",_l__l="1",a__b="2",job="underscores"}`: "1"},
			types:  testbed.Types{"_a__b": "unknown"},
		},
		{
			name:   "names in UTF-8 stay as they are",
			push:   byCurl("/metrics/job/utf8_names/U__key_2e_label/v", "# TYPE \"metric.name\" counter\n{\"metric.name\",\"häuser\"=\"1\"} 1\n"),
			groups: []testbed.Labels{{"job": "utf8_names", "key.label": "v"}},
			want:   testbed.Series{`metric.name{häuser="1",job="utf8_names",key.label="v"}`: "1"},
			types:  testbed.Types{"metric.name": "counter"},
		},
	}
}

func clientCases() []pushCase {
	return []pushCase{
		{
			name:   "client_golang Push, which sends protobuf",
			push:   byClient("go_protobuf", classic(), func(p *push.Pusher) error { return p.Grouping("zone", "x/y").Push() }),
			groups: []testbed.Labels{{"job": "go_protobuf", "zone": "x/y"}},
			want:   classicSeries("go_protobuf", "x/y"),
			types:  classicTypes,
		},
		{
			name: "client_golang with text",
			push: byClient("go_text", classic(), func(p *push.Pusher) error {
				return p.Grouping("zone", "z").Format(expfmt.NewFormat(expfmt.TypeTextPlain)).Push()
			}),
			groups: []testbed.Labels{{"job": "go_text", "zone": "z"}},
			want:   classicSeries("go_text", "z"),
			types:  classicTypes,
		},
		{
			name:   "client_golang with gzip",
			push:   byClient("go_gzip", classic(), func(p *push.Pusher) error { return p.Grouping("zone", "z").Client(gzipClient{}).Push() }),
			groups: []testbed.Labels{{"job": "go_gzip", "zone": "z"}},
			want:   classicSeries("go_gzip", "z"),
			types:  classicTypes,
		},
		{
			name: "client_golang Add after Push",
			push: inTurn(byClient("go_add", gauge("go_first", 1), func(p *push.Pusher) error { return p.Push() }),
				byClient("go_add", gauge("go_second", 2), func(p *push.Pusher) error { return p.Add() })),
			groups: []testbed.Labels{{"job": "go_add"}},
			want:   testbed.Series{`go_first{job="go_add"}`: "1", `go_second{job="go_add"}`: "2"},
			types:  testbed.Types{"go_first": "gauge", "go_second": "gauge"},
		},
		{
			name:   "client_golang with a native histogram, which wins over its classic buckets",
			push:   byClient("go_native", native(), func(p *push.Pusher) error { return p.Grouping("zone", "z").Push() }),
			groups: []testbed.Labels{{"job": "go_native", "zone": "z"}},
			want: testbed.Series{`go_native{job="go_native",zone="z"}`: `{"count":"4","sum":"9.5","buckets":` +
				`[[0,"0.5","1","1"],[0,"1","2","1"],[0,"2","4","2"]]}`},
			types: testbed.Types{"go_native": "histogram"},
		},
	}
}

func gauge(name string, v float64) []prometheus.Collector {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name})
	g.Set(v)
	return []prometheus.Collector{g}
}

// classic has one metric of each kind that all formats can express.
func classic() []prometheus.Collector {
	c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "go_requests_total", Help: "Requests."}, []string{"code"})
	c.WithLabelValues("200").Add(7)
	c.WithLabelValues("500").Inc()
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "go_temperature", Help: "Now."})
	g.Set(36.6)
	u := prometheus.NewUntypedFunc(prometheus.UntypedOpts{Name: "go_untyped"}, func() float64 { return 3 })
	h := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "go_latency", Buckets: []float64{0.5, 10}})
	s := prometheus.NewSummary(prometheus.SummaryOpts{Name: "go_size", Objectives: map[float64]float64{0.5: 0.05}})
	for _, v := range []float64{0.25, 1, 100} {
		h.Observe(v)
		s.Observe(v)
	}
	return []prometheus.Collector{c, g, u, h, s}
}

var classicTypes = testbed.Types{
	"go_requests_total": "counter", "go_temperature": "gauge", "go_untyped": "unknown", "go_latency": "histogram", "go_size": "summary",
}

func classicSeries(job, zone string) testbed.Series {
	own := `job="` + job + `"`
	end := `,zone="` + zone + `"}`
	return testbed.Series{
		`go_requests_total{code="200",` + own + end:     "7",
		`go_requests_total{code="500",` + own + end:     "1",
		`go_temperature{` + own + end:                   "36.6",
		`go_untyped{` + own + end:                       "3",
		`go_latency_bucket{` + own + `,le="0.5"` + end:  "1",
		`go_latency_bucket{` + own + `,le="10"` + end:   "2",
		`go_latency_bucket{` + own + `,le="+Inf"` + end: "3",
		`go_latency_sum{` + own + end:                   "101.25",
		`go_latency_count{` + own + end:                 "3",
		`go_size{` + own + `,quantile="0.5"` + end:      "1",
		`go_size_sum{` + own + end:                      "101.25",
		`go_size_count{` + own + end:                    "3",
	}
}

// native has a histogram whose buckets are powers of two.
func native() []prometheus.Collector {
	h := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "go_native", Buckets: []float64{1, 10}, NativeHistogramBucketFactor: 2,
	})
	for _, v := range []float64{1, 1.5, 3, 4} {
		h.Observe(v)
	}
	return []prometheus.Collector{h}
}
