package overload

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// impatient takes longer for an answer than a collector may.
const impatient = 40 * time.Second

// oneShot has a connection for each push, as jobs do.
var oneShot = &http.Client{Timeout: impatient, Transport: &http.Transport{DisableKeepAlives: true}}

// An outcome is what came of a push.
type outcome struct {
	instance   int           // that pushed
	status     int           // 0: there was no answer
	retryAfter time.Duration // 0: the answer does not say
	took       time.Duration
	unheard    bool // there was no connection, so nobody was told anything
	err        error
}

// send pushes. The path is that behind /metrics.
func send(client *http.Client, url, path, body string) (o outcome) {
	begin := time.Now()
	res, err := client.Post(url+"/metrics"+path, "text/plain", strings.NewReader(body))
	if err == nil {
		o.status = res.StatusCode
		seconds, _ := strconv.Atoi(res.Header.Get("Retry-After"))
		o.retryAfter = time.Duration(seconds) * time.Second
		_, err = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
	o.took, o.err = time.Since(begin), err
	var op *net.OpError
	o.unheard = errors.As(err, &op) && op.Op == "dial"
	return o
}

// isRefused says whether the push is to be pushed again.
func (o outcome) isRefused() bool {
	return o.status == http.StatusTooManyRequests || o.status == http.StatusServiceUnavailable
}

// outcomes are those of many pushes. It may be added to by several goroutines.
type outcomes struct {
	mu  sync.Mutex
	all []outcome
}

func (c *outcomes) add(o outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, o)
}

// atOnce lets so many instances push at the same time.
func atOnce(n int, push func(instance int) outcome) *outcomes {
	var c outcomes
	var pushing sync.WaitGroup
	for i := range n {
		pushing.Go(func() {
			o := push(i)
			o.instance = i
			c.add(o)
		})
	}
	pushing.Wait()
	return &c
}

// count returns how many had that status.
func (c *outcomes) count(status int) (n int) {
	for _, o := range c.all {
		if o.status == status {
			n++
		}
	}
	return n
}

// accepted returns the instances that were answered 200.
func (c *outcomes) accepted() (instances []int) {
	for _, o := range c.all {
		if o.status == http.StatusOK {
			instances = append(instances, o.instance)
		}
	}
	return instances
}

// percentile returns the time that so many of a hundred took at most.
func (c *outcomes) percentile(p int) time.Duration {
	if len(c.all) == 0 {
		return 0
	}
	took := make([]time.Duration, len(c.all))
	for i, o := range c.all {
		took[i] = o.took
	}
	slices.Sort(took)
	return took[(len(took)-1)*p/100]
}

func (c *outcomes) String() string {
	counts := map[int]int{}
	for _, o := range c.all {
		counts[o.status]++
	}
	var parts []string
	for _, status := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d times %d", counts[status], status))
	}
	return fmt.Sprintf("%s; p99 %v, longest %v", strings.Join(parts, ", "), rounded(c.percentile(99)), rounded(c.percentile(100)))
}

// requireAnswered fails if there is a push that got no answer, one without Retry-After that should have it, or another one than
// 200, 429 and 503.
func (c *outcomes) requireAnswered(t *testing.T, within time.Duration) {
	t.Helper()
	for _, o := range c.all {
		if o.err != nil {
			t.Errorf("a push without an answer: %v", o.err)
			break // the others say the same
		}
		if o.status != http.StatusOK {
			assert.True(t, o.isRefused(), "status %d", o.status)
			assert.Positive(t, o.retryAfter, "%d without Retry-After", o.status)
		}
	}
	assert.Less(t, c.percentile(100), within)
}

// untilAccepted lets so many instances push at the same time, and again when Retry-After says so, until they are answered 200. It
// returns what each push got, and what each instance got in the end.
func untilAccepted(n int, url, body string) (every, last *outcomes) {
	const tries = 6
	every = new(outcomes)
	last = atOnce(n, func(i int) (o outcome) {
		for range tries {
			o = send(oneShot, url, groupPath(i), body)
			every.add(o)
			if !o.isRefused() {
				break
			}
			time.Sleep(o.retryAfter)
		}
		return o
	})
	return every, last
}

func rounded(d time.Duration) time.Duration { return d.Round(time.Millisecond) }

// page returns so many series of a metric.
func page(series int) string {
	var b strings.Builder
	b.WriteString("# TYPE " + metric + " gauge\n")
	for i := range series {
		fmt.Fprintf(&b, "%s{directory=\"/var/lib/%d\",kind=\"regular\"} %d\n", metric, i, i)
	}
	return b.String()
}

// groupPath is the path of a group of its own.
func groupPath(instance int) string { return fmt.Sprintf("/job/overload/instance/%d", instance) }
