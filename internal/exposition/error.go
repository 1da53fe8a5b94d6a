package exposition

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// A SyntaxError says what is wrong with a body, and where.
type SyntaxError struct {
	Format Format
	// Line is where the error stands, counted from 1; 0 where the format has no lines, or the line is not known.
	Line int
	// Offset is the byte, counted from 0, at which that line or protobuf message begins.
	Offset int64
	// Text is the offending line; empty if there is none to show.
	Text string
	Err  error
}

func (e *SyntaxError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "cannot decode %s", e.Format)
	switch {
	case e.Line > 0:
		fmt.Fprintf(&b, " in line %d", e.Line)
	case e.Format == Protobuf:
		fmt.Fprintf(&b, " at byte %d", e.Offset)
	}
	b.WriteString(": ")
	b.WriteString(cut(e.Err.Error(), maxReason))
	if e.Text != "" {
		b.WriteString("; the line is ")
		b.WriteString(Quote(e.Text))
	}
	return b.String()
}

func (e *SyntaxError) Unwrap() error { return e.Err }

const (
	// maxQuoted keeps a message readable whatever was pushed.
	maxQuoted = 100
	// maxReason bounds what a library says, which may quote the input at full length.
	maxReason = 300
)

// Quote returns s as a Go string, cut at 100 bytes: how input appears in messages.
func Quote(s string) string {
	if len(s) <= maxQuoted {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprintf("%q...", cut(s, maxQuoted))
}

// Cut returns s, cut at 100 bytes if it is longer, for what stands in messages without quotes.
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
