package exposition

import (
	"github.com/prometheus/common/model"
)

// readExemplar reads an exemplar and the end of its line:
//
//	exemplar = "# " labels " " value [ " " timestamp ]
func (d *openMetricsDecoder) readExemplar() (err error) {
	if d.part != partBucket && (d.family.Type != TypeCounter || d.part != partValue) {
		return Errorf("only the _total of a counter and the buckets of a histogram can have one")
	}
	if !d.take('#') || !d.take(' ') || !d.take('{') {
		return unexpected(&d.scanner, "# { at its beginning")
	}
	// Exemplar labels are no series labels: any UTF-8 name will do.
	d.exemplarReader.names, d.exemplarReader.limits = model.UTF8Validation, d.limits
	metric, err := d.exemplarReader.read(&d.scanner)
	if err != nil {
		return err
	}
	if metric != "" {
		return Errorf("expected = behind label name %s", Quote(metric))
	}
	e := Exemplar{Labels: d.exemplarReader.labels}
	if !d.take(' ') {
		return unexpected(&d.scanner, "one space before its value")
	}
	if e.Value, err = d.float(); err != nil {
		return err
	}
	if d.take(' ') {
		e.HasTimestamp = true
		if e.Timestamp, err = d.nanos(); err != nil {
			return err
		}
	}
	if !d.take('\n') {
		return unexpected(&d.scanner, "the end of the line")
	}
	d.exemplar, d.hasExemplar = e, true
	return nil
}
