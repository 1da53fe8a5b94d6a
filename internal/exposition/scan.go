package exposition

import (
	"strings"
	"unicode/utf8"
)

// A scanner reads the body of a text format line by line.
//
// What it returns are substrings of the body, so a label costs no copy, and one that survives keeps the body alive.
type scanner struct {
	meter meter
	body  string // ends with a line feed, at which every step stops: none of them looks for the end of the body
	pos   int    // of the next byte
	line  int    // where the current line begins
	last  int    // where the text of the last quoted string begins

	blank class // the bytes that may stand between tokens
	// strict says that this is OpenMetrics: a name in braces must be quoted. It is generous in one thing: a backslash before
	// another byte than \, " and n stands for itself.
	strict bool
	// lenient says that the body was forgiven what it could be.
	lenient bool
}

// class says what a byte can be part of.
type class uint8

const (
	letter class = 1 << iota // of a label name or a metric name, at any place
	digit                    // of the same, but not first
	colon                    // of a metric name
	plain                    // of a quoted string, where it stands for itself: ASCII but quote, backslash and line feed
	space                    // between tokens
	end                      // of a number: a space or line feed
)

// classes are the classes of all bytes.
var classes = func() (table [256]class) {
	for c := range table {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
			table[c] = letter
		case c >= '0' && c <= '9':
			table[c] = digit
		case c == ':':
			table[c] = colon
		case c == ' ' || c == '\t':
			table[c] = space | end
		case c == '\n':
			table[c] = end
		}
		if c < utf8.RuneSelf && c != '"' && c != '\\' && c != '\n' {
			table[c] |= plain
		}
	}
	return table
}()

const (
	labelWord  = letter | digit
	metricWord = letter | digit | colon
)

// peek returns the next byte.
func (s *scanner) peek() byte { return s.body[s.pos] }

// skipBlanks moves to the next byte that may not stand between tokens.
func (s *scanner) skipBlanks() {
	if s.body[s.pos] <= ' ' {
		s.skipAllBlanks()
	}
}

func (s *scanner) skipAllBlanks() {
	body, i, blank := s.body, s.pos, s.blank
	for classes[body[i]]&blank != 0 {
		i++
	}
	s.pos = i
}

// take moves behind c if that is the next byte.
func (s *scanner) take(c byte) bool {
	if s.body[s.pos] != c {
		return false
	}
	s.pos++
	return true
}

// rest returns what is left of the line, without the line feed, and moves to that.
func (s *scanner) rest() string {
	n := strings.IndexByte(s.body[s.pos:], '\n')
	rest := s.body[s.pos : s.pos+n]
	s.pos += n
	return rest
}

// token returns what stands before the next space, tab or line feed, and moves to that.
func (s *scanner) token() string {
	body, begin := s.body, s.pos
	i := begin
	for classes[body[i]]&end == 0 {
		i++
	}
	s.pos = i
	return body[begin:i]
}

// word reads a name that is not quoted; it is empty if there is none.
func (s *scanner) word(of class) string {
	body, begin := s.body, s.pos
	if classes[body[begin]]&of&^digit == 0 {
		return ""
	}
	i := begin + 1
	for classes[body[i]]&of != 0 {
		i++
	}
	s.pos = i
	return body[begin:i]
}

// name reads a name: a word, or a quoted string of UTF-8. It is empty if neither is there.
func (s *scanner) name(of class) (string, error) {
	if s.peek() == '"' {
		return s.quoted()
	}
	word := s.word(of)
	if word != "" && s.peek() == '"' {
		return "", Errorf("a quote in the middle of a name")
	}
	return word, nil
}

// quoted reads a string that begins with a quote here:
//
//	quoted = '"' { byte | '\\' | '\"' | '\n' } '"'
//
// It must be UTF-8.
func (s *scanner) quoted() (string, error) {
	body, begin := s.body, s.pos+1
	i := begin
	for classes[body[i]]&plain != 0 {
		i++
	}
	if body[i] != '"' {
		return s.quotedRest(begin, i)
	}
	s.pos, s.last = i+1, begin
	return body[begin:i], nil
}

// quotedRest reads on at i, where a byte stands that is not plain.
func (s *scanner) quotedRest(begin, i int) (string, error) {
	escapes := false
	for s.body[i] != '"' {
		switch s.body[i] {
		case '\n':
			return "", Errorf("a quoted string has no quote at its end: %s", Quote(s.body[begin:i]))
		case '\\':
			escapes = true
			if i++; s.body[i] == '\n' {
				continue
			}
			if !s.strict && !isEscape(s.body[i]) {
				return "", badEscape(s.body[i-1:])
			}
		}
		i++
	}
	s.pos, s.last = i+1, begin
	text := s.body[begin:i]
	if !utf8.ValidString(text) {
		return "", Errorf("a quoted string is not UTF-8: %s", Quote(text))
	}
	if escapes {
		return s.unescape(text)
	}
	return text, nil
}

// isEscape says whether a backslash before c is an escape.
func isEscape(c byte) bool { return c == '\\' || c == '"' || c == 'n' }

func badEscape(at string) error {
	return Errorf(`bad escape %s; there are \\, \" and \n`, Quote(at[:min(2, len(at))]))
}

// unescape returns a copy without escapes.
func (s *scanner) unescape(text string) (string, error) {
	if err := s.meter.need(len(text)); err != nil {
		return "", err
	}
	return unescape(text), nil
}

// unescape replaces the escapes \\, \" and \n. A backslash before another byte stays.
func unescape(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		switch {
		case i+1 == len(s) || !isEscape(s[i+1]):
			b.WriteByte('\\')
			s = s[i+1:]
			continue
		case s[i+1] == 'n':
			b.WriteByte('\n')
		default:
			b.WriteByte(s[i+1])
		}
		s = s[i+2:]
	}
}

// fail makes an error one of the current line.
func (s *scanner) fail(f Format, err error) *SyntaxError {
	line, _, _ := strings.Cut(s.body[s.line:], "\n")
	return s.failIn(line, f, err)
}

// failIn is fail where the text of the line is known.
func (s *scanner) failIn(line string, f Format, err error) *SyntaxError {
	return &SyntaxError{Format: f, Line: s.lineNumber(s.line), Offset: int64(s.line), Text: line, Err: s.explain(line, err)}
}

// lineNumber returns the number of the line that begins there.
func (s *scanner) lineNumber(offset int) int { return 1 + strings.Count(s.body[:offset], "\n") }
