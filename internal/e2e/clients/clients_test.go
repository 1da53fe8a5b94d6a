package clients

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// TestClients lets every client do everything, and writes or compares the page.
func TestClients(t *testing.T) {
	cr := writeCredentials(t)
	receiver := startReceiver(t, cr)
	found := page{}
	used := map[deviationKey]bool{}
	for _, c := range clients {
		t.Run(c.name, func(t *testing.T) {
			pushgateways := startPushgateways(t, cr)
			row := row{client: c, version: c.versionText(t), cells: map[string]cell{}}
			for _, p := range properties {
				if !c.isTested(p) {
					continue
				}
				t.Run(p.name, func(t *testing.T) {
					here, there := check{c, p, cr}.on(t, receiver), result{}
					if !p.hereOnly {
						there = check{c, p, cr}.on(t, pushgateways)
					}
					row.cells[p.name] = judge(t, c, p, here, there)
				})
			}
			found.rows = append(found.rows, row)
		})
		for _, p := range properties {
			used[deviationKey{c.name, p.name}] = c.isTested(p)
		}
	}
	for key := range deviations {
		assert.Truef(t, used[key], "the deviation of %v is for nothing that is tested", key)
	}
	require.False(t, t.Failed(), "the page is not compared")
	found.compare(t)
}

// A check is what one client shall do.
type check struct {
	client      client
	property    property
	credentials credentials
}

// A result is what came of it.
type result struct {
	// outcome is what was told if that is not "ok"; otherwise the grouping labels with which it arrived.
	outcome string
	arrival arrival
}

func (c check) on(t *testing.T, s server) result {
	t.Helper()
	job := strings.Map(onlyPlain, c.client.name+"_"+c.property.name)
	r := c.property.request(c.client, job, c.credentials)
	r.url = s.urls[c.property.door]
	if r.operation == "delete" && c.property.status == "" {
		return c.deleteOn(t, s, r)
	}
	said := c.client.do(t, r)
	a := s.arrived(t, c.property.door, job)
	if said != saidOK {
		assert.Empty(t, a.series, "a push that is said to be refused has arrived")
		return result{outcome: said}
	}
	return result{outcome: a.grouping(t), arrival: a}
}

// onlyPlain leaves out what a client may have to encode in a job.
func onlyPlain(c rune) rune {
	if c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
		return c
	}
	return -1
}

// deleteOn pushes something to be deleted, and deletes it. It has to be gone from the Pushgateway. What has been sent on to
// Prometheus stays there.
func (c check) deleteOn(t *testing.T, s server, r request) result {
	t.Helper()
	push := r
	push.operation = "push"
	require.Equal(t, saidOK, c.client.do(t, push))
	pushed := s.arrived(t, c.property.door, r.job)
	if said := c.client.do(t, r); said != saidOK {
		return result{outcome: said}
	}
	left := s.arrived(t, c.property.door, r.job)
	if !s.deletes {
		assert.Equal(t, pushed, left)
		return result{outcome: pushed.grouping(t), arrival: pushed}
	}
	// The Pushgateway answers before it deletes.
	for deadline := time.Now().Add(5 * time.Second); len(left.series) > 0 && time.Now().Before(deadline); {
		time.Sleep(20 * time.Millisecond)
		left = s.arrived(t, c.property.door, r.job)
	}
	assert.Empty(t, left.series)
	return result{outcome: pushed.grouping(t), arrival: pushed}
}

// asked are the grouping labels that the client was given, as result.outcome has them.
func asked(c client, p property) string {
	labels := testbed.Labels{}
	for pair := range slices.Chunk(p.request(c, "", credentials{}).grouping, 2) {
		labels[pair[0]] = pair[1]
	}
	maps.DeleteFunc(labels, func(_, v string) bool { return v == "" })
	return testbed.SeriesName(labels)
}

// judge says what the page says. Everything but "works" must be in the list of deviations.
func judge(t *testing.T, c client, p property, here, there result) cell {
	t.Helper()
	d, listed := deviations[deviationKey{c.name, p.name}]
	if p.hereOnly {
		there.outcome = here.outcome
	}
	if !listed {
		d = deviation{here: asked(c, p), cell: "works"}
		if p.status != "" {
			d.here, d.cell = p.status, "told, with the reason"
			if p.reason == "" {
				d.cell = "told"
			}
			assert.Contains(t, here.outcome, p.reason)
			assert.Contains(t, there.outcome, p.reason)
		}
	}
	if d.there == "" {
		d.there = d.here
		assert.False(t, listed && d.here == asked(c, p), "this is no deviation")
	}
	requireOutcome(t, d.here, here.outcome, "what comes of it here")
	if d.there != anything {
		requireOutcome(t, d.there, there.outcome, "what comes of it at the Pushgateway")
	}
	if here.outcome == there.outcome && here.arrival.series != nil {
		assert.Equal(t, there.arrival.series, here.arrival.series, "the series differ from those at the Pushgateway")
		assert.Equal(t, there.arrival.types, here.arrival.types, "the types differ from those at the Pushgateway")
	}
	return cell{text: d.cell, note: d.note}
}

// requireOutcome compares labels, or looks for the words in what the client told.
func requireOutcome(t *testing.T, want, got, what string) {
	t.Helper()
	if !strings.HasPrefix(got, saidError) {
		require.Equal(t, want, got, what)
		return
	}
	for _, words := range strings.Split(strings.TrimPrefix(want, saidError+" "), " … ") {
		require.Regexp(t, `(^|\W)`+regexp.QuoteMeta(words)+`(\W|$)`, got, what)
	}
}
