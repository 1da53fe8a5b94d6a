package chaos

import (
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
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
	transport := &http.Transport{MaxIdleConnsPerHost: numPushers}
	p := &pushers{
		url: url, client: &http.Client{Transport: transport, Timeout: 40 * time.Second},
		stop: make(chan struct{}), sent: map[push]bool{}, refused: map[int]int{},
	}
	t.Cleanup(p.end)
	for i := range numPushers {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		p.all.Go(func() {
			for number := 0; p.wait(random); number++ {
				p.pushUntilAccepted(t, push{i, number}, random)
			}
			transport.CloseIdleConnections()
		})
	}
	return p
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
		status := p.send(push, r)
		p.note(push, status)
		if status == http.StatusOK || !p.wait(random) {
			return
		}
	}
}

// send returns the status of the answer, or 0 if there was none.
func (p *pushers) send(push push, r request) int {
	req, err := http.NewRequest(http.MethodPost, p.url+push.path(), strings.NewReader(r.body))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", r.contentType)
	if r.contentEncoding != "" {
		req.Header.Set("Content-Encoding", r.contentEncoding)
	}
	res, err := p.client.Do(req)
	if err != nil {
		return 0
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
	case 0:
		p.cut++
	default:
		p.refused[status]++
	}
}
