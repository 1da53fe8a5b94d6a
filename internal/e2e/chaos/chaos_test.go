package chaos

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

const (
	// life is how long a collector lives at most once it is ready, if the backend has no trouble meanwhile.
	life = 2 * time.Second
	// standstill is longer than an exporter waits until it tries again.
	standstill = 40 * time.Second
	// afterTheStorm is how long the jobs go on when all is well again.
	afterTheStorm = time.Second
)

func TestWhatWasAnswered200Arrives(t *testing.T) {
	backends := []struct {
		name  string
		start func(*testing.T) backend
	}{
		{"Prometheus", startRealPrometheus},
		{"a sink that refuses, hangs and cuts connections", startSink},
	}
	for _, e := range []example{durable, confirmed} {
		for _, b := range backends {
			t.Run(e.name+" with "+b.name, func(t *testing.T) {
				s := newStorm(t, e, b.start(t))
				s.rage(t)
				s.drain(t, standstill)
				assert.Empty(t, s.figures.lost, "lost")
			})
		}
	}
}

// An example is one of the repository, with a queue that is so small that it is full at times. Its exporter waits for one
// second only, so that it gives up and tries again while the backend hangs.
type example struct {
	name      string
	queueSize int
}

var (
	durable   = example{name: "durable.yaml", queueSize: 150_000} // bytes
	confirmed = example{name: "confirmed.yaml", queueSize: numPushers - 2}
)

// A storm is what a collector, its backend and the jobs go through.
type storm struct {
	settings  testbed.CollectorSettings
	collector *testbed.Collector
	backend   backend
	pushers   *pushers
	random    *rand.Rand
	seed      uint64
	kills     int           // how often to kill the collector
	toStart   time.Duration // what it takes the collector to be ready
	figures   figures
}

func newStorm(t *testing.T, e example, b backend) *storm {
	t.Helper()
	seed := testbed.Number(t, "CHAOS_SEED", rand.Uint64()>>1)
	t.Logf("CHAOS_SEED=%d", seed)
	return &storm{
		backend: b, seed: seed, random: rand.New(rand.NewPCG(seed, 0)),
		kills: int(testbed.Number(t, "CHAOS_KILLS", 2)), figures: figures{troubles: map[string]int{}, duplicates: -1},
		settings: testbed.CollectorSettings{
			Config: testbed.Repository + "/examples/" + e.name, Address: testbed.FreeAddress(t),
			Overlay: fmt.Sprintf("exporters: {otlp_http: {timeout: 1s, sending_queue: {queue_size: %d}}}", e.queueSize),
			Env:     []string{"OTLP_ENDPOINT=" + b.url(), "STORAGE_DIRECTORY=" + t.TempDir()},
		},
	}
}

// start starts the collector and the jobs.
func (s *storm) start(t *testing.T) {
	t.Helper()
	before := time.Now()
	s.collector = testbed.StartCollector(t, s.settings)
	s.toStart = time.Since(before)
	s.pushers = startPushers(t, s.collector.URL, s.seed)
}

// rage kills the collector CHAOS_KILLS times while jobs push, and troubles the backend in between, once at least.
func (s *storm) rage(t *testing.T) {
	t.Helper()
	s.start(t)
	for s.figures.kills < s.kills {
		s.sleep(life / 2)
		troubled := s.figures.kills == 0 || s.random.IntN(2) == 0
		if troubled {
			s.figures.troubles[s.backend.trouble(t, s.random)]++
		}
		s.sleep(life / 2)
		s.collector.Kill()
		s.figures.kills++
		if troubled && s.random.IntN(2) == 0 {
			s.backend.heal(t) // before the collector is back, or after
			troubled = false
		}
		s.collector = testbed.StartCollector(t, s.settings)
		if troubled {
			s.sleep(life / 2)
			s.backend.heal(t)
		}
	}
	time.Sleep(afterTheStorm)
	s.pushers.end()
}

// sleep lasts up to d.
func (s *storm) sleep(d time.Duration) { time.Sleep(time.Duration(s.random.Int64N(int64(d)))) }

// drain waits until all that was answered 200 has arrived, or nothing has arrived for a time.
func (s *storm) drain(t *testing.T, standstill time.Duration) {
	t.Helper()
	missing, since := -1, time.Now()
	for ; missing != 0 && time.Since(since) < standstill; time.Sleep(500 * time.Millisecond) {
		s.collector.RequireAlive(t)
		found, alien := s.backend.arrived(t)
		s.figures.judge(s.pushers, found, alien)
		if len(s.figures.lost) != missing {
			missing, since = len(s.figures.lost), time.Now()
		}
	}
	if sink, ok := s.backend.(*sink); ok {
		s.figures.duplicates = sink.countDuplicates()
	}
	t.Logf("%v", &s.figures)
	require.Positive(t, s.figures.accepted)
	assert.Empty(t, s.figures.corrupted, "corrupted")
	assert.Zero(t, s.pushers.withoutRetryAfter, "503 and 429 without Retry-After")
	for status := range s.figures.refused {
		again := []int{http.StatusTooManyRequests, http.StatusServiceUnavailable}
		assert.Contains(t, again, status, "there is nothing wrong with the pushes")
	}
}

// A collector that is killed while it opens its queue may lose what was being sent, which with durable.yaml is one push: the
// Collector's persistent queue deletes it from where it was and writes it anew behind the others, in two transactions.
func TestKilledWhileStarting(t *testing.T) {
	s := newStorm(t, durable, startSink(t))
	s.start(t)
	s.backend.trouble(t, s.random)
	s.sleep(life)
	s.collector.Kill()
	s.figures.kills++
	for range s.kills {
		starting := testbed.LaunchCollector(t, s.settings)
		s.sleep(s.toStart)
		starting.Kill()
		s.figures.kills++
	}
	s.backend.heal(t)
	s.collector = testbed.StartCollector(t, s.settings)
	s.pushers.end()
	s.drain(t, standstill/4) // no exporter waits: the backend was back before the collector
	assert.LessOrEqual(t, len(s.figures.lost), s.kills, "more than one push for each kill")
}

// A collector that is asked to stop tries to send what it has. What does not get to the backend must stay on the disk.
func TestStoppedWhileTheBackendHasTrouble(t *testing.T) {
	for _, mood := range []testbed.Mood{testbed.Refuses, testbed.Hangs, testbed.Cuts} {
		t.Run(moods[mood], func(t *testing.T) {
			t.Parallel()
			b := startSink(t)
			s := newStorm(t, durable, b)
			s.start(t)
			b.(*sink).SetMood(mood)
			time.Sleep(life)
			s.collector.Stop(t)
			s.pushers.end()
			b.heal(t)
			s.collector = testbed.StartCollector(t, s.settings)
			s.drain(t, standstill/4)
			assert.Empty(t, s.figures.lost, "lost")
		})
	}
}
