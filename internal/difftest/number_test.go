package difftest

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// TestNumbers compares our reading of numbers with that of strconv, bit by bit, for a million of spellings.
func TestNumbers(t *testing.T) {
	const spellings = 1_000_000
	s := spelling{rand.New(rand.NewPCG(1, 2))}
	for range spellings {
		number := s.number()
		if found := numberDisagreement(number); found != "" {
			assert.Fail(t, found, number)
		}
	}
}

// numberDisagreement compares the value of a sample with what strconv says.
func numberDisagreement(number string) string {
	want, wantErr := strconv.ParseFloat(number, 64)
	var got valueSink
	err := ourDecode("a "+number+"\n", exposition.Text, model.UTF8Validation)(&got)
	switch {
	case (err == nil) != (wantErr == nil):
		return "strconv says " + message(wantErr) + ", we say " + message(err)
	case err == nil && math.Float64bits(want) != math.Float64bits(float64(got)):
		return "strconv has " + strconv.FormatFloat(want, 'g', -1, 64) + ", we have " + strconv.FormatFloat(float64(got), 'g', -1, 64)
	default:
		return ""
	}
}

func message(err error) string {
	if err == nil {
		return "nothing"
	}
	return err.Error()
}

// A valueSink keeps the last value.
type valueSink float64

func (*valueSink) Family(*exposition.Family) error { return nil }

func (s *valueSink) Point(p *exposition.Point) error {
	*s = valueSink(p.Value)
	return nil
}

// A spelling makes decimal numbers of all shapes: a few of them with something that makes them no number.
type spelling struct{ *rand.Rand }

func (s spelling) number() string {
	switch s.IntN(4) {
	case 0:
		return s.float()
	case 1:
		return s.halfway()
	default:
		return s.digits()
	}
}

// float returns any float in one of the forms that writers use.
func (s spelling) float() string {
	v := math.Float64frombits(s.Uint64())
	if s.IntN(2) == 0 {
		v = math.Ldexp(s.Float64(), s.IntN(120)-60)
	}
	format := "eEfgG"[s.IntN(5)]
	precision := -1
	if s.IntN(2) == 0 {
		precision = s.IntN(25)
	}
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return "0"
	}
	return strconv.FormatFloat(v, format, precision, 64)
}

// halfway returns a number near the middle between two floats, where rounding is hardest.
func (s spelling) halfway() string {
	mantissa := 2*(1<<52+s.Uint64N(1<<52)) + 1
	number := strconv.FormatUint(mantissa, 10)
	switch s.IntN(3) {
	case 0:
		number += "." + strings.Repeat("0", s.IntN(25)) + strconv.Itoa(s.IntN(10))
	case 1:
		point := s.IntN(len(number))
		number = number[:point] + "." + number[point:]
	}
	if s.IntN(2) == 0 {
		number += "e" + strconv.Itoa(s.IntN(60)-30)
	}
	return number
}

// digits puts a number together of its parts.
func (s spelling) digits() string {
	var b strings.Builder
	b.WriteString([]string{"", "", "-", "+"}[s.IntN(4)])
	if s.IntN(8) == 0 {
		b.WriteString(strings.Repeat("0", s.IntN(25)))
	}
	s.writeDigits(&b)
	if s.IntN(2) == 0 {
		b.WriteByte('.')
		if s.IntN(4) == 0 {
			b.WriteString(strings.Repeat("0", s.IntN(25)))
		}
		s.writeDigits(&b)
	}
	if s.IntN(2) == 0 {
		b.WriteByte("eE"[s.IntN(2)])
		b.WriteString([]string{"", "-", "+"}[s.IntN(3)])
		b.WriteString(strings.Repeat("0", s.IntN(8)/6*s.IntN(5)))
		b.WriteString(strconv.Itoa(s.IntN([]int{10, 30, 400, 5000}[s.IntN(4)])))
	}
	if s.IntN(50) == 0 {
		b.WriteByte("x.,-+eEnN:\"#"[s.IntN(12)])
	}
	return b.String()
}

func (s spelling) writeDigits(b *strings.Builder) {
	for range s.IntN([]int{3, 8, 18, 25, 40}[s.IntN(5)]) {
		b.WriteByte(byte('0' + s.IntN(10)))
	}
}
