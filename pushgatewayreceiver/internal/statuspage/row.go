package statuspage

import (
	"strings"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/journal"
)

// frame is what all pages have around what they show.
type frame struct {
	Root             string
	Title, Receiver  string
	Version          string
	Style, Script    string // hashes
	Started, Updated moment
	UpdatedClock     string
	Search           string // that is searched for
	SearchAt         string // path of the list that is searched
	Tab              string // path of the list that is shown
	Holds            bool   // there may be groups that are held
	HasForm          bool   // that changes something
	Filters          bool   // the search changes the page as it is
	Live             bool   // there is something that changes
	now              time.Time
	OneGroup         bool // the page is about one
}

func (p *Page) frame(root, title, job string) frame {
	now := p.now()
	return frame{
		Root: root, Title: title, Receiver: p.options.Name, Version: p.options.Version,
		Style: assets["style.css"].hash, Script: assets["script.js"].hash,
		Started: newMoment(p.options.Started, now), Updated: newMoment(now, now), UpdatedClock: now.UTC().Format("15:04:05") + " UTC",
		Search: job, Holds: p.options.Held != nil, Live: true, now: now,
	}
}

// A groupRow is a group in the list.
type groupRow struct {
	ID            string
	Job           string
	Labels        []groupingkey.Label
	LabelsLeftOut int
	When          moment
	Outcome       journal.Outcome
	Cause         journal.Cause
	How           string
	Samples       int
	Size, Decoded string
	Duration      string
}

func newGroupRow(g *journal.Group, now time.Time) groupRow {
	last := &g.Last
	row := groupRow{
		ID: formatID(g.ID), Job: g.Job, Labels: g.Labels, LabelsLeftOut: g.LabelsLeftOut,
		When: newMoment(last.At, now), Outcome: last.Outcome, Cause: last.Cause, How: how(last),
		Samples: last.Samples, Size: size(last.CompressedBytes), Duration: duration(last.Total),
	}
	if last.UncompressedBytes >= 0 && last.UncompressedBytes != last.CompressedBytes {
		row.Decoded = size(last.UncompressedBytes)
	}
	return row
}

// how a push came, as in "PUT, text, gzip".
func how(p *journal.Push) string {
	words := []string{p.Method}
	for _, word := range []string{p.Format, p.Encoding} {
		if word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, ", ")
}

// A refusalRow is a refusal in a list.
type refusalRow struct {
	journal.Refusal
	When, Since moment
	Group       string // its id, if there is something to see of it
}

// refusalRows link to groups that are not forgotten yet, or are held.
func (p *Page) refusalRows(refusals []journal.Refusal, now time.Time) []refusalRow {
	rows := make([]refusalRow, 0, len(refusals))
	for _, r := range refusals {
		row := refusalRow{Refusal: r, When: newMoment(r.At, now), Since: newMoment(r.First, now)}
		if _, ok := p.journal.Group(r.GroupID); ok || p.options.Held.get(r.GroupID) != nil {
			row.Group = formatID(r.GroupID)
		}
		rows = append(rows, row)
	}
	return rows
}
