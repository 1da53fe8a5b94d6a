package exposition

// A pendingCounter is a counter of OpenMetrics, whose samples may not all be there yet. They stand together, so there is
// one at a time.
type pendingCounter struct {
	family       *family // nil: there is none
	line         int     // where its first sample stands
	labels       []Label
	hasTotal     bool
	hasCreated   bool
	hasTimestamp bool
	hasExemplar  bool
	value        float64
	timestamp    int64
	created      int64
	exemplar     Exemplar
	room         []Label // for the labels of exemplars
}

// forget returns an empty one, without the strings of the body.
func (c *pendingCounter) forget() pendingCounter {
	clear(c.labels[:cap(c.labels)])
	clear(c.room[:cap(c.room)])
	return pendingCounter{labels: c.labels[:0], room: c.room[:0]}
}

// addToCounter adds the current sample to its counter.
func (d *openMetricsDecoder) addToCounter(value float64, created int64) error {
	c := &d.counter
	isCreated := d.part == partCreated
	// A plain counter is _total after _total, each of another one.
	if c.family == nil || (!isCreated && c.hasTotal) || !equalLabels(c.labels, d.labels) {
		if err := d.emitCounter(); err != nil {
			return err
		}
		d.counter = pendingCounter{
			family: d.family, line: d.line, labels: append(c.labels[:0], d.labels...), room: c.room,
			hasTimestamp: d.point.HasTimestamp, timestamp: d.point.Timestamp,
		}
	}
	if c.hasTimestamp != d.point.HasTimestamp || (c.hasTimestamp && c.timestamp != d.point.Timestamp) {
		return errTimestampsDiffer(d.family)
	}
	if !isCreated {
		c.hasTotal, c.value = true, value
		if c.hasExemplar = d.hasExemplar; c.hasExemplar {
			c.exemplar = d.exemplar
			c.room = append(c.room[:0], c.exemplar.Labels...)
			c.exemplar.Labels = c.room
		}
		return nil
	}
	if c.hasCreated {
		return Errorf("the counter has a second _created")
	}
	c.hasCreated, c.created = true, created
	return nil
}

// emitCounter delivers the counter, if there is one.
func (d *openMetricsDecoder) emitCounter() error {
	c := &d.counter
	if c.family == nil {
		return nil
	}
	line := d.line
	d.line = c.line
	if !c.hasTotal {
		return Errorf("the counter has a _created, but no _total beside it")
	}
	p := Point{Labels: c.labels, Value: c.value, HasTimestamp: c.hasTimestamp, Timestamp: c.timestamp, Created: c.created}
	if c.hasExemplar {
		d.exemplars[0] = c.exemplar
		p.Exemplars = d.exemplars[:]
	}
	err := d.emit(c.family, &p)
	c.family = nil
	if err == nil {
		d.line = line
	}
	return err
}
