package pushgatewayreceiver

import (
	"fmt"
	"hash/maphash"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"golang.org/x/time/rate"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// maxJobs is how many jobs a rate is known of, which takes some 3 MiB. Of more jobs, those that pushed longest ago are forgotten:
// they have all of their burst again.
const maxJobs = 10_000

// rates limit how often each job may push. A job may push at once what it may push in a second.
type rates struct {
	perSecond int
	seed      maphash.Seed

	mu   sync.Mutex
	jobs *simplelru.LRU[uint64, *jobRate] // by hashes, for a name may be long
}

// jobRate is a token bucket, and counts for the message.
type jobRate struct {
	*rate.Limiter
	since  time.Time
	pushes int // since then
	before int // in the second before
}

// rateError is a push of a job that pushes too often.
type rateError struct {
	job               string
	pushes, perSecond int
}

func (e *rateError) Error() string {
	return fmt.Sprintf("job %s has pushed %d times within a second; limits.pushes_per_second_per_job is %d; push it again later",
		exposition.Quote(e.job), e.pushes, e.perSecond)
}

// newRates returns nil, which allows all, if perSecond is 0.
func newRates(perSecond int) *rates {
	if perSecond == 0 {
		return nil
	}
	jobs, _ := simplelru.NewLRU[uint64, *jobRate](maxJobs, nil) // the error is that of a size that is not positive
	return &rates{perSecond: perSecond, seed: maphash.MakeSeed(), jobs: jobs}
}

// allow counts a push, and says no with a *rateError.
func (r *rates) allow(job string, now time.Time) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	hash := maphash.String(r.seed, job)
	j, ok := r.jobs.Get(hash)
	if !ok {
		j = &jobRate{Limiter: rate.NewLimiter(rate.Limit(r.perSecond), r.perSecond), since: now}
		r.jobs.Add(hash, j)
	}
	if now.Sub(j.since) > time.Second {
		j.since, j.before, j.pushes = now, j.pushes, 0
	}
	j.pushes++
	if j.AllowN(now, 1) {
		return nil
	}
	return &rateError{job: job, pushes: max(j.before, j.pushes), perSecond: r.perSecond}
}
