package translate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/encoding/prototext"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	received  = time.Unix(1_750_000_000, 250_000_000)
	goldenKey = "job/backup/instance/db1/job_id/7/empty/"
)

// defaults are the options of the receiver's default configuration, but for the push time, which has tests of its own.
func defaults() translate.Options {
	return translate.Options{ScopeName: "scope"}
}

// TestGolden compares the metrics of each testdata/*/*.in with its golden file.
func TestGolden(t *testing.T) {
	for _, path := range []string{
		"text/types.in", "text/labels.in", "text/target.in", "text/timestamps.in", "openmetrics/types.in", "protobuf/types.in",
	} {
		t.Run(path, func(t *testing.T) {
			path := filepath.Join("..", "..", "testdata", filepath.FromSlash(path))
			body, format := readBody(t, path)
			metrics, err := build(body, format, goldenKey, defaults())
			require.NoError(t, err)
			got := marshal(t, metrics)
			golden := strings.TrimSuffix(path, ".in") + ".want.json"
			if *update {
				require.NoError(t, os.WriteFile(golden, []byte(got), 0o600))
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got)
		})
	}
}

// readBody reads an input file; protobuf is written as prototext, families between lines of dashes.
func readBody(t testing.TB, path string) (string, exposition.Format) {
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	switch filepath.Base(filepath.Dir(path)) {
	case "text":
		return string(content), exposition.Text
	case "openmetrics":
		return string(content), exposition.OpenMetrics
	}
	return delimited(t, strings.Split(string(content), "\n---\n")...), exposition.Protobuf
}

// delimited returns a protobuf body of families that are written as prototext.
func delimited(t testing.TB, families ...string) string {
	var b bytes.Buffer
	for _, text := range families {
		family := &dto.MetricFamily{}
		require.NoError(t, prototext.Unmarshal([]byte(text), family))
		_, err := protodelim.MarshalTo(&b, family)
		require.NoError(t, err)
	}
	return b.String()
}

func build(body string, format exposition.Format, path string, o translate.Options) (pmetric.Metrics, error) {
	key, err := groupingkey.Parse(path, groupingkey.Options{NameValidation: model.UTF8Validation})
	if err != nil {
		return pmetric.Metrics{}, err
	}
	b := translate.NewBuilder(key, o, room(256<<20))
	if err := exposition.Decode(body, exposition.Options{Format: format, NameValidation: model.UTF8Validation}, b); err != nil {
		return pmetric.Metrics{}, err
	}
	if err := b.Check(); err != nil {
		return pmetric.Metrics{}, err
	}
	return b.Metrics(received), nil
}

var errNoRoom = errors.New("no room")

// room says no when more bytes are asked for in all.
func room(bytes int) func(int) error {
	return func(n int) error {
		if bytes -= n; bytes < 0 {
			return errNoRoom
		}
		return nil
	}
}

// buildText builds from text with a short key.
func buildText(t *testing.T, body string, o translate.Options) pmetric.Metrics {
	metrics, err := build(body, exposition.Text, "job/x/l/v", o)
	require.NoError(t, err)
	return metrics
}

func marshal(t *testing.T, metrics pmetric.Metrics) string {
	raw, err := (&pmetric.JSONMarshaler{}).MarshalMetrics(metrics)
	require.NoError(t, err)
	var b bytes.Buffer
	require.NoError(t, json.Indent(&b, raw, "", "  "))
	return b.String() + "\n"
}
