// Package dataset has the bodies of pushes that speed is measured with.
//
// They are the same in every run, so that figures can be compared.
package dataset

import (
	"bytes"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// The values of Content-Type.
const (
	TextType     = "text/plain; version=0.0.4"
	ProtobufType = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
)

// A Set is the body of a push.
type Set struct {
	Name        string
	ContentType string // TextType or ProtobufType
	Body        string
}

// TwoSamples is what a shell script pushes: two samples, 147 bytes.
const TwoSamples = `# TYPE some_metric counter
some_metric{label="val1"} 42
# TYPE another_metric gauge
# HELP another_metric Just an example.
another_metric 2398.283
`

// NodeExporter is a page of the node_exporter.
//
//go:embed testdata/node_exporter.txt
var NodeExporter string

// sets are the data sets, the small ones first.
var sets = []struct {
	name        string
	contentType string
	body        func() string
}{
	{"2-samples", TextType, func() string { return TwoSamples }},
	{"node_exporter", TextType, func() string { return NodeExporter }},
	{"node_exporter-protobuf", ProtobufType, func() string { return Protobuf(NodeExporter) }},
	{"500-histograms", TextType, func() string { return Histograms(500) }},
	{"10000", TextType, func() string { return Series(10_000) }},
	{"100000", TextType, func() string { return Series(100_000) }},
}

// Names returns the names of the data sets.
func Names() []string {
	names := make([]string, len(sets))
	for i, s := range sets {
		names[i] = s.name
	}
	return names
}

// All returns all data sets. It makes them anew, so a caller should ask once.
func All() []Set { return Some(Names()) }

// Some returns the data sets with these names, in the order of Names.
func Some(names []string) []Set {
	var some []Set
	for _, s := range sets {
		if slices.Contains(names, s.name) {
			some = append(some, Set{Name: s.name, ContentType: s.contentType, Body: s.body()})
		}
	}
	return some
}

// Protobuf returns the families of a text as delimited protobuf messages, sorted by name. It panics if the text is not
// in the text format.
func Protobuf(text string) string {
	parser := expfmt.NewTextParser(model.UTF8Validation)
	byName, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		panic(fmt.Sprintf("cannot read text: %v", err))
	}
	families := make([]*dto.MetricFamily, 0, len(byName))
	for _, f := range byName {
		families = append(families, f)
	}
	slices.SortFunc(families, func(a, b *dto.MetricFamily) int { return strings.Compare(a.GetName(), b.GetName()) })
	var b bytes.Buffer
	encoder := expfmt.NewEncoder(&b, expfmt.NewFormat(expfmt.TypeProtoDelim))
	for _, f := range families {
		if err := encoder.Encode(f); err != nil {
			panic(fmt.Sprintf("cannot encode family %q: %v", f.GetName(), err))
		}
	}
	return b.String()
}
