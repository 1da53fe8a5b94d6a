package clients

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

var update = flag.Bool("update", false, "write docs/clients.md")

// A page is docs/clients.md.
type page struct {
	rows  []row
	notes []string // footnotes, in the order of their numbers
}

type row struct {
	client  client
	version string
	cells   map[string]cell // by property
}

type cell struct{ text, note string }

const pageHead = `<!-- Written by "make test-clients UPDATE=1". Do not edit. -->
# Clients

A job that pushes to a Pushgateway pushes to this receiver when it is given another address. This page shows that for
real clients: each has pushed to the built Collector, with Prometheus behind it, and to a Pushgateway, and what arrived was
compared: labels, types and values. ` + "`make test-clients`" + ` installs the clients, does it again, and fails if this page says something
else. (It needs Debian or Ubuntu, for apt.)

- **works**: what arrived is what was pushed, and is the same as at the Pushgateway.
- **—**: the client has no such thing, or never does it.

Each link leads to the program that pushed: a short example of the library's use. The versions are those that were tested, Debian's
where Debian has a package. ` + "`client_java`" + ` is not here, as Debian has no package of it. The Pushgateway is Debian's, 1.5.1;
newer ones do not take the values in question as meant either, but may answer in another way.
`

var partTitles = map[part]string{
	whatArrives: "What arrives\n\n`push` replaces a group at the Pushgateway, `add` only the metrics of the same names; here both are forwarded,\n" +
		"unless there are `groups`. Under each value stands what becomes of it in a grouping label.",
	howItIsSent: "How it is sent",
	whatIsTold:  "What the job gets to know\n\nWhether the client reports a refusal to the program that pushes.",
}

// compare compares the page with the one that is there, but for the versions: those move with Debian.
func (p page) compare(t *testing.T) {
	t.Helper()
	path := filepath.Join(testbed.Repository, "docs", "clients.md")
	written := p.text()
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(written), 0o644))
		return
	}
	there, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, withoutVersions(written), withoutVersions(string(there)), "`make test-clients UPDATE=1` writes the page anew")
}

func withoutVersions(page string) string { return versionPattern.ReplaceAllString(page, "VERSION") }

func (p page) text() string {
	var b strings.Builder
	b.WriteString(pageHead)
	for _, table := range []part{whatArrives, howItIsSent, whatIsTold} {
		fmt.Fprintf(&b, "\n## %s\n\n", partTitles[table])
		p.writeTable(&b, table)
	}
	b.WriteString("\n## What to know\n\n")
	for _, r := range p.rows {
		b.WriteString(wrapped("- **" + r.client.name + "**: " + r.client.note))
	}
	b.WriteByte('\n')
	for i, note := range p.notes {
		fmt.Fprintf(&b, "[^%d]: %s\n", i+1, note)
	}
	return b.String()
}

// wrapped breaks the text of a list item into lines. A code span that is broken is read as if it were not.
func wrapped(text string) string {
	const width = 120
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		length := utf8.RuneCountInString(word)
		switch {
		case column == 0:
		case column+1+length > width:
			b.WriteString("\n ")
			column = 1
			fallthrough
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += length
	}
	return b.String() + "\n"
}

func (p *page) writeTable(b *strings.Builder, table part) {
	heads, rule := "| client |", "|---|"
	for _, column := range table.properties() {
		heads += " " + column.column + " |"
		rule += "---|"
	}
	fmt.Fprintf(b, "%s\n%s\n", heads, rule)
	for _, r := range p.rows {
		fmt.Fprintf(b, "| %s |", strings.TrimSpace(fmt.Sprintf("[%s](../internal/e2e/clients/%s) %s", r.client.name, r.client.source, r.version)))
		for _, column := range table.properties() {
			fmt.Fprintf(b, " %s |", p.cellText(r, column.name))
		}
		b.WriteByte('\n')
	}
}

func (p *page) cellText(r row, property string) string {
	if slices.Contains(r.client.untested, property) {
		return "not tested"
	}
	c, tested := r.cells[property]
	switch {
	case !tested:
		return "—"
	case c.note == "":
		return c.text
	}
	if !slices.Contains(p.notes, c.note) {
		p.notes = append(p.notes, c.note)
	}
	return fmt.Sprintf("%s[^%d]", c.text, slices.Index(p.notes, c.note)+1)
}
