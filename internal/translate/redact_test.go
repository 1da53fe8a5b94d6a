package translate_test

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/redacttest"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

func TestRedactedInconsistentError(t *testing.T) {
	_, err := build("# TYPE s summary\ns{l=\"v\",quantile=\"2\"} 1\ns_count{l=\"v\"} 1\n", exposition.Text, "job/x", defaults())
	require.EqualError(t, err, `pushed metrics are invalid or inconsistent: s{l="v"}: quantile 2 is not between 0 and 1 (line 2)`)
	assert.Equal(t, "pushed metrics are invalid or inconsistent: ...: quantile 2 is not between 0 and 1 (line 2)", exposition.Redact(err))
}

// Wherever a secret stands in a push, the redacted error does not show it.
func TestRedactedErrorsHaveNothingOfTheBody(t *testing.T) {
	const most = 300
	inconsistent, marked := 0, 0
	check := func(body string, format exposition.Format, path string, o translate.Options) {
		_, err := build(body, format, path, o)
		if err == nil {
			return
		}
		full := err.Error()
		require.Empty(t, redacttest.Wrong(full, exposition.Redact(err)), "%q", body)
		if errors.As(err, new(*translate.InconsistentError)) {
			inconsistent++
			if redacttest.Shows(full) {
				marked++
			}
		}
	}
	reject := defaults()
	reject.Timestamps, reject.Samples = translate.RejectTimestamps, 5
	checkAll := func(body string, format exposition.Format) {
		for changed := range redacttest.Bodies(body, most) {
			check(changed, format, "job/x/l/v/le/1", defaults())
			check(changed, format, "job/x/l/v/quantile/1", reject)
			check(changed+changed, format, "job/x", defaults())
		}
	}
	for _, tc := range inconsistentCases {
		checkAll(tc.body, exposition.Text)
	}
	inputs, err := filepath.Glob(filepath.Join("..", "..", "testdata", "*", "*.in"))
	require.NoError(t, err)
	for _, path := range inputs {
		checkAll(readBody(t, path))
	}
	assert.Greater(t, inconsistent, 1000)
	assert.Greater(t, marked, 100)
}
