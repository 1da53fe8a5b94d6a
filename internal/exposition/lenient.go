package exposition

import (
	"strings"
)

const (
	byteOrderMark = "\ufeff"
	crlf          = "\r\n"
)

// forgive returns a body of a text format without what Options.Lenient accepts, so that the decoders need not know of it.
// It copies nothing if there is nothing to forgive.
//
// A comment at the end stays without its newline: curl -d makes one line of a file, which begins with a comment as a rule,
// and to accept that would be to lose all that is in it.
func forgive(body string) string {
	body = strings.TrimPrefix(body, byteOrderMark)
	body = strings.ReplaceAll(body, crlf, "\n")
	_, last := splitBody(body)
	if last = strings.TrimLeft(last, " \t"); last != "" && last[0] != '#' {
		body += "\n"
	}
	return body
}

const orLenient Literal = "or set lenient: true in the receiver's configuration"

// unterminated is the error of a last line without newline.
func (s *scanner) unterminated() error {
	const reason Literal = "the last line has no newline; end the body with one (curl keeps newlines with --data-binary, not with -d)"
	if s.lenient {
		return Errorf("%s", reason) // it is a comment
	}
	return Errorf("%s, %s", reason, orLenient)
}

// explain says what is wrong with the line as a whole, if that may be why it cannot be read.
func (s *scanner) explain(line string, err error) error {
	isFirst := s.line == 0
	switch {
	case isFirst && strings.HasPrefix(line, byteOrderMark):
		return Errorf("the body begins with a byte order mark; leave it out, %s (%w)", orLenient, err)
	case isFirst && (strings.HasPrefix(line, "\xff\xfe") || strings.HasPrefix(line, "\xfe\xff")):
		return Errorf("the body is UTF-16; it must be UTF-8 (%w)", err)
	case isFirst && strings.HasPrefix(line, "\x1f\x8b"):
		return Errorf("the body is compressed with gzip; the request must say so, with Content-Encoding: gzip (%w)", err)
	case !s.lenient && s.line < len(s.body) && strings.HasSuffix(line, "\r"):
		return Errorf("the line ends in CR LF; end lines with LF alone, %s (%w)", orLenient, err)
	}
	return err
}
