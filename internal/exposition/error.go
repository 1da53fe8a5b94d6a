package exposition

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A SyntaxError says what is wrong with a body, and where.
type SyntaxError struct {
	Format Format
	// Line is where the error stands, counted from 1; 0 where the format has no lines, or the line is not known.
	Line int
	// Offset is the byte, counted from 0, at which that line or protobuf message begins, in the body
	// without what Options.Lenient forgives.
	Offset int64
	// Text is the offending line; empty if there is none to show.
	Text string
	Err  error
}

func (e *SyntaxError) Error() string {
	text := e.tell(e.Err.Error())
	if e.Text != "" {
		text += "; the line is " + string(Quote(e.Text))
	}
	return text
}

// Redacted is Error without what is of the body.
func (e *SyntaxError) Redacted() string { return e.tell(Redact(e.Err)) }

// tell says where the error is, and the reason.
func (e *SyntaxError) tell(reason string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "cannot decode %s", e.Format)
	switch {
	case e.Line > 0:
		fmt.Fprintf(&b, " in line %d", e.Line)
	case e.Format == Protobuf:
		fmt.Fprintf(&b, " at byte %d", e.Offset)
	}
	b.WriteString(": ")
	b.WriteString(cut(reason, maxReason))
	return b.String()
}

func (e *SyntaxError) Unwrap() error { return e.Err }

// A PointError says where the point stands that the sink refused. Histograms and summaries are refused at their first
// sample.
type PointError struct {
	Line int // counted from 1; 0 if the point has no line
	Err  error
}

func (e *PointError) Error() string {
	if e.Line == 0 {
		return e.Err.Error()
	}
	return fmt.Sprintf("%v (line %d)", e.Err, e.Line)
}

// Redacted is Error without what is of the body.
func (e *PointError) Redacted() string {
	if e.Line == 0 {
		return Redact(e.Err)
	}
	return fmt.Sprintf("%s (line %d)", Redact(e.Err), e.Line)
}

// Unwrap returns what the sink said.
func (e *PointError) Unwrap() error { return e.Err }

// A LimitError says that a body is beyond a limit. It comes inside of a SyntaxError, which says where.
type LimitError struct {
	What          Literal // as in "labels"
	Name          Quoted  // of what; empty if that is not known
	Actual, Limit int
	Setting       string // what the limit is called in the configuration
}

func (e *LimitError) Error() string { return e.message().Error() }

// Redacted is Error without what is of the body.
func (e *LimitError) Redacted() string { return Redact(e.message()) }

func (e *LimitError) message() error {
	if e.Name == "" {
		return Errorf("%d %s; limits.%s is %d", e.Actual, e.What, Literal(e.Setting), e.Limit)
	}
	return Errorf("%d %s %s; limits.%s is %d", e.Actual, e.What, e.Name, Literal(e.Setting), e.Limit)
}

// SeriesName writes a series as Prometheus does, cut at 100 bytes, for messages.
func SeriesName(name string, labels []Label) string {
	var b strings.Builder
	b.WriteString(printable(name))
	separator := byte('{')
	for _, l := range labels {
		b.WriteByte(separator)
		fmt.Fprintf(&b, "%s=%q", printable(l.Name), l.Value)
		separator = ','
	}
	if len(labels) > 0 {
		b.WriteByte('}')
	}
	return Cut(b.String())
}

const (
	// maxQuoted keeps a message readable whatever was pushed.
	maxQuoted = 100
	// maxReason bounds what a library says, which may quote the input at full length.
	maxReason = 300
)

// Quote returns s as a Go string, cut at 100 bytes, or at fewer if they are such as become escapes: how input appears in
// messages.
func Quote(s string) Quoted {
	n := maxQuoted
	quoted := fmt.Sprintf("%q", cut(s, n))
	if len(quoted) > 2*maxQuoted {
		n = maxQuoted / 4
		quoted = fmt.Sprintf("%q", cut(s, n))
	}
	if len(s) > n {
		quoted += "..."
	}
	return Quoted(quoted)
}

// printable returns s without quotes, with escapes only if it does not fit in one line of UTF-8.
func printable(s string) string {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl) {
		return s
	}
	quoted := strconv.Quote(s)
	return quoted[1 : len(quoted)-1]
}

// Cut returns s, cut at 100 bytes if it is longer.
func Cut(s string) string {
	if len(s) <= maxQuoted {
		return s
	}
	return cut(s, maxQuoted) + "..."
}

func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
