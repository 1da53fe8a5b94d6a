package chaos

import (
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const (
	numPushers = 6
	// tries is how often a job pushes again what was not answered 200.
	tries = 3
	// pause is the time between two pushes, and two tries, of a job at most. A real one would wait for Retry-After.
	pause = 150 * time.Millisecond
)

// pushers are jobs that push until they are stopped, and what they were answered.
type pushers struct {
	url    string
	client *http.Client
	stop   chan struct{}
	all    sync.WaitGroup

	mu       sync.Mutex
	sent     map[push]bool // true: it was answered 200
	requests int
	refused  map[int]int // by status
	cut      int         // without an answer
	// withoutRetryAfter are answers that should have had it.
	withoutRetryAfter int
}

func startPushers(t *testing.T, url string, seed uint64) *pushers {
	t.Helper()
	p := newPushers(t, url)
	p.start(seed, func(i int, random *rand.Rand) {
		for number := 0; p.wait(random); number++ {
			p.pushUntilAccepted(t, push{i, number}, random)
		}
	})
	return p
}

func newPushers(t *testing.T, url string) *pushers {
	t.Helper()
	p := &pushers{
		url:    url,
		client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: numPushers}, Timeout: 40 * time.Second},
		stop:   make(chan struct{}), sent: map[push]bool{}, refused: map[int]int{},
	}
	t.Cleanup(p.end)
	return p
}

// start runs what each of the jobs does.
func (p *pushers) start(seed uint64, do func(i int, random *rand.Rand)) {
	for i := range numPushers {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		p.all.Go(func() {
			do(i, random)
			p.client.CloseIdleConnections()
		})
	}
}

// end waits for the answers to what was pushed.
func (p *pushers) end() {
	p.mu.Lock()
	select {
	case <-p.stop:
	default:
		close(p.stop)
	}
	p.mu.Unlock()
	p.all.Wait()
}

func (p *pushers) stopped() bool {
	select {
	case <-p.stop:
		return true
	default:
		return false
	}
}

// wait says whether the jobs are to go on.
func (p *pushers) wait(random *rand.Rand) bool {
	select {
	case <-p.stop:
		return false
	case <-time.After(time.Duration(random.Int64N(int64(pause)))):
		return true
	}
}

func (p *pushers) pushUntilAccepted(t *testing.T, push push, random *rand.Rand) {
	r := push.request(t)
	for range tries {
		status := p.send(http.MethodPost, push, r)
		p.note(push, status)
		if status == http.StatusOK || !p.wait(random) {
			return
		}
	}
}

// What send returns for want of a status.
const (
	unanswered  = 0
	unreachable = -1 // nobody got it
)

// send returns the status of the answer.
func (p *pushers) send(method string, push push, r request) int {
	req, err := http.NewRequest(method, p.url+push.path(), strings.NewReader(r.body))
	if err != nil {
		return unreachable
	}
	req.Header.Set("Content-Type", r.contentType)
	if r.contentEncoding != "" {
		req.Header.Set("Content-Encoding", r.contentEncoding)
	}
	res, err := p.client.Do(req)
	if errors.Is(err, syscall.ECONNREFUSED) {
		return unreachable
	}
	if err != nil {
		return unanswered
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	again := res.StatusCode == http.StatusServiceUnavailable || res.StatusCode == http.StatusTooManyRequests
	if again && res.Header.Get("Retry-After") == "" {
		p.mu.Lock()
		p.withoutRetryAfter++
		p.mu.Unlock()
	}
	return res.StatusCode
}

func (p *pushers) note(push push, status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.requests++
	p.sent[push] = p.sent[push] || status == http.StatusOK
	switch status {
	case http.StatusOK:
	case unanswered, unreachable:
		p.cut++
	default:
		p.refused[status]++
	}
}
