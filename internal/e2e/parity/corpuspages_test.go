package parity

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protodelim"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// refusedPages are those that the Pushgateway refuses, and why.
var refusedPages = map[string]string{
	"client-golang-1.24.1.txt": utf8Names,
	"client-golang-1.24.1.pb":  utf8Names,
	"client-golang-1.24.1.om":  exemplarsAsText,
	"prom-client-15.1.3.om":    exemplarsAsText,
	"python-client-0.16.0.om":  exemplarsAsText,
}

const (
	utf8Names       = "Pushgateway 1.5.1 takes no names in UTF-8"
	exemplarsAsText = "it is OpenMetrics, which the Pushgateway reads as text 0.0.4, and that has no exemplars"
)

// nativePages have native histograms.
var nativePages = []string{"client-golang-1.24.1.pb", "prometheus-0.316.0.pb"}

// pagePushes push the pages of real programs, each as the job of its name.
func pagePushes(t *testing.T) []push {
	t.Helper()
	pages, err := filepath.Glob(testbed.Repository + "/testdata/pages/*")
	require.NoError(t, err)
	contentTypes := map[string]string{".txt": textType, ".pb": testbed.ProtobufType, ".om": openMetricsType}
	var pushes []push
	for _, page := range pages {
		name, contentType := filepath.Base(page), contentTypes[filepath.Ext(page)]
		if contentType == "" {
			continue
		}
		p := push{path: "/job/" + name, contentType: contentType, body: readPage(t, page)}
		because, refused := refusedPages[name]
		if refused {
			p.refused, p.because = byPushgateway, because
		}
		if slices.Contains(nativePages, name) {
			pushes = append(pushes, push{path: "/job/native_" + name, contentType: contentType, body: withLegacyNames(t, p.body)})
		}
		if refused || !slices.Contains(nativePages, name) {
			pushes = append(pushes, p)
		}
	}
	require.NotEmpty(t, pushes)
	return pushes
}

func readPage(t *testing.T, path string) string {
	t.Helper()
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(page)
}

// withLegacyNames returns a page in protobuf without the metrics whose names the Pushgateway does not take.
func withLegacyNames(t *testing.T, page string) string {
	t.Helper()
	var kept []*dto.MetricFamily
	for in := strings.NewReader(page); in.Len() > 0; {
		family := &dto.MetricFamily{}
		require.NoError(t, protodelim.UnmarshalFrom(in, family))
		if model.LegacyValidation.IsValidMetricName(family.GetName()) {
			kept = append(kept, family)
		}
	}
	return testbed.Protobuf(t, kept...)
}
