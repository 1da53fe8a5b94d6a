package difftest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/difftest/render"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// pagesWithOwnTargets are the wanted differences from prometheusreceiver: with honor_labels it makes resources of the
// labels job and instance of samples. In a push they lose against the job of the path, as in the Pushgateway, and an
// instance is an attribute if the path has none.
var pagesWithOwnTargets = map[string]bool{"pushgateway-1.5.1.txt": true, "pushgateway-1.5.1.pb": true}

// TestMapping compares what we make of each page in testdata/pages with what prometheusreceiver made of it: the files
// that end in .want, which `make goldens` makes.
func TestMapping(t *testing.T) {
	wanted, err := filepath.Glob(filepath.Join("../../testdata/pages", "*.want"))
	require.NoError(t, err)
	require.NotEmpty(t, wanted)
	for _, path := range wanted {
		page := strings.TrimSuffix(path, ".want")
		name := filepath.Base(page)
		t.Run(name, func(t *testing.T) {
			want, err := os.ReadFile(path)
			require.NoError(t, err)
			got := renderPage(t, page)
			if pagesWithOwnTargets[name] {
				assert.NotEqual(t, string(want), got, "the difference is gone")
				return
			}
			assert.Equal(t, string(want), got)
		})
	}
}

// renderPage pushes a page and renders the metrics as those of prometheusreceiver are.
func renderPage(t *testing.T, path string) string {
	body, err := os.ReadFile(path)
	require.NoError(t, err)
	format := map[string]exposition.Format{
		".txt": exposition.Text, ".om": exposition.OpenMetrics, ".pb": exposition.Protobuf,
	}[filepath.Ext(path)]
	received := time.Unix(1_750_000_000, 0)
	const job, scope = "job", "scope"
	b := translate.NewBuilder(groupingkey.Key{Job: job}, translate.Options{ScopeName: scope}, nil)
	require.NoError(t, exposition.Decode(string(body), exposition.Options{Format: format, NameValidation: model.UTF8Validation}, b))
	require.NoError(t, b.Check())
	metrics := b.Metrics(received)
	render.Normalize(metrics, render.Origin{Job: job, Scope: scope, Received: pcommon.NewTimestampFromTime(received)})
	return render.Lines(metrics)
}
