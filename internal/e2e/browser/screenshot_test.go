package browser

import (
	"bytes"
	"cmp"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

var screenshot = flag.String("screenshot", "", "where to write the picture of the page")

// maxScreenshot is in bytes: everybody who clones the repository has it.
const maxScreenshot = 200_000

func TestScreenshot(t *testing.T) {
	c := testbed.StartCollectorWith(t, config("", "nop"))
	path := filepath.Join(t.TempDir(), "page.png")
	look(t, "screenshot", c.URL+"/", c.URL, path)
	picture, err := os.ReadFile(path)
	require.NoError(t, err)
	picture = smaller(t, picture)
	if *screenshot != "" {
		require.Less(t, len(picture), maxScreenshot)
		require.NoError(t, os.MkdirAll(filepath.Dir(*screenshot), 0o750))
		require.NoError(t, os.WriteFile(*screenshot, picture, 0o600))
	}
}

// colors are enough for a page: there are thousands, but nearly all are shades at the edges of letters.
const colors = 64

// smaller returns the picture with the colors that it has most of.
func smaller(t *testing.T, picture []byte) []byte {
	t.Helper()
	full, err := png.Decode(bytes.NewReader(picture))
	require.NoError(t, err)
	bounds := full.Bounds()
	counts := map[color.RGBA]int{}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			counts[color.RGBAModel.Convert(full.At(x, y)).(color.RGBA)]++
		}
	}
	often := slices.SortedFunc(maps.Keys(counts), func(a, b color.RGBA) int { return cmp.Compare(counts[b], counts[a]) })
	var palette color.Palette
	for _, c := range often[:min(len(often), colors)] {
		palette = append(palette, c)
	}
	reduced := image.NewPaletted(bounds, palette)
	draw.Draw(reduced, bounds, full, bounds.Min, draw.Src)
	var out bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestCompression}
	require.NoError(t, encoder.Encode(&out, reduced))
	return out.Bytes()
}
