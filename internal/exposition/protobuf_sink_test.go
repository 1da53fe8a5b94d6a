package exposition

import (
	"errors"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// refusingSink refuses the family or the point of that number.
type refusingSink struct{ families, points int }

var errRefused = errors.New("refused")

func (s *refusingSink) Family(*Family) error {
	if s.families--; s.families == 0 {
		return errRefused
	}
	return nil
}

func (s *refusingSink) Point(*Point) error {
	if s.points--; s.points == 0 {
		return errRefused
	}
	return nil
}

func TestErrorsOfTheSinkPassThrough(t *testing.T) {
	body := delimited(t, `name:"a" metric:{counter:{}} metric:{counter:{}}`, `name:"b" metric:{counter:{}}`, `name:"a" help:"A." metric:{counter:{}}`)
	f := func(s refusingSink) {
		t.Helper()
		assert.Same(t, errRefused, Decode(body, Options{Format: Protobuf, NameValidation: model.UTF8Validation}, &s))
	}
	for i := range 4 { // the last one is because of the help text
		f(refusingSink{families: i + 1})
		f(refusingSink{points: i + 1})
	}
}

// headSink writes down what it is told of families.
type headSink struct {
	nopSink
	heads []Family
}

func (s *headSink) Family(f *Family) error {
	s.heads = append(s.heads, *f)
	return nil
}

func TestFamiliesHaveAnIndexAndTheNumberOfPoints(t *testing.T) {
	body := delimited(t, `name:"a" metric:{counter:{}} metric:{counter:{}}`, `name:"none"`, `name:"b" type:GAUGE metric:{gauge:{}}`,
		`name:"a" unit:"bytes" metric:{counter:{}}`)
	s := &headSink{}
	require.NoError(t, Decode(body, Options{Format: Protobuf, NameValidation: model.UTF8Validation}, s))
	assert.Equal(t, []Family{
		{Name: "a", Type: TypeCounter, Points: 2},
		{Name: "b", Type: TypeGauge, Index: 1, Points: 1},
		{Name: "a", Type: TypeCounter, Points: 1, Unit: "bytes"},
		{Name: "a", Type: TypeCounter, Unit: "bytes"}, // it was announced without
	}, s.heads)
}
