// Package redacttest puts a marker wherever text can stand in a body, to see that no redacted error shows it.
package redacttest

import (
	"fmt"
	"iter"
	"regexp"
	"strings"
)

// Marker has no character that a message of ours has.
const Marker = "QZJX"

// words are what may be a name, a value, a number, a keyword and so on.
var words = regexp.MustCompile(`[^\s{}",=]+`)

// Bodies yields the body with the marker put at each place, written over each, and in the place of each word; of places and of
// words it takes so many at most.
func Bodies(body string, most int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := 0; i <= len(body); i += 1 + len(body)/most {
			if !yield(body[:i]+Marker+body[i:]) || !yield(body[:i]+Marker+body[min(i+len(Marker), len(body)):]) {
				return
			}
		}
		all := words.FindAllStringIndex(body, -1)
		for i := 0; i < len(all); i += 1 + len(all)/most {
			if !yield(body[:all[i][0]] + Marker + body[all[i][1]:]) {
				return
			}
		}
	}
}

// Shows says whether a text has anything of the marker.
func Shows(text string) bool { return strings.ContainsAny(text, Marker) }

// complete is up to how many bytes a text is surely not cut.
const complete = 300

// Wrong says what is wrong with the redacted text of an error whose full text is that; it is empty if nothing is. It must have
// nothing of the marker, leave out nothing because nobody knew it, and be the beginning of the full text otherwise: what follows
// there is the line.
func Wrong(full, redacted string) string {
	switch {
	case Shows(redacted):
		return fmt.Sprintf("%q has something of %s", redacted, Marker)
	case strings.Contains(redacted, "... (*"):
		return fmt.Sprintf("%q has an error that cannot redact itself", redacted)
	case len(full) < complete && !isBeginning(redacted, full):
		return fmt.Sprintf("%q is not %q with something left out", redacted, full)
	default:
		return ""
	}
}

// isBeginning compares piece by piece. A quote that was cut has dots behind it.
func isBeginning(redacted, full string) bool {
	pieces := strings.Split(redacted, "...")
	if !strings.HasPrefix(full, pieces[0]) {
		return false
	}
	rest := full[len(pieces[0]):]
	for _, piece := range pieces[1:] {
		i := strings.Index(rest, piece)
		if i < 0 && strings.HasPrefix(piece, `"`) {
			piece = `"...` + piece[1:]
			i = strings.Index(rest, piece)
		}
		if i < 0 {
			return false
		}
		rest = rest[i+len(piece):]
	}
	return true
}
