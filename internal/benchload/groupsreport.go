package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// writeGroups writes what was measured of groups mode as Markdown.
func writeGroups(w io.Writer, facts string, s settings, rows []groupsRow) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%d groups of %d series. CPU times are medians of %d rounds of %v, %d connections.\n",
		facts, allGroups, seriesInGroup, s.rounds, s.duration, s.connections)
	writeHeld(&b, rows)
	writePushes(&b, rows)
	writeRepublished(&b, s, rows)
	writeRestarts(&b, rows)
	_, err := io.WriteString(w, b.String())
	return err
}

// head writes the title and head of a table.
func head(b *strings.Builder, title string, columns ...string) {
	fmt.Fprintf(b, "\n## %s\n\n", title)
	line(b, columns)
	line(b, append([]string{"---"}, slices.Repeat([]string{"---:"}, len(columns)-1)...))
}

func writeHeld(b *strings.Builder, rows []groupsRow) {
	head(b, "Live heap for a series (bytes)", "body", "pdata", "groups", "groups / pdata")
	for _, r := range rows {
		const series = allGroups * seriesInGroup
		line(b, []string{r.body, format([]float64{r.pdata / series}), format([]float64{r.groups / series}),
			formatRatio([]float64{r.groups / r.pdata})})
	}
}

func writePushes(b *strings.Builder, rows []groupsRow) {
	names := make([]string, len(groupsModes))
	for i, m := range groupsModes {
		names[i] = m.name
	}
	columns := append([]string{"body"}, names...)
	for _, name := range names[1:] {
		columns = append(columns, name+" / "+stateless)
	}
	head(b, "CPU for a push (µs)", columns...)
	micros := func(samples []sample) []float64 {
		values := make([]float64, len(samples))
		for i, s := range samples {
			values[i] = float64(s.cpu) / float64(time.Microsecond)
		}
		return values
	}
	for _, r := range rows {
		cells := []string{r.body}
		for _, name := range names {
			cells = append(cells, format(micros(r.samples[name])))
		}
		for _, name := range names[1:] {
			cells = append(cells, formatRatio(ratios(micros(r.samples[name]), micros(r.samples[stateless]))))
		}
		line(b, cells)
	}
}

func writeRepublished(b *strings.Builder, s settings, rows []groupsRow) {
	head(b, fmt.Sprintf("CPU to republish all groups (s), with an interval of %v", s.republishing),
		"body", "with", "without", "for each time", "times")
	for _, r := range rows {
		p := r.republished
		line(b, []string{r.body, fmt.Sprintf("%.2f", p.cpu), fmt.Sprintf("%.2f", p.idle), fmt.Sprintf("%.2f", (p.cpu-p.idle)/p.times()),
			fmt.Sprintf("%.2f", p.times())})
	}
}

func writeRestarts(b *strings.Builder, rows []groupsRow) {
	head(b, "From the start of the process until it is ready and holds all groups (s)", "body", "time", "CPU", "file (MiB)")
	for _, r := range rows {
		line(b, []string{r.body, formatRatio(r.restarts.elapsed), formatRatio(r.restarts.cpu), format([]float64{float64(r.stored) / (1 << 20)})})
	}
}
