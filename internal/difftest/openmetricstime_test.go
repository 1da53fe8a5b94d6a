package difftest

import (
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// TestOpenMetricsTimes compares our reading of timestamps with that of math/big, for many spellings: textparse has
// milliseconds only.
func TestOpenMetricsTimes(t *testing.T) {
	const spellings = 300_000
	s := spelling{rand.New(rand.NewPCG(17, 18))}
	accepted := 0
	for range spellings {
		text := s.time()
		sink := timeSink{}
		err := ourDecode("a 1 "+text+"\n# EOF\n", exposition.OpenMetrics, model.UTF8Validation)(&sink)
		if err == nil {
			accepted++
		}
		require.Empty(t, timeDisagreement(text, sink.time, err), text)
	}
	assert.Greater(t, accepted, spellings/2)
}

// A timeSink keeps the last timestamp.
type timeSink struct {
	discard
	time int64
}

func (s *timeSink) Point(p *exposition.Point) error {
	s.time = p.Timestamp
	return nil
}

// time returns a time of the last hundred years, or any number.
func (s spelling) time() string {
	seconds := fmt.Sprint(1 + s.Uint64N(4_000_000_000))
	switch s.IntN(6) {
	case 0:
		return s.number()
	case 1:
		return seconds + "e" + fmt.Sprint(s.IntN(13)-10)
	case 2:
		return seconds[:1] + "." + seconds[1:] + "e+0" + fmt.Sprint(s.IntN(10))
	default:
		var b strings.Builder
		b.WriteString(seconds + ".")
		s.writeDigits(&b)
		return b.String()
	}
}

// timeDisagreement compares what came of a timestamp with what math/big makes of it.
func timeDisagreement(text string, ours int64, err error) string {
	exact, isNumber := new(big.Rat).SetString(text)
	if !isNumber {
		if err == nil {
			return fmt.Sprintf("it is no number, and we have %d ns", ours)
		}
		return ""
	}
	exact.Mul(exact, big.NewRat(1e9, 1))
	nanos := new(big.Int).Quo(exact.Num(), exact.Denom()) // without what is less than one
	switch inRange := nanos.Sign() > 0 && nanos.IsInt64(); {
	case inRange && err != nil:
		return fmt.Sprintf("it is %d ns, and we refuse it: %v", nanos, err)
	case !inRange && err == nil:
		return fmt.Sprintf("it is %d ns, and we have %d", nanos, ours)
	case inRange && math.Abs(float64(nanos.Int64()-ours)) > timeTolerance(text, nanos.Int64()):
		return fmt.Sprintf("it is %d ns, and we have %d", nanos, ours)
	default:
		return ""
	}
}

// timeTolerance is by how much we may be wrong: not at all if the number is one of few digits, otherwise by what a
// float64 of it in seconds is.
func timeTolerance(text string, nanos int64) float64 {
	if isShort.MatchString(text) {
		return 0
	}
	seconds := float64(nanos) / 1e9
	return (math.Nextafter(seconds, math.Inf(1))-seconds)*1e9 + 1
}

// isShort says whether a number has up to 19 digits, as times in nanoseconds have, and three in its exponent.
var isShort = regexp.MustCompile(`^[+-]?\.?(\d\.?){0,19}([eE][+-]?\d{1,3})?$`)
