package difftest

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/redacttest"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// Wherever a secret stands in one of the bodies here, the redacted error does not show it.
func TestRedactedErrorsHaveNothingOfTheBody(t *testing.T) {
	for format, all := range map[exposition.Format][]bodyCase{
		exposition.Text: slices.Concat(acceptedText, refusedText, differingText, pages(t, ".txt")),
		exposition.OpenMetrics: slices.Concat(acceptedOpenMetrics, refusedOpenMetrics, differingOpenMetrics, extendingOpenMetrics,
			pages(t, ".om")),
		exposition.Protobuf: slices.Concat(bodies(t, acceptedProtobuf), bodies(t, refusedProtobuf), bodies(t, differingProtobuf),
			acceptedWire, refusedWire, pages(t, ".pb")),
	} {
		t.Run(format.String(), func(t *testing.T) {
			refused, marked := 0, 0
			for _, tc := range all {
				most := 300
				if len(tc.body) > maxSeed {
					most = 50
				}
				for body := range redacttest.Bodies(tc.body, most) {
					for _, names := range namings {
						b := translate.NewBuilder(groupingkey.Key{Job: "x"}, translate.Options{}, func(int) error { return nil })
						err := ourDecode(body, format, names)(b)
						if err == nil {
							err = b.Check()
						}
						if err == nil {
							continue
						}
						require.Empty(t, redacttest.Wrong(err.Error(), exposition.Redact(err)), tc.name)
						refused++
						if redacttest.Shows(err.Error()) {
							marked++
						}
					}
				}
			}
			t.Logf("%d are refused, with the marker in %d full texts", refused, marked)
			assert.Positive(t, marked)
		})
	}
}
