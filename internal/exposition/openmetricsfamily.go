package exposition

import (
	"strings"
)

// metadata reads what stands behind a "#".
func (d *openMetricsDecoder) metadata() error {
	d.prefix = ""
	if !d.take(' ') {
		return unexpected(&d.scanner, "a space behind #")
	}
	keyword := d.token()
	if keyword == "EOF" && d.take('\n') {
		d.ended = true
		return nil
	}
	if keyword != "TYPE" && keyword != "UNIT" && keyword != "HELP" {
		return Errorf("expected TYPE, UNIT, HELP or EOF behind #, got %s; there are no comments in OpenMetrics", Quote(keyword))
	}
	if !d.take(' ') {
		return unexpected(&d.scanner, "one space behind "+Literal(keyword))
	}
	word := d.peek() != '"'
	name, err := d.name(metricWord)
	if err != nil {
		return err
	}
	if name == "" {
		return unexpected(&d.scanner, "a metric name")
	}
	if !d.take(' ') {
		return unexpected(&d.scanner, "one space behind the metric name")
	}
	text := d.rest()
	d.pos++
	if d.family == nil || d.family.base != name || d.samples {
		if err := d.beginFamily(name, word); err != nil {
			return err
		}
	}
	switch keyword {
	case "TYPE":
		return d.typeOf(text)
	case "UNIT":
		return d.unit(text)
	default:
		return d.help(text)
	}
}

// openMetricsTypes are the types of OpenMetrics.
var openMetricsTypes = func() map[string]Type {
	types := map[string]Type{}
	for t, name := range typeNames {
		types[name] = Type(t)
	}
	return types
}()

func (d *openMetricsDecoder) typeOf(text string) error {
	f := d.family
	if f.hasType {
		return Errorf("a second TYPE for metric %s", Quote(f.base))
	}
	t, ok := openMetricsTypes[text]
	if !ok {
		return Errorf("unknown metric type %s", Quote(text))
	}
	f.Type, f.hasType = t, true
	return nil
}

func (d *openMetricsDecoder) unit(text string) error {
	f := d.family
	if f.hasUnit {
		return Errorf("a second UNIT for metric %s", Quote(f.base))
	}
	if text != "" && !strings.HasSuffix(f.base, "_"+text) {
		return Errorf("metric %s does not end in _%s, its unit", Quote(f.base), printable(cut(text, maxReason)))
	}
	d.families.setUnit(f, text)
	return nil
}

func (d *openMetricsDecoder) help(text string) error {
	if d.family.hasHelp {
		return Errorf("a second HELP for metric %s", Quote(d.family.base))
	}
	text, err := d.helpText(text)
	if err != nil {
		return err
	}
	d.families.setHelp(d.family, text)
	return nil
}

// beginFamily ends the family before.
func (d *openMetricsDecoder) beginFamily(name string, word bool) error {
	if err := d.endFamily(); err != nil {
		return err
	}
	if err := d.checkMetricName(name, word); err != nil {
		return err
	}
	f, err := d.families.make(name)
	if err != nil {
		return err
	}
	f.offset = d.line
	d.family, d.lastName, d.samples = f, "", false
	return nil
}

// settle is what the first sample of a family does, or its end: its type is known now, and with it its name, which must be
// new. A counter and a gauge may have the same name in OpenMetrics, as go_memstats_alloc_bytes of client_golang, because
// only the counter's samples have a _total.
func (d *openMetricsDecoder) settle() error {
	f := d.family
	if f.Type == TypeCounter && f.Name == f.base {
		f.Name += "_total"
	}
	other, known := d.bases.find(f.base)
	if _, ok := d.families.names.find(f.Name); ok || (known && !mayShareBase(f, other)) {
		return Errorf("metric %s stands in two places; its metadata and samples must stand together", Quote(f.base))
	}
	d.families.names.add(f)
	if !known {
		d.bases.add(f)
	}
	return nil
}

// mayShareBase says whether two families have the same name for a reason: each says its type, and one is a counter.
func mayShareBase(f, other *family) bool {
	return f.hasType && other.hasType && (f.Type == TypeCounter) != (other.Type == TypeCounter)
}

// endFamily delivers what there may be of a family that is complete only now.
func (d *openMetricsDecoder) endFamily() error {
	if d.family != nil && !d.samples {
		return d.settle() // it is none, unless it is a part of one: that would be lost
	}
	if err := d.emitCounter(); err != nil {
		return err
	}
	return d.flush()
}

// openMetricsParts are the endings of the samples' names for each type.
var openMetricsParts = [...][]struct {
	suffix string
	part   part
}{
	TypeUnknown:        {{"", partValue}},
	TypeGauge:          {{"", partValue}},
	TypeStateSet:       {{"", partValue}},
	TypeInfo:           {{"_info", partValue}},
	TypeCounter:        {{"_total", partValue}, {"_created", partCreated}},
	TypeHistogram:      {{"_bucket", partBucket}, {"_count", partCount}, {"_sum", partSum}, {"_created", partCreated}},
	TypeSummary:        {{"", partValue}, {"_count", partCount}, {"_sum", partSum}, {"_created", partCreated}},
	TypeGaugeHistogram: {{"_bucket", partBucket}, {"_gcount", partCount}, {"_gsum", partSum}},
}

// openMetricsSuffixes are those that make a name another one than the family's.
var openMetricsSuffixes = func() typeSuffixes {
	var suffixes typeSuffixes
	for t, parts := range openMetricsParts {
		for _, p := range parts {
			if p.suffix != "" {
				suffixes[t] = append(suffixes[t], p.suffix)
			}
		}
	}
	return suffixes
}()

// resolveName finds the part of the current family that has this name, or makes a family without a type of it.
func (d *openMetricsDecoder) resolveName(name string, word bool) error {
	if f := d.family; f != nil && strings.HasPrefix(name, f.base) {
		for _, p := range openMetricsParts[f.Type] {
			if name[len(f.base):] == p.suffix {
				d.part = p.part
				if f.Type == TypeCounter && p.part == partValue {
					f.Name = name
				}
				return nil
			}
		}
		if name == f.base {
			return Errorf("a sample of a %s cannot be named %s alone", f.Type, Quote(name))
		}
	}
	d.part = partValue
	return d.beginFamily(name, word)
}
