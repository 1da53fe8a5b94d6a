package exposition

import (
	"errors"
	"fmt"
	"io"

	"github.com/prometheus/common/model"
)

// An error can be told in two ways: in full to the client who sent the body, by Error, and redacted to all others, by Redact: the
// same sentence, in which ... stands for what is of the body, because there may be secrets in it. Numbers that were read as such,
// and where the fault is, stay.
//
// What nobody has declared is taken for a part of the body: a string that is no Literal, and an error that cannot redact itself.

// redactable is an error that can be told without what is of the body.
type redactable interface {
	error
	// Redacted returns what Error does, without what is of the body.
	Redacted() string
}

// Redact returns the text of an error without what is of the body. Of one that cannot redact itself, it is that of the first one
// inside that can, or nothing but the type.
func Redact(err error) string {
	var known redactable
	if errors.As(err, &known) {
		return known.Redacted()
	}
	return fmt.Sprintf("%s (%T)", omitted, err)
}

// A Literal is text of the program, not of a body. A constant becomes one by itself; a conversion says that the string is one of
// a few that the program knows.
type Literal string

// Quoted is a part of the body, as Quote returns it.
type Quoted string

// omitted stands for what is of the body.
const omitted omission = "..."

// An omission looks the same whatever the verb that it is formatted with, but for the quotes of %q.
type omission string

// Format implements fmt.Formatter.
func (o omission) Format(to fmt.State, verb rune) {
	if verb == 'q' {
		o = `"` + o + `"`
	}
	_, _ = io.WriteString(to, string(o)) // fmt's buffer takes all
}

// Errorf returns the error that fmt.Errorf does, and which can redact itself: it leaves out all arguments but numbers, Literals,
// the enumerations of this package, and what errors say redacted. Without arguments it is the errors.New of the packages that
// deal with bodies. The format must be a constant.
func Errorf(format string, args ...any) error {
	return &message{full: fmt.Errorf(format, args...), format: format, args: args}
}

type message struct {
	full   error
	format string
	args   []any
}

func (m *message) Error() string { return m.full.Error() }

// Unwrap returns what has the errors that %w stands for.
func (m *message) Unwrap() error { return m.full }

// Redacted formats anew.
func (m *message) Redacted() string {
	args := make([]any, len(m.args))
	for i, arg := range m.args {
		args[i] = redactArgument(arg)
	}
	return fmt.Errorf(m.format, args...).Error() // not Sprintf, which does not know %w
}

func redactArgument(arg any) any {
	switch arg := arg.(type) {
	case Literal, Type, Format, model.ValidationScheme, int, int32, int64, uint64, float64:
		return arg
	case Quoted:
		if arg == `""` {
			return arg // that nothing is there is often the fault
		}
		return `"` + omitted + `"`
	case error:
		return errors.New(Redact(arg))
	default:
		return omitted
	}
}
