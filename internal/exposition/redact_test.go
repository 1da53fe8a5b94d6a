package exposition

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/encoding/prototext"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/redacttest"
)

func TestErrorf(t *testing.T) {
	_, number := strconv.Atoi("secret")
	sentinel := Errorf("the body ends")
	f := func(err error, full, redacted string) {
		t.Helper()
		require.EqualError(t, err, full)
		assert.Equal(t, redacted, Redact(err))
	}
	f(sentinel, "the body ends", "the body ends")
	f(Errorf("got %s", Quote("secret")), `got "secret"`, `got "..."`)
	f(Errorf("got %s", Quote("")), `got ""`, `got ""`)
	f(Errorf("%s, %v, %q, %d, %x", "secret", "secret", "secret", []int{7}, "s"), `secret, secret, "secret", [7], 73`, `..., ..., "...", ..., ...`)
	f(Errorf("%s and %q: %s", Literal("le"), Literal("le"), Quoted("")), `le and "le": `, `le and "le": "..."`)
	f(Errorf("%d %v %v %s %s %s", -1, 1.5, uint64(7), TypeGauge, Protobuf, model.UTF8Validation), "-1 1.5 7 gauge protobuf utf8", "-1 1.5 7 gauge protobuf utf8")
	f(Errorf("line: %w", sentinel), "line: the body ends", "line: the body ends")
	f(Errorf("x%s: %w (%v)", Quote("y"), Errorf("z%s", "y"), number),
		`x"y": zy (strconv.Atoi: parsing "secret": invalid syntax)`, `x"...": z... (... (*strconv.NumError))`)
	f(fmt.Errorf("secret: %w", sentinel), "secret: the body ends", "the body ends")
	f(errors.New("secret"), "secret", "... (*errors.errorString)")

	wrapped := Errorf("%w, %w", Errorf("x: %w", sentinel), number)
	require.ErrorIs(t, wrapped, sentinel)
	require.ErrorAs(t, wrapped, new(*strconv.NumError))
}

func TestRedactedErrors(t *testing.T) {
	f := func(err error, want string) {
		t.Helper()
		assert.Equal(t, want, Redact(err))
	}
	secret := errors.New("secret")
	f(&SyntaxError{Line: 3, Text: "secret", Err: Errorf("got %s", Quote("secret"))}, `cannot decode text in line 3: got "..."`)
	f(&SyntaxError{Format: Protobuf, Offset: 7, Err: secret}, "cannot decode protobuf at byte 7: ... (*errors.errorString)")
	f(&PointError{Line: 3, Err: secret}, "... (*errors.errorString) (line 3)")
	f(&PointError{Err: errBodyEnds}, "the body ends before the message does")
	f(&LimitError{What: "labels", Actual: 8, Limit: 7, Setting: "labels_per_sample"}, "8 labels; limits.labels_per_sample is 7")
	f(&LimitError{What: "bytes in label name", Name: Quote("secret"), Actual: 8, Limit: 7, Setting: "label_name_length"},
		`8 bytes in label name "..."; limits.label_name_length is 7`)
}

// redactOptions are options with which different things are refused.
var redactOptions = []Options{
	{NameValidation: model.UTF8Validation},
	{NameValidation: model.LegacyValidation, Lenient: true, IgnoreNative: true},
	{NameValidation: model.UTF8Validation, Limits: Limits{Labels: 2, MetricName: 6, LabelName: 6, LabelValue: 6}},
}

// A redaction counts the errors that were told in two ways, and those that have the marker in full.
type redaction struct{ told, marked int }

func (r *redaction) check(t *testing.T, body string, format Format) {
	t.Helper()
	for _, o := range redactOptions {
		o.Format = format
		_, err := decodeWith(body, o)
		if err == nil {
			continue
		}
		full := err.Error()
		require.Empty(t, redacttest.Wrong(full, Redact(err)), "%q", body)
		r.told++
		if redacttest.Shows(full) {
			r.marked++
		}
	}
}

// Wherever a secret stands in a body, the redacted error does not show it.
func TestRedactedErrorsHaveNothingOfTheBody(t *testing.T) {
	const most = 300
	bodies := map[Format][]string{}
	for _, tc := range textCases {
		bodies[Text] = append(bodies[Text], tc.body)
	}
	for _, tc := range badTextCases {
		bodies[Text] = append(bodies[Text], tc.body)
	}
	for _, tc := range openMetricsCases {
		bodies[OpenMetrics] = append(bodies[OpenMetrics], tc.body+"# EOF\n")
	}
	for _, tc := range badOpenMetricsCases {
		bodies[OpenMetrics] = append(bodies[OpenMetrics], tc.body)
	}
	for _, tc := range wireCases {
		bodies[Protobuf] = append(bodies[Protobuf], lengthAndMessage(tc.message))
	}
	for _, tc := range badWireCases {
		bodies[Protobuf] = append(bodies[Protobuf], lengthAndMessage(bytesField(1, "a")+tc.message))
	}
	for format, all := range bodies {
		t.Run(format.String(), func(t *testing.T) {
			var r redaction
			for _, body := range all {
				r.check(t, body, format)
				for marked := range redacttest.Bodies(body, most) {
					r.check(t, marked, format)
				}
			}
			assert.Greater(t, r.told, 10_000)
			assert.Positive(t, r.marked) // of protobuf few: what is written over strings is mostly the end of the message
		})
	}
	t.Run("prototext", func(t *testing.T) {
		var r redaction
		for _, tc := range badProtobufCases {
			r.checkFamilies(t, tc.family)
		}
		for _, tc := range protobufCases {
			r.checkFamilies(t, tc.families...)
		}
		assert.Greater(t, r.marked, 100)
	})
}

// checkFamilies marks families that are written as prototext, where that is still prototext then: in its strings. A gauge of the
// name of many of them goes before.
func (r *redaction) checkFamilies(t *testing.T, families ...string) {
	t.Helper()
	gauge := `name:"a" type:GAUGE metric:{gauge:{}}`
	for i, text := range families {
		for marked := range redacttest.Bodies(text, len(text)) {
			body, ok := delimitedIfValid(append(append([]string{gauge}, families[:i]...), marked, gauge)...)
			if ok {
				r.check(t, body, Protobuf)
				r.check(t, body[delimitedLength(t, gauge):], Protobuf)
			}
		}
	}
}

func delimitedLength(t *testing.T, family string) int { return len(delimited(t, family)) }

func delimitedIfValid(families ...string) (body string, ok bool) {
	var b bytes.Buffer
	for _, text := range families {
		family := &dto.MetricFamily{}
		if prototext.Unmarshal([]byte(text), family) != nil {
			return "", false
		}
		if _, err := protodelim.MarshalTo(&b, family); err != nil {
			return "", false
		}
	}
	return b.String(), true
}
