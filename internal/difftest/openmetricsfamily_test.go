package difftest

import (
	"slices"
	"strings"

	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/model/textparse"
)

// A pageFamily is a metric family as the OpenMetrics specification has it: HELP, TYPE and UNIT lines of one name, and
// the samples behind them whose names are of that family.
type pageFamily struct {
	name    string // without _total
	before  *pageFamily
	entries []*entry
	samples []*entry
	heads   map[textparse.Entry]string // the texts of HELP, TYPE and UNIT
}

// sampleSuffixes are the endings of the samples' names for each type: see "Metric types" of the specification.
var sampleSuffixes = map[string][]string{
	"unknown":        {""},
	"gauge":          {""},
	"stateset":       {""},
	"info":           {"_info"},
	"counter":        {"_total", "_created"},
	"summary":        {"", "_sum", "_count", "_created"},
	"histogram":      {"_bucket", "_sum", "_count", "_created"},
	"gaugehistogram": {"_bucket", "_gsum", "_gcount"},
}

// makeFamilies puts the lines together: "The next MetricFamily MUST be signalled with either metadata or a new
// sample metric name which cannot be part of the previous MetricFamily."
func (p *page) makeFamilies() {
	var f *pageFamily
	for _, e := range p.entries {
		isSample := e.kind == textparse.EntrySeries
		switch {
		case f == nil, isSample && !f.has(e), !isSample && (e.name != f.name || len(f.samples) > 0):
			f = &pageFamily{name: e.name, before: f, heads: map[textparse.Entry]string{}}
			p.families = append(p.families, f)
		}
		e.family = f
		f.entries = append(f.entries, e)
		if isSample {
			f.samples = append(f.samples, e)
		} else {
			f.heads[e.kind] = e.text
		}
	}
}

func (f *pageFamily) typeName() string {
	if t := f.heads[textparse.EntryType]; t != "" {
		return t
	}
	return string(model.MetricTypeUnknown)
}

// has says whether a sample is of this family.
func (f *pageFamily) has(e *entry) bool {
	suffix, ok := strings.CutPrefix(e.name, f.name)
	return ok && slices.Contains(sampleSuffixes[f.typeName()], suffix)
}

// suffix is what the name of the sample adds to that of its family.
func (e *entry) suffix() string { return strings.TrimPrefix(e.name, e.family.name) }

// ownLabel is the label by which samples of one point differ; empty if the type has none.
func (f *pageFamily) ownLabel() string {
	switch f.typeName() {
	case "histogram":
		return model.BucketLabel
	case "summary":
		return model.QuantileLabel
	default:
		return ""
	}
}

// names are the names that samples of the family may have.
func (f *pageFamily) names() []string {
	var all []string
	for _, suffix := range sampleSuffixes[f.typeName()] {
		all = append(all, f.name+suffix)
	}
	return all
}

// point is what tells the points of a family apart.
func (e *entry) point() string {
	return e.family.name + labelsOf(without(e.labels, e.family.ownLabel()))
}

// lostMetadata returns the name of a family that has metadata apart from its samples, or nothing. Who accepts that
// forgets the metadata, because they must stand together.
func (p *page) lostMetadata() string {
	for _, f := range p.families {
		if len(f.samples) > 0 {
			continue
		}
		said := f.heads[textparse.EntryHelp]+f.heads[textparse.EntryUnit] != "" || f.typeName() != "unknown"
		for _, other := range p.families {
			if said && len(other.samples) > 0 && f.name == other.name && !f.isAnother(other) {
				return f.name
			}
		}
	}
	return ""
}

// isAnother says whether two families of the same name have other types, and so other samples.
func (f *pageFamily) isAnother(other *pageFamily) bool {
	if f.heads[textparse.EntryType] == "" || other.heads[textparse.EntryType] == "" {
		return false
	}
	return (f.typeName() == "counter") != (other.typeName() == "counter")
}
