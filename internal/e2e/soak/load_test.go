package soak

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// atOnce is how many clients there are at most. While the backend hangs they wait.
const atOnce = 256

// A load is many clients, and the answers they got.
type load struct {
	client client
	kinds  []kind
	every  time.Duration // from one request to the next

	mu       sync.Mutex
	answers  map[int]int // by status; 0 is none
	requests int
	wrong    []string
}

func newLoad(t *testing.T, address string, e example) *load {
	var kindsByShare []kind
	for _, k := range kinds(t, e.deleted) {
		kindsByShare = append(kindsByShare, slices.Repeat([]kind{k}, k.share)...)
	}
	return &load{
		client: client{address: address, groups: e.groups, http: &http.Client{
			Transport: &http.Transport{MaxIdleConnsPerHost: atOnce / 8}, Timeout: 40 * time.Second,
		}},
		kinds: kindsByShare, every: time.Second / time.Duration(e.rate), answers: map[int]int{},
	}
}

// run sends requests until it is told to stop, and then waits for the answers.
func (l *load) run(stop <-chan struct{}) {
	var running sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	ticker := time.NewTicker(l.every)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			running.Wait()
			l.client.http.CloseIdleConnections()
			return
		case <-ticker.C:
			slots <- struct{}{}
			running.Go(func() {
				random := rand.New(rand.NewPCG(rand.Uint64(), 0))
				k := l.kinds[random.IntN(len(l.kinds))]
				l.note(k, k.send(l.client, random))
				<-slots
			})
		}
	}
}

func (l *load) note(k kind, status int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests++
	l.answers[status]++
	// The backend has trouble on purpose. Of a push that is refused for its body, the pipeline's trouble is not told.
	done := k.want == http.StatusOK || k.want == http.StatusAccepted
	busy := done && (status == http.StatusServiceUnavailable || status == http.StatusTooManyRequests)
	if status != k.want && !busy {
		l.wrong = append(l.wrong, fmt.Sprintf("%s: %d, want %d", k.name, status, k.want))
	}
}

func (l *load) count() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.requests
}

// String has the answers by status.
func (l *load) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	parts := []string{fmt.Sprintf("%d requests", l.requests)}
	for _, status := range slices.Sorted(maps.Keys(l.answers)) {
		name := fmt.Sprint(status)
		if status == 0 {
			name = "hung up"
		}
		parts = append(parts, fmt.Sprintf("%s: %d", name, l.answers[status]))
	}
	return strings.Join(parts, ", ")
}
