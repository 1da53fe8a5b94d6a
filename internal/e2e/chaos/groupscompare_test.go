package chaos

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A ledger that finds nothing wrong must not be one that finds nothing.
func TestGroupsLedger(t *testing.T) {
	const number, later = 3, 5 // pushes of several series, of the same metric
	at := time.Now().Truncate(time.Millisecond)
	type step struct {
		kind           kind
		number, status int
	}
	cases := []struct {
		name string
		did  []step
		held int // number of the push that is held; 0: there is no group
		want string
	}{
		{name: "what was pushed", did: []step{{replace, number, http.StatusOK}}, held: number},
		{name: "lost", did: []step{{replace, number, http.StatusOK}}, want: "group 0 is {there:false"},
		{
			name: "an older value", held: number, want: "group 0 is {there:true last:0 newest:[0 3]}",
			did: []step{{replace, number, http.StatusOK}, {add, later, http.StatusOK}},
		},
		{
			name: "resurrected", held: number, want: "group 0 is {there:true",
			did: []step{{add, number, http.StatusOK}, {remove, later, http.StatusAccepted}},
		},
		{
			name: "a DELETE without an answer that was not done", held: number,
			did: []step{{add, number, http.StatusOK}, {remove, later, unanswered}},
		},
		{
			name: "a DELETE without an answer that was done",
			did:  []step{{add, number, http.StatusOK}, {remove, later, unanswered}},
		},
		{
			name: "a push that was refused", held: later, want: "group 0 is {there:true",
			did: []step{{add, number, http.StatusOK}, {add, later, http.StatusServiceUnavailable}},
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l, found := newGroupsLedger(), held{}
			for _, s := range c.did {
				l.note(operation{s.kind, push{0, s.number}}, s.status, at, at)
			}
			if c.held > 0 {
				found.pushed(c.held, at)
			}
			wrong := l.compare(found)
			if c.want == "" {
				assert.Empty(t, wrong)
				return
			}
			require.Len(t, wrong, 1)
			assert.Contains(t, wrong[0], c.want)
		})
	}
}

func TestGroupsLedgerFindsHalfAPush(t *testing.T) {
	const number = 3 // of several series
	at := time.Now().Truncate(time.Millisecond)
	l := newGroupsLedger()
	l.note(operation{replace, push{0, number}}, http.StatusOK, at, at)

	found := held{}
	found.pushed(number, at)
	delete(found[0].series, series{push{0, number}, 1})
	require.Len(t, l.compare(found), 1)

	found.pushed(number, at)
	found[0].series[series{push{0, number}, 1}]++
	require.Len(t, l.compare(found), 1)

	found.pushed(number, at.Add(-time.Second))
	require.Len(t, l.compare(found), 1, "the time of another push")

	found.pushed(number, at)
	found.add(testbed.Labels{"__name__": "x", "job": job, "instance": "0"}, 1)
	require.Len(t, l.compare(found), 1, "what nobody pushed")
}

// pushed makes group 0 one that has this push.
func (h held) pushed(number int, at time.Time) {
	p := push{0, number}
	delete(h, 0)
	h.group(0).pushed = at
	for i := range p.size() {
		h[0].series[series{p, i}] = series{p, i}.value()
	}
}
