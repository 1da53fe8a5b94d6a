package exposition

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// A decimal is a number as it is written: mantissa * 10^exponent.
type decimal struct {
	mantissa uint64
	exponent int
	negative bool
}

// maxDigits is how many digits always fit into an uint64.
const maxDigits = 19

// decimal reads a plain decimal number that ends at a space or line feed. It does not move, and returns false, if
// something else stands there, such as NaN, or a number that is longer than a decimal can be.
func (s *scanner) decimal() (d decimal, ok bool) {
	body, i := s.body, s.pos
	switch body[i] {
	case '-':
		d.negative = true
		i++
	case '+':
		i++
	}
	begin, mantissa := i, uint64(0)
	for c := body[i] - '0'; c <= 9; c = body[i] - '0' {
		mantissa = mantissa*10 + uint64(c)
		i++
	}
	digits := i - begin
	if body[i] == '.' {
		i++
		begin = i
		for c := body[i] - '0'; c <= 9; c = body[i] - '0' {
			mantissa = mantissa*10 + uint64(c)
			i++
		}
		digits += i - begin
		d.exponent = begin - i
	}
	d.mantissa = mantissa
	if digits == 0 || digits > maxDigits {
		return d, false
	}
	if c := body[i]; c == 'e' || c == 'E' {
		exponent, after := s.exponent(i + 1)
		if after == 0 {
			return d, false
		}
		d.exponent += exponent
		i = after
	}
	if classes[body[i]]&end == 0 {
		return d, false
	}
	s.pos = i
	return d, true
}

// exponent reads the digits behind an e, up to three of them; after is 0 if there is something else.
func (s *scanner) exponent(i int) (exponent, after int) {
	negative := s.body[i] == '-'
	if negative || s.body[i] == '+' {
		i++
	}
	begin := i
	for c := s.body[i] - '0'; c <= 9 && i-begin < 3; c = s.body[i] - '0' {
		exponent = exponent*10 + int(c)
		i++
	}
	if i == begin {
		return 0, 0
	}
	if negative {
		exponent = -exponent
	}
	return exponent, i
}

// powersOfTen are those that a float64 holds exactly.
var powersOfTen = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
	1e17, 1e18, 1e19, 1e20, 1e21, 1e22}

// float64 returns the nearest float, if that takes one exact step: both parts are exact, so the one operation rounds
// correctly. See W. D. Clinger, How to Read Floating Point Numbers Accurately.
func (d decimal) float64() (v float64, ok bool) {
	if d.mantissa >= 1<<53 {
		return 0, false
	}
	v = float64(d.mantissa)
	if d.negative {
		v = -v
	}
	switch {
	case d.exponent == 0:
		return v, true
	case d.exponent > 0 && d.exponent < len(powersOfTen):
		return v * powersOfTen[d.exponent], true
	case d.exponent < 0 && -d.exponent < len(powersOfTen):
		return v / powersOfTen[-d.exponent], true
	default:
		return 0, false
	}
}

// float reads a number up to the next space, tab or line feed.
func (s *scanner) float() (float64, error) {
	begin := s.pos
	if d, ok := s.decimal(); ok {
		if v, ok := d.float64(); ok {
			return v, nil
		}
	}
	s.pos = begin
	token := s.token()
	v, err := parseFloat(token)
	if err != nil {
		return 0, Errorf("expected a number as value, got %s", Quote(token))
	}
	return v, nil
}

var errTimeZero = Errorf("the timestamp is 0, which in OTLP means that there is none")

// nanos reads a time in seconds up to the next space, tab or line feed. OTLP counts nanoseconds from 1970 on, and 0 means
// none.
func (s *scanner) nanos() (int64, error) {
	begin := s.pos
	d, ok := s.decimal()
	text := s.body[begin:s.pos]
	if !ok {
		text = s.token()
		if ns, ok := nanosOfLong(text); ok {
			return ns, nil
		}
		v, err := parseFloat(text)
		if err != nil {
			return 0, Errorf("expected a number of seconds, got %s", Quote(text))
		}
		if v >= 0 && v < math.MaxInt64/1e9 {
			seconds, rest := math.Modf(v)
			return int64(seconds)*1e9 + int64(rest*1e9), nil
		}
	} else if ns, ok := d.nanos(); ok {
		return ns, nil
	}
	return 0, Errorf("time %s s is outside the years 1970 to 2262, which OTLP can express", Cut(text))
}

// nanosOfLong converts a number of seconds with more digits than a decimal can have, of which those behind the ninth of
// the fraction say nothing about nanoseconds.
func nanosOfLong(text string) (ns int64, ok bool) {
	whole, fraction, _ := strings.Cut(text, ".")
	if strings.Trim(fraction, "0123456789") != "" {
		return 0, false
	}
	s := scanner{body: strings.TrimLeft(whole, "0") + "." + fraction[:min(9, len(fraction))] + "\n"}
	d, ok := s.decimal()
	if !ok {
		return 0, false
	}
	return d.nanos()
}

// nanos returns a billion times the number, without what is less than one; ok is false if that is no int64 from 0 on.
func (d decimal) nanos() (ns int64, ok bool) {
	n := d.mantissa
	for e := d.exponent + 9; e < 0 && n > 0; e++ {
		n /= 10
	}
	for e := d.exponent + 9; e > 0 && n > 0; e-- {
		if n > math.MaxInt64/10 {
			return 0, false
		}
		n *= 10
	}
	if n > math.MaxInt64 || (d.negative && d.mantissa > 0) {
		return 0, false
	}
	return int64(n), true
}

var errNotFloat = Errorf("not a number of the exposition formats")

// parseFloat parses what Go does, without hexadecimal numbers and underscores.
func parseFloat(s string) (float64, error) {
	if strings.ContainsAny(s, "pP_") {
		return 0, errNotFloat
	}
	return strconv.ParseFloat(s, 64)
}

// nanosOf converts a timestamp in seconds and nanoseconds; there 0 means none, too.
func nanosOf(seconds, nanos int64) (int64, error) {
	if nanos < 0 || nanos >= int64(time.Second) {
		return 0, Errorf("timestamp is not valid: it has %d nanoseconds beside its seconds", nanos)
	}
	if seconds < 0 || seconds >= math.MaxInt64/int64(time.Second) {
		return 0, Errorf("timestamp %d s is outside the years 1970 to 2262, which OTLP can express", seconds)
	}
	return seconds*int64(time.Second) + nanos, nil
}

// wholeCount returns a count that is written as a float. 2^64 is the first one that an OTLP count cannot hold.
func wholeCount(v float64) (uint64, error) {
	if v < 0 || v != math.Trunc(v) || v >= 1<<64 { // NaN is not equal to itself
		return 0, Errorf("is %v; it must be a whole number from 0 to 2^64", v)
	}
	return uint64(v), nil
}

// nanosOfMillis converts a timestamp of the text format. OTLP counts nanoseconds from 1970 on, and 0 means none.
func nanosOfMillis(ms int64) (int64, error) {
	if ms == 0 {
		return 0, errTimeZero
	}
	if ms < 0 || ms > math.MaxInt64/int64(time.Millisecond) {
		return 0, Errorf("timestamp %d ms is outside the years 1970 to 2262, which OTLP can express", ms)
	}
	return ms * int64(time.Millisecond), nil
}
