package dataset_test

import (
	"regexp"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protodelim"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/benchload/dataset"
)

func TestAll(t *testing.T) {
	want := []struct {
		name             string
		minSize, maxSize int
	}{
		{"2-samples", 147, 147},
		{"node_exporter", 55_000, 60_000},
		{"node_exporter-protobuf", 20_000, 60_000},
		{"500-histograms", 500_000, 650_000},
		{"10000", 860_000, 920_000},
		{"100000", 8_600_000, 9_200_000},
	}
	sets := dataset.All()
	require.Len(t, sets, len(want))
	for i, w := range want {
		t.Run(w.name, func(t *testing.T) {
			s := sets[i]
			assert.Equal(t, w.name, s.Name)
			assert.GreaterOrEqual(t, len(s.Body), w.minSize)
			assert.LessOrEqual(t, len(s.Body), w.maxSize)
			assert.Equal(t, strings.HasSuffix(s.Name, "-protobuf"), s.ContentType == dataset.ProtobufType)
		})
	}
}

func TestSeries(t *testing.T) {
	for _, n := range []int{0, 1, 10, 99, 10_000} {
		lines := strings.Split(strings.TrimSuffix(dataset.Series(n), "\n"), "\n")
		distinct := map[string]bool{}
		for _, line := range lines {
			if strings.HasPrefix(line, "#") {
				continue
			}
			assert.GreaterOrEqual(t, len(line), 86, line)
			assert.LessOrEqual(t, len(line), 90, line)
			distinct[line[:strings.IndexByte(line, '}')]] = true
		}
		assert.Len(t, distinct, n)
		assert.Len(t, lines, n+20, "ten families, with two lines of head each")
		requirePoints(t, dataset.Series(n), n)
	}
}

func TestFamilies(t *testing.T) {
	assert.Len(t, requirePoints(t, dataset.Families(100), 100), 100)
}

func TestHistograms(t *testing.T) {
	const n = 500
	families := requirePoints(t, dataset.Histograms(n), n)
	require.Len(t, families, 1)
	for _, m := range families["bench_duration_seconds"].GetMetric() {
		assert.Len(t, m.GetHistogram().GetBucket(), 12)
		assert.Equal(t, m.GetHistogram().GetSampleCount(), m.GetHistogram().GetBucket()[11].GetCumulativeCount())
	}
}

func TestTheNodeExporterPageIsOfNoParticularNode(t *testing.T) {
	for _, match := range regexp.MustCompile(`nodename="([^"]*)"`).FindAllStringSubmatch(dataset.NodeExporter, -1) {
		assert.Equal(t, "node", match[1])
	}
}

// Protobuf must have the same metrics as the text that it is made of.
func TestProtobuf(t *testing.T) {
	want := parse(t, dataset.NodeExporter)
	reader := strings.NewReader(dataset.Protobuf(dataset.NodeExporter))
	var last string
	got := 0
	for ; reader.Len() > 0; got++ {
		var f dto.MetricFamily
		require.NoError(t, protodelim.UnmarshalFrom(reader, &f))
		assert.Less(t, last, f.GetName(), "families are sorted")
		last = f.GetName()
		assert.Equal(t, want[f.GetName()].String(), f.String())
	}
	assert.Len(t, want, got)
}

// requirePoints requires that the text is valid and has n points.
func requirePoints(t *testing.T, text string, n int) map[string]*dto.MetricFamily {
	t.Helper()
	families := parse(t, text)
	got := 0
	for _, f := range families {
		got += len(f.GetMetric())
	}
	require.Equal(t, n, got)
	return families
}

func parse(t *testing.T, text string) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(text))
	require.NoError(t, err)
	return families
}
