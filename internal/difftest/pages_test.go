package difftest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/benchload/dataset"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// A bodyCase is a body and what it has to show.
type bodyCase struct{ name, body string }

// maxSeed is the size of the largest seed of a fuzz target: a fuzzer learns little from large ones.
const maxSeed = 4000

// addSeeds adds all bodies that are short enough.
func addSeeds(f *testing.F, all ...[]bodyCase) {
	for _, cases := range all {
		for _, tc := range cases {
			if len(tc.body) <= maxSeed {
				f.Add(tc.body)
			}
		}
	}
}

// pages returns the pages of that extension: what programs of the field answer to a scrape.
func pages(t testing.TB, extension string) []bodyCase {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", "testdata", "pages", "*"+extension))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var all []bodyCase
	for _, file := range files {
		body, err := os.ReadFile(file)
		require.NoError(t, err)
		all = append(all, bodyCase{filepath.Base(file), string(body)})
	}
	return all
}

func TestTextPages(t *testing.T) {
	for _, p := range pages(t, ".txt") {
		t.Run(p.name, func(t *testing.T) {
			for _, names := range namings {
				assert.Empty(t, textDisagreement(p.body, names))
			}
			assert.NoError(t, ourDecode(p.body, exposition.Text, model.UTF8Validation)(discard{}))
		})
	}
}

// TestTextPagesOfMixedLines decodes the lines of pages in other orders: backwards, and those of two pages by turns.
func TestTextPagesOfMixedLines(t *testing.T) {
	all := pages(t, ".txt")
	for i, p := range all {
		t.Run(p.name, func(t *testing.T) {
			lines := strings.SplitAfter(p.body, "\n")
			other := strings.SplitAfter(all[(i+1)%len(all)].body, "\n")
			var backwards, mixed strings.Builder
			for j := len(lines) - 1; j >= 0; j-- {
				backwards.WriteString(lines[j])
			}
			for j := range max(len(lines), len(other)) {
				if j < len(lines) {
					mixed.WriteString(lines[j])
				}
				if j < len(other) {
					mixed.WriteString(other[j])
				}
			}
			assert.Empty(t, textDisagreement(backwards.String(), model.UTF8Validation))
			assert.Empty(t, textDisagreement(mixed.String(), model.UTF8Validation))
		})
	}
}

// TestTextPagesWithADamagedByte decodes pages with one byte left out, doubled or changed, at many places.
func TestTextPagesWithADamagedByte(t *testing.T) {
	const places = 300
	for _, p := range pages(t, ".txt") {
		t.Run(p.name, func(t *testing.T) {
			body := p.body[:strings.LastIndexByte(p.body[:min(len(p.body), maxSeed)], '\n')+1]
			for i := 0; i < len(body); i += max(1, len(body)/places) {
				for _, damaged := range []string{
					body[:i] + body[i+1:], body[:i] + body[i:i+1] + body[i:], body[:i] + " " + body[i+1:],
					body[:i] + "\"" + body[i+1:], body[:i] + "\xff" + body[i+1:], body[:i] + "\n" + body[i+1:], body[:i],
				} {
					require.Empty(t, textDisagreement(damaged, model.UTF8Validation), damaged)
				}
			}
		})
	}
}

func TestDatasets(t *testing.T) {
	for _, s := range dataset.All() {
		t.Run(s.Name, func(t *testing.T) {
			switch s.ContentType {
			case dataset.ProtobufType:
				assert.Empty(t, protobufDisagreement(s.Body, model.UTF8Validation))
			default:
				assert.Empty(t, textDisagreement(s.Body, model.UTF8Validation))
			}
		})
	}
}
