// Package journal remembers what became of the last pushes: of each group the last one, and the last refusals. What it takes is
// bounded by the number of both, and the work for a push does not depend on how much there is.
package journal

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

// Options are how many groups and refusals a Journal has at most. Those that are oldest make room. A quarter of the refusals is for
// requests that are no pushes of a group.
type Options struct{ Groups, Refusals int }

// A Journal may be used by many goroutines at once.
type Journal struct {
	mu     sync.Mutex
	groups *simplelru.LRU[uint64, *Group]
	// Refusals of groups, and of requests that got not as far as that: these need no credentials, and must not drive out the others.
	refusals, requests *simplelru.LRU[refusalID, *Refusal]
	totals             Totals
}

// New returns a journal in which nothing stands.
func New(o Options) *Journal {
	// The errors are those of sizes that are not positive.
	groups, _ := simplelru.NewLRU[uint64, *Group](max(o.Groups, 1), nil)
	requests := max(o.Refusals/4, 1)
	ofRequests, _ := simplelru.NewLRU[refusalID, *Refusal](requests, nil)
	ofGroups, _ := simplelru.NewLRU[refusalID, *Refusal](max(o.Refusals-requests, 1), nil)
	return &Journal{groups: groups, refusals: ofGroups, requests: ofRequests}
}

// Outcome is what became of a push.
type Outcome string

// The outcomes.
const (
	Accepted Outcome = "accepted"
	Refused  Outcome = "refused" // for what is wrong with it, or beyond a limit
	Failed   Outcome = "failed"  // the pipeline did not take it
)

// A Push is what is known of one push. A journal keeps its strings, so none may be part of something large.
type Push struct {
	At       time.Time // of its arrival
	Client   string    // address and port
	Method   string
	Format   string // of the exposition
	Encoding string // Content-Encoding; empty if there is none
	Samples  int
	// CompressedBytes is the body as it came, UncompressedBytes what was decoded; -1 if that is not known.
	CompressedBytes, UncompressedBytes int64
	// Receive is the time until the body was there, Decode until it was translated, Consume that of the pipeline; 0 for what did
	// not come about. Total is all of it until the answer.
	Receive, Decode, Consume, Total time.Duration
	Outcome                         Outcome
	Cause                           Cause // if it was not accepted
}

// A Cause says why a push was not accepted.
type Cause struct {
	Status  int    // of the answer
	Reason  string // one of those of the metric of refused requests
	Line    int    // of the body, from 1; 0 if no line is to blame
	Message string // a sentence
}

// A Group is what is known of the pushes with one grouping key.
type Group struct {
	ID     uint64
	Job    string
	Labels []groupingkey.Label // without job; long values are cut
	// LabelsLeftOut is how many labels are not among them, because the key is long.
	LabelsLeftOut int
	Cut           bool      // something of the key is cut or left out
	First         time.Time // of the pushes since it is known
	LastAccepted  time.Time // zero: never
	Last          Push
	Totals        Totals
}

// Totals count pushes.
type Totals struct{ Accepted, Refused, Failed uint64 }

func (t *Totals) count(o Outcome) {
	switch o {
	case Accepted:
		t.Accepted++
	case Refused:
		t.Refused++
	case Failed:
		t.Failed++
	}
}

// Add notes a push of a group, which the id must tell from all others, save those that differ in labels without value. The key may
// alias the request.
func (j *Journal) Add(id uint64, key groupingkey.Key, p *Push) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.totals.count(p.Outcome)
	g, ok := j.groups.Get(id)
	if !ok {
		g = newGroup(id, key, p.At)
		j.groups.Add(id, g)
	}
	g.Totals.count(p.Outcome)
	cause := p.Cause
	cause.Message = shorten(cause.Message, maxMessage)
	if !p.At.Before(g.Last.At) { // pushes of a group that came at once may have ended in another order
		g.Last = *p
		g.Last.Cause = cause
	}
	if p.Outcome != Accepted {
		refuse(j.refusals, &Refusal{
			At: p.At, Client: p.Client, Method: p.Method, Cause: cause,
			GroupID: id, Job: g.Job, Labels: g.Labels, LabelsLeftOut: g.LabelsLeftOut,
		})
	} else if p.At.After(g.LastAccepted) {
		g.LastAccepted = p.At
	}
}

// Totals returns how many pushes there were, those of groups that were forgotten included. Refused are also the requests that got
// no further.
func (j *Journal) Totals() Totals {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.totals
}

func newGroup(id uint64, key groupingkey.Key, at time.Time) *Group {
	g := &Group{ID: id, First: at}
	g.Job, g.Labels, g.Cut = ShortenKey(key)
	g.LabelsLeftOut = len(key.Labels) - len(g.Labels)
	return g
}
