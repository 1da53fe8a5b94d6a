package difftest

import (
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// A body means the same to the lenient decoder, whichever way it is written.
func TestLenient(t *testing.T) {
	lenient := func(body string, format exposition.Format) recording {
		options := exposition.Options{Format: format, NameValidation: model.UTF8Validation, Lenient: true}
		return record(func(sink exposition.Sink) error { return exposition.Decode(body, options, sink) }, false)
	}
	f := func(format exposition.Format, body string) {
		t.Helper()
		if strings.Contains(body, "\r\n") {
			return // a help text that ends in CR, which is forgotten
		}
		want := record(ourDecode(body, format, model.UTF8Validation), false)
		require.NoError(t, want.err, body)
		assert.Equal(t, want, lenient(body, format), body)
		windows := strings.ReplaceAll(body, "\n", "\r\n")
		assert.Equal(t, want, lenient(windows, format), windows)
		assert.Equal(t, want, lenient("\ufeff"+windows, format), windows)
		if cut := strings.TrimSuffix(body, "\n"); !strings.HasPrefix(lastLine(cut), "#") {
			assert.Equal(t, want, lenient(cut, format), cut)
		}
	}
	for _, all := range [][]bodyCase{acceptedText, pages(t, ".txt")} {
		for _, tc := range all {
			f(exposition.Text, tc.body)
		}
	}
	for _, tc := range acceptedOpenMetrics {
		f(exposition.OpenMetrics, tc.body+"# EOF\n")
	}
}

func lastLine(body string) string {
	return strings.TrimLeft(body[strings.LastIndexByte(body, '\n')+1:], " \t")
}
