package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// results are all that was measured.
type results struct {
	settings settings
	rows     []row
}

// A row is what was measured with one workload.
type row struct {
	workload string
	pushSize int // bytes of the body
	otlpSize int
	groups   int // in the Pushgateway
	// samples are those of each server that was driven, one for each round.
	samples map[string][]sample
}

// A figure is a column of a table, for each server.
type figure func(sample) float64

// write writes the results as Markdown.
func (r *results) write(w io.Writer, facts string) error {
	var b strings.Builder
	s := r.settings
	fmt.Fprintf(&b, "%s\n\n", facts)
	fmt.Fprintf(&b, "Medians of %d rounds of %v, %d connections.\n\n", s.rounds, s.duration, s.connections)
	for _, k := range kinds {
		if s.drives(k.name) {
			fmt.Fprintf(&b, "- `%s`: %s\n", k.name, k.means)
		}
	}
	micros := func(of func(sample) time.Duration) figure {
		return func(s sample) float64 { return float64(of(s)) / float64(time.Microsecond) }
	}
	cpu := micros(func(s sample) time.Duration { return s.cpu })
	r.table(&b, "CPU for a push (µs)", cpu, ratio{ours, otlp}, ratio{ours, vmagent}, ratio{withPage, ours})
	r.table(&b, "Pushes a second", func(s sample) float64 { return s.rate })
	r.table(&b, "Latency, p50 (µs)", micros(func(s sample) time.Duration { return s.p50 }))
	r.table(&b, "Latency, p99 (µs)", micros(func(s sample) time.Duration { return s.p99 }))
	r.table(&b, "Peak memory (MiB)", func(s sample) float64 { return float64(s.peak) / (1 << 20) })
	r.table(&b, "CPU of the clients for a push (µs)", micros(func(s sample) time.Duration { return s.clientCPU }))
	r.sizes(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// A ratio is that of the figures of two servers.
type ratio struct{ of, to string }

// table writes a table with a column for each server, and one for each of the ratios.
func (r *results) table(b *strings.Builder, title string, f figure, rs ...ratio) {
	fmt.Fprintf(b, "\n## %s\n\n", title)
	header := []string{"body"}
	servers := slices.DeleteFunc(serverNames(), func(name string) bool { return !r.settings.drives(name) })
	header = append(header, servers...)
	rs = slices.DeleteFunc(rs, func(c ratio) bool { return !r.settings.drives(c.of) || !r.settings.drives(c.to) })
	for _, c := range rs {
		header = append(header, c.of+" / "+c.to)
	}
	line(b, header)
	line(b, append([]string{"---"}, slices.Repeat([]string{"---:"}, len(header)-1)...))
	for _, row := range r.rows {
		cells := []string{row.workload}
		for _, name := range servers {
			cells = append(cells, format(row.figures(name, f)))
		}
		for _, c := range rs {
			cells = append(cells, formatRatio(ratios(row.figures(c.of, f), row.figures(c.to, f))))
		}
		line(b, cells)
	}
}

// sizes says how large the bodies were, and how full the Pushgateway was.
func (r *results) sizes(b *strings.Builder) {
	b.WriteString("\n## Bodies\n\n")
	line(b, []string{"body", "bytes", "bytes as OTLP", "groups in the Pushgateway"})
	line(b, []string{"---", "---:", "---:", "---:"})
	for _, row := range r.rows {
		groups := "-"
		if row.groups > 0 {
			groups = fmt.Sprint(row.groups)
		}
		line(b, []string{row.workload, fmt.Sprint(row.pushSize), fmt.Sprint(row.otlpSize), groups})
	}
}

func line(b *strings.Builder, cells []string) {
	fmt.Fprintf(b, "| %s |\n", strings.Join(cells, " | "))
}

// figures returns the figure of each round, none if the server was not driven.
func (r row) figures(server string, f figure) []float64 {
	values := make([]float64, 0, len(r.samples[server]))
	for _, s := range r.samples[server] {
		values = append(values, f(s))
	}
	return values
}

// ratios divides round by round.
func ratios(dividends, divisors []float64) []float64 {
	n := min(len(dividends), len(divisors)) // one of them may be of no round
	quotients := make([]float64, n)
	for i := range n {
		quotients[i] = dividends[i] / divisors[i]
	}
	return quotients
}

// format returns the median with about three digits.
func format(values []float64) string {
	if len(values) == 0 {
		return "-"
	}
	m := median(values)
	if m < 100 {
		return fmt.Sprintf("%.1f", m)
	}
	return fmt.Sprintf("%.0f", m)
}

func formatRatio(values []float64) string {
	if len(values) == 0 {
		return "-"
	}
	return fmt.Sprintf("%.2f", median(values))
}
