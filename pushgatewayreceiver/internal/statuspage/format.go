package statuspage

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// visible replaces what would not be seen, or would change the order in which other text is read, by its escape.
func visible(s string) string {
	if strings.IndexFunc(s, isHidden) < 0 {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case !isHidden(r):
			b.WriteRune(r)
		case r < ' ':
			b.WriteRune('\u2400' + r) // the control pictures
		case r > 0xffff:
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// isHidden says whether a character is not seen, or turns the direction of others. Joiners are part of how some scripts and emoji
// are written.
func isHidden(r rune) bool {
	switch r {
	case '\u200c', '\u200d': // joiners
		return false
	case '\u2028', '\u2029', // separators of lines and paragraphs
		'\u115f', '\u1160', '\u3164', '\uffa0', // fillers of Hangul
		'\u180b', '\u180c', '\u180d': // selectors of Mongolian
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// A moment is a time as a page shows it.
type moment struct{ Ago, UTC, Machine string }

func newMoment(t, now time.Time) moment {
	t = t.UTC()
	return moment{Ago: ago(now.Sub(t)), UTC: t.Format("2006-01-02 15:04:05") + " UTC", Machine: t.Format(time.RFC3339)}
}

// newFuture is newMoment of a time that is to come.
func newFuture(t, now time.Time) moment {
	m := newMoment(t, now)
	m.Ago = in(t.Sub(now))
	return m
}

const day = 24 * time.Hour

func ago(d time.Duration) string {
	switch {
	case d < time.Second: // or the clock was set
		return "just now"
	case d < time.Minute:
		return fmt.Sprintf("%d s ago", d/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", d/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("%d h ago", d/time.Hour)
	default:
		return fmt.Sprintf("%d days ago", d/day)
	}
}

// in rounds to the nearest: what is to last for three days begins with three.
func in(d time.Duration) string {
	switch {
	case d < time.Second:
		return "now"
	case d.Round(time.Second) < time.Minute:
		return fmt.Sprintf("in %d s", d.Round(time.Second)/time.Second)
	case d.Round(time.Minute) < time.Hour:
		return fmt.Sprintf("in %d min", d.Round(time.Minute)/time.Minute)
	case d.Round(time.Hour) < 2*day:
		return fmt.Sprintf("in %d h", d.Round(time.Hour)/time.Hour)
	default:
		return fmt.Sprintf("in %d days", d.Round(day)/day)
	}
}

// duration has two or three digits that count.
func duration(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d/time.Microsecond)
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%d ms", d/time.Millisecond)
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	default:
		return fmt.Sprintf("%.0f s", d.Seconds())
	}
}

// size is of bytes; less than none are not known.
func size(n int64) string {
	const kib, mib = 1 << 10, 1 << 20
	switch {
	case n < 0:
		return "unknown"
	case n < kib:
		return fmt.Sprintf("%d B", n)
	case n < mib:
		return fmt.Sprintf("%.1f KiB", float64(n)/kib)
	default:
		return fmt.Sprintf("%.1f MiB", float64(n)/mib)
	}
}

// number has a comma before every three digits of what is an integer and not negative.
func number(n any) string {
	digits := fmt.Sprint(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
