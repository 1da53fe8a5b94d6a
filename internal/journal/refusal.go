package journal

import (
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

// A Refusal is a request that was refused, or several: those of a job that tries again, and is refused for the same reason, are one.
type Refusal struct {
	At     time.Time // of the last one
	First  time.Time
	Count  uint64
	Client string // of the last one
	Method string
	Path   string // escaped, and cut if it is long; empty if there is a group
	Cause  Cause

	// The group, if the request got as far as that. GroupID is 0 if not; a job may be known nevertheless.
	GroupID       uint64
	Job           string
	Labels        []groupingkey.Label
	LabelsLeftOut int
}

// A refusalID tells refusals apart.
type refusalID struct {
	group        uint64
	job, path    string
	status, line int
	reason       string // and not the message, which may have another figure each time
}

// Refuse notes a request that is no push of a group that pushes: one without credentials, say, or whose path is no grouping key.
// The key, of which only what is known needs be there, and the path may alias the request.
func (j *Journal) Refuse(r Refusal, key groupingkey.Key) {
	r.Path = shorten(r.Path, maxPath)
	r.Cause.Message = shorten(r.Cause.Message, maxMessage)
	r.Job, r.Labels, _ = ShortenKey(key)
	r.LabelsLeftOut = len(key.Labels) - len(r.Labels)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.totals.Refused++
	refuse(j.requests, &r)
}

func refuse(refusals *simplelru.LRU[refusalID, *Refusal], r *Refusal) {
	id := refusalID{group: r.GroupID, job: r.Job, path: r.Path, status: r.Cause.Status, line: r.Cause.Line, reason: r.Cause.Reason}
	r.First, r.Count = r.At, 1
	if before, ok := refusals.Get(id); ok {
		r.First, r.Count = before.First, before.Count+1
	}
	refusals.Add(id, r)
}
