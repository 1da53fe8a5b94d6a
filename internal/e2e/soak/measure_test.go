package soak

import (
	"fmt"
	"io/fs"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A sample is what the collector needs at a moment.
type sample struct {
	at         time.Duration
	requests   int
	rss, heap  float64 // in MiB; heap is what is live after a garbage collection
	goroutines float64
	files      float64 // descriptors
	stored     float64 // in MiB: files of the queue
}

// A meter measures one collector.
type meter struct {
	collector *testbed.Collector
	pprofURL  string
	storage   string // directory
	since     time.Time
}

func (m *meter) measure(t *testing.T, l *load) sample {
	t.Helper()
	const mebibyte = 1 << 20
	return sample{
		at: time.Since(m.since), requests: l.count(),
		heap:       m.profile(t, "heap?gc=1&debug=1", `# HeapAlloc = (\d+)`) / mebibyte,
		rss:        float64(m.collector.Memory(t, "VmRSS")) / mebibyte,
		goroutines: m.profile(t, "goroutine?debug=1", `goroutine profile: total (\d+)`),
		files:      float64(m.collector.OpenFiles(t)),
		stored:     float64(size(t, m.storage)) / mebibyte,
	}
}

// profile returns the figure in a text of net/http/pprof.
func (m *meter) profile(t *testing.T, name, figure string) float64 {
	t.Helper()
	page := testbed.Get(t, http.DefaultClient, m.pprofURL+"/debug/pprof/"+name)
	match := regexp.MustCompile(figure).FindStringSubmatch(page)
	require.NotNil(t, match, figure)
	value, err := strconv.ParseFloat(match[1], 64)
	require.NoError(t, err)
	return value
}

// size returns how many bytes the files of a directory have. The collector may remove one meanwhile.
func size(t *testing.T, dir string) int64 {
	t.Helper()
	var sum int64
	require.NoError(t, filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if info, err := entry.Info(); err == nil && !entry.IsDir() {
			sum += info.Size()
		}
		return nil
	}))
	return sum
}

// A figure is one of a sample that must not grow: by more than a fifth and what is allowed in addition, for what the garbage
// collector leaves and for the clients that are there at the moment. They have two goroutines and a connection each.
type figure struct {
	name    string
	of      func(sample) float64
	allowed float64
}

var figures = []figure{
	{"resident memory (MiB)", func(s sample) float64 { return s.rss }, 24},
	{"live heap (MiB)", func(s sample) float64 { return s.heap }, 6},
	{"goroutines", func(s sample) float64 { return s.goroutines }, 2 * atOnce},
	{"file descriptors", func(s sample) float64 { return s.files }, atOnce},
}

func (f figure) median(samples []sample) float64 {
	values := make([]float64, len(samples))
	for i := range samples {
		values[i] = f.of(samples[i])
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// table shows some of the samples.
func table(samples []sample) string {
	const rows = 12
	var b strings.Builder
	b.WriteString("| time | requests | RSS MiB | live heap MiB | goroutines | file descriptors | queue on disk MiB |\n|---|---|---|---|---|---|---|\n")
	for i, s := range samples {
		if last := len(samples) - 1; i*rows/len(samples) != (i+1)*rows/len(samples) || i == 0 || i == last {
			fmt.Fprintf(&b, "| %v | %d | %.0f | %.1f | %.0f | %.0f | %.2f |\n",
				s.at.Round(time.Second), s.requests, s.rss, s.heap, s.goroutines, s.files, s.stored)
		}
	}
	return b.String()
}
