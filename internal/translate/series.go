package translate

import (
	"math/bits"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// A seriesSet knows the series of a push by hashes of their labels, and where the datapoint of each is: two that have the
// same hash are compared there, so that no labels need to be kept for that.
//
// It is searched when all series are there. A look into a hash table with each of them would wait for memory each time;
// one loop over all of them waits for many at once, which takes a fifth of the time.
type seriesSet struct {
	hashes []uint64
	places []place
	// slots is a hash table with linear probing. A slot is half of a hash above a series number, counted from 1; 0 is an
	// empty slot.
	slots []uint64
}

// A place is where a datapoint is.
type place struct{ metric, point uint32 }

const (
	// fewSeries is up to how many it is fastest to compare each with each.
	fewSeries = 16
	// upperHalf of a hash is in the table, to pass over most other series without looking further.
	upperHalf = 0xffffffff << 32
	// maxKeptSeries take 4 MiB.
	maxKeptSeries = 1 << 17
)

// forget returns the set empty.
func (s *seriesSet) forget() seriesSet {
	if cap(s.hashes) > maxKeptSeries {
		return seriesSet{}
	}
	return seriesSet{hashes: s.hashes[:0], places: s.places[:0], slots: s.slots[:0]}
}

func (s *seriesSet) add(hash uint64, metric, point int) {
	s.hashes = append(s.hashes, hash)
	s.places = append(s.places, place{metric: uint32(metric), point: uint32(point)}) //nolint:gosec // a body has no 2^32 points
}

// checkSeries refuses a push that has a series twice. Prometheus knows no series by its timestamp or type.
func (b *Builder) checkSeries() error {
	twice, ok := b.series.search(b.isSame)
	if !ok {
		return nil
	}
	m := b.numbered[twice.metric]
	var labels []exposition.Label
	for name, value := range attributesOf(m.Metric, twice.point).All() {
		labels = append(labels, exposition.Label{Name: name, Value: value.Str()})
	}
	return inconsistent(m.family.Name, labels[:len(labels)-len(b.keyAttributes)], errDuplicateSeries)
}

// search returns the place of a series that is there twice, which is what same says of two that have the same hash.
func (s *seriesSet) search(same func(x, y place) bool) (place, bool) {
	if len(s.hashes) <= fewSeries {
		for i, hash := range s.hashes {
			for j := range i {
				if s.hashes[j] == hash && same(s.places[j], s.places[i]) {
					return s.places[i], true
				}
			}
		}
		return place{}, false
	}
	size := 1 << bits.Len(uint(2*len(s.hashes)))
	if size > cap(s.slots) {
		s.slots = make([]uint64, size)
	}
	s.slots = s.slots[:size]
	clear(s.slots)
	slots, mask := s.slots, uint64(size-1) //nolint:gosec // size is positive
	for i, hash := range s.hashes {
		slot := hash & mask
		for ; slots[slot] != 0; slot = (slot + 1) & mask {
			if (slots[slot]^hash)&upperHalf != 0 {
				continue
			}
			if j := slots[slot]&^upperHalf - 1; s.hashes[j] == hash && same(s.places[j], s.places[i]) {
				return s.places[i], true
			}
		}
		slots[slot] = hash&upperHalf | uint64(i+1)
	}
	return place{}, false
}

// isSame says whether two datapoints are of the same series.
func (b *Builder) isSame(x, y place) bool {
	mx, my := &b.numbered[x.metric], &b.numbered[y.metric]
	if mx.family != my.family || mx.scope != my.scope {
		return false
	}
	return sameAttributes(attributesOf(mx.Metric, x.point), attributesOf(my.Metric, y.point))
}

// sameAttributes compares sets of attributes whose values are strings.
func sameAttributes(x, y pcommon.Map) bool {
	if x.Len() != y.Len() {
		return false
	}
	for name, value := range x.All() {
		if other, ok := y.Get(name); !ok || other.Str() != value.Str() {
			return false
		}
	}
	return true
}

func attributesOf(m pmetric.Metric, point uint32) pcommon.Map {
	i := int(point)
	switch m.Type() {
	case pmetric.MetricTypeSum:
		return m.Sum().DataPoints().At(i).Attributes()
	case pmetric.MetricTypeSummary:
		return m.Summary().DataPoints().At(i).Attributes()
	case pmetric.MetricTypeExponentialHistogram:
		return m.ExponentialHistogram().DataPoints().At(i).Attributes()
	case pmetric.MetricTypeHistogram:
		return m.Histogram().DataPoints().At(i).Attributes()
	default:
		return m.Gauge().DataPoints().At(i).Attributes()
	}
}
