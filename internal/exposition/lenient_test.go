package exposition

import (
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func lenient(format Format) Options {
	return Options{Format: format, NameValidation: model.UTF8Validation, Lenient: true}
}

func TestDecodeLenient(t *testing.T) {
	f := func(format Format, body, want string) {
		t.Helper()
		got, err := decodeWith(body, lenient(format))
		require.NoError(t, err, body)
		assert.Equal(t, want, got, body)
		_, err = decode(body, format)
		assert.Error(t, err, "%q: without lenient it is refused", body)
	}
	f(Text, "a 1\nb 2", "# unknown a\n1\n# unknown b\n2")
	f(Text, "a 1", "# unknown a\n1")
	f(Text, "# HELP a A.\r\n# TYPE a counter\r\na{l=\"v\"} 1\r\n", "# counter a  A.\nl=\"v\" 1")
	f(Text, "\r\na 1 5\r\n\r\nb 2", "# unknown a\n1 at=5000000\n# unknown b\n2")
	f(Text, "\ufeff# TYPE a gauge\r\na 1", "# gauge a\n1")
	f(Text, "\ufeff", "")
	f(OpenMetrics, "# TYPE a gauge\r\na 1\r\n# EOF\r\n", "# gauge a\n1")
	f(OpenMetrics, "\ufeff# EOF", "")
}

func TestDecodeLenientStillRefuses(t *testing.T) {
	f := func(format Format, body, want string) {
		t.Helper()
		_, err := decodeWith(body, lenient(format))
		require.ErrorContains(t, err, want, body)
		assert.NotContains(t, err.Error(), "set lenient", "it is set")
	}
	f(Text, "# HELP a A.# TYPE a counter a 1", "in line 1: the last line has no newline")
	f(Text, "a 1\n \t# TYPE b counter", "in line 2: the last line has no newline")
	f(Text, "a 1\rb 2\r", `expected a number as value, got "1\rb"; the line is "a 1\rb 2\r"`)
	f(Text, "a 1\r\r\n", `in line 1: expected a number as value, got "1\r"; the line is "a 1\r"`)
	f(Text, "a 1\r\nb\r\n", `in line 2: expected a number as value, got ""; the line is "b"`)
	f(Text, "a 1\n\ufeffb 1\n", `in line 2: expected a metric name`)
	f(OpenMetrics, "a 1\r\n", "the body does not end with # EOF")
	f(OpenMetrics, "a 1", "the body does not end with # EOF")
}
