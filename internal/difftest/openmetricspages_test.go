package difftest

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/benchload/dataset"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

func TestOpenMetricsPages(t *testing.T) {
	for _, p := range pages(t, ".om") {
		t.Run(p.name, func(t *testing.T) {
			for _, names := range namings {
				assert.Empty(t, openMetricsDisagreement(p.body, names))
			}
			assert.NoError(t, ourDecode(p.body, exposition.OpenMetrics, model.UTF8Validation)(discard{}))
		})
	}
}

// TestOpenMetricsPagesThatAreCut decodes pages that end early: none of them is accepted.
func TestOpenMetricsPagesThatAreCut(t *testing.T) {
	const cuts = 300
	random := rand.New(rand.NewPCG(11, 12))
	for _, p := range pages(t, ".om") {
		t.Run(p.name, func(t *testing.T) {
			for range cuts {
				body := p.body[:random.IntN(len(strings.TrimSuffix(p.body, "\n")))]
				require.Empty(t, openMetricsDisagreement(body, model.UTF8Validation), body)
				require.Error(t, ourDecode(body, exposition.OpenMetrics, model.UTF8Validation)(discard{}), body)
			}
		})
	}
}

// TestOpenMetricsPagesWithADamagedByte decodes parts of pages with one byte left out, doubled or changed.
func TestOpenMetricsPagesWithADamagedByte(t *testing.T) {
	const places = 300
	random := rand.New(rand.NewPCG(13, 14))
	for _, p := range pages(t, ".om") {
		t.Run(p.name, func(t *testing.T) {
			for range places {
				body := partOf(p.body, random.IntN(len(p.body)))
				i := random.IntN(len(body))
				for _, damaged := range []string{
					body[:i] + body[i+1:], body[:i] + body[i:i+1] + body[i:], body[:i] + " " + body[i+1:],
					body[:i] + "\"" + body[i+1:], body[:i] + "\xff" + body[i+1:], body[:i] + "\n" + body[i+1:],
					body[:i] + string(body[i]^1<<random.IntN(7)) + body[i+1:],
				} {
					require.Empty(t, openMetricsDisagreement(damaged, model.UTF8Validation), damaged)
				}
			}
		})
	}
}

// partOf returns some lines of the page from that place on, and the end.
func partOf(page string, begin int) string {
	const size = 1000
	begin += strings.IndexByte(page[begin:], '\n') + 1
	part := page[begin:min(len(page), begin+size)]
	return part[:strings.LastIndexByte(part, '\n')+1] + "# EOF\n"
}

// TestOpenMetricsPagesOfMixedLines decodes pages backwards, and with lines doubled or in another place.
func TestOpenMetricsPagesOfMixedLines(t *testing.T) {
	const mixes = 50
	random := rand.New(rand.NewPCG(15, 16))
	for _, p := range pages(t, ".om") {
		t.Run(p.name, func(t *testing.T) {
			for range mixes {
				lines := strings.SplitAfter(partOf(p.body, random.IntN(len(p.body))), "\n")
				i, j := random.IntN(len(lines)), random.IntN(len(lines))
				lines[i] = lines[j] + lines[i]
				require.Empty(t, openMetricsDisagreement(strings.Join(lines, ""), model.UTF8Validation))
				random.Shuffle(len(lines)-2, func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
				require.Empty(t, openMetricsDisagreement(strings.Join(lines, ""), model.UTF8Validation))
			}
		})
	}
}

// TestDatasetsInOpenMetrics compares the data sets, and the other pages, as expfmt writes them in OpenMetrics.
func TestDatasetsInOpenMetrics(t *testing.T) {
	for _, s := range dataset.All() {
		t.Run(s.Name, func(t *testing.T) {
			assertOpenMetricsOf(t, s.Body, s.ContentType == dataset.ProtobufType)
		})
	}
	for _, extension := range []string{".txt", ".pb"} {
		for _, p := range pages(t, extension) {
			t.Run(p.name, func(t *testing.T) { assertOpenMetricsOf(t, p.body, extension == ".pb") })
		}
	}
}

// assertOpenMetricsOf writes the body in OpenMetrics, and compares the decoding of that: plain, and with
// _created.
func assertOpenMetricsOf(t *testing.T, body string, isProtobuf bool) {
	t.Helper()
	families := familiesOf(t, body, isProtobuf)
	setCreated(families)
	for _, options := range [][]expfmt.EncoderOption{nil, {expfmt.WithCreatedLines()}} {
		var b strings.Builder
		for _, f := range families {
			_, err := expfmt.MetricFamilyToOpenMetrics(&b, f, options...)
			require.NoError(t, err)
		}
		_, err := expfmt.FinalizeOpenMetrics(&b)
		require.NoError(t, err)
		_, err = parsePage(b.String())
		require.NoError(t, err)
		assert.Empty(t, openMetricsDisagreement(b.String(), model.UTF8Validation))
	}
}

func familiesOf(t *testing.T, body string, isProtobuf bool) []*dto.MetricFamily {
	t.Helper()
	if isProtobuf {
		families, err := readFamilies(body)
		require.NoError(t, err)
		return families
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	byName, err := parser.TextToMetricFamilies(strings.NewReader(body))
	require.NoError(t, err)
	var families []*dto.MetricFamily
	for _, f := range byName {
		families = append(families, f)
	}
	return families
}

// setCreated lets all that can have begun at some time do so.
func setCreated(families []*dto.MetricFamily) {
	for i, f := range families {
		created := timestamppb.New(time.UnixMilli(1_700_000_000_000 + int64(i)*1001))
		for _, m := range f.GetMetric() {
			switch {
			case m.Counter != nil:
				m.Counter.CreatedTimestamp = created
			case m.Summary != nil:
				m.Summary.CreatedTimestamp = created
			case m.Histogram != nil:
				m.Histogram.CreatedTimestamp = created
			}
		}
	}
}
