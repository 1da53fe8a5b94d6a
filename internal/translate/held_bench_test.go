package translate_test

import (
	"slices"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/benchload/dataset"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// go test ./internal/translate -run '^$' -bench Held
//
// What a push costs without groups, what it costs with them, and what it costs to read what was stored of it and to republish it.
func BenchmarkHeld(b *testing.B) {
	for name, body := range map[string]string{"10 families of 10 series": dataset.Series(100), "100 families of 1 series": dataset.Families(100)} {
		held, _ := hold(b, body, exposition.Text, goldenKey, defaults())
		for what, do := range map[string]func(){
			"stateless": func() { push(b, body).Metrics(received) },
			"groups":    func() { hold(b, body, exposition.Text, goldenKey, defaults()) },
			"read": func() {
				again := *held
				again.Families = slices.Clone(held.Families)
				require.NoError(b, translate.SetSeries(&again))
			},
			"republish": func() {
				batch := translate.NewBatch(defaults())
				require.NoError(b, batch.AddValues(held, received))
				batch.Take()
			},
		} {
			b.Run(name+"/"+what, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					do()
				}
			})
		}
	}
}

func push(b *testing.B, body string) *translate.Builder {
	key, err := groupingkey.Parse(goldenKey, groupingkey.Options{NameValidation: model.UTF8Validation})
	require.NoError(b, err)
	builder := translate.NewBuilder(key, defaults(), nil)
	require.NoError(b, exposition.Decode(body, exposition.Options{NameValidation: model.UTF8Validation}, builder))
	require.NoError(b, builder.Check())
	return builder
}
