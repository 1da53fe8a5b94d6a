package chaos

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

const (
	// owned is how many groups each job has for itself, so that it knows what was done last to each of them.
	owned = 30
	// republishing is how often each group comes again, and toRepublish is far more than it takes until all have come.
	republishing = 500 * time.Millisecond
	toRepublish  = 20 * time.Second
)

// groupsOverlay lets jobs push as fast as they can: what was written survives a kill without fsync.
const groupsOverlay = `
extensions: {file_storage: {fsync: false}}
receivers:
  pushgateway:
    limits: {pushes_per_second_per_job: 0}
    groups: {republish_interval: %v}
exporters: {otlp_http: {retry_on_failure: {enabled: false}}}
`

// What was answered of a group is held after a restart: the very values of the last push, nothing of what was deleted.
func TestGroupsSurviveKills(t *testing.T) {
	s := newGroupsStorm(t)
	s.start(t)
	for s.kills < s.wanted {
		s.rage()
		s.restart(t)
	}
	s.pushers.end()
	t.Logf("collector killed %d times, of these %d times while it started; backend refused %d times\n%v",
		s.kills, s.starting, s.troubles, s.ledger)
	require.Positive(t, s.ledger.compared)
	assert.Zero(t, s.pushers.withoutRetryAfter, "503 without Retry-After")
	assert.Empty(t, s.ledger.strange, "there is nothing wrong with the pushes")
}

// A groupsStorm is what a collector that holds groups goes through.
type groupsStorm struct {
	settings  testbed.CollectorSettings
	collector *testbed.Collector
	recorder  *testbed.OTLPRecorder
	pushers   *pushers
	ledger    *groupsLedger
	random    *rand.Rand
	seed      uint64
	toStart   time.Duration

	// gate is held by each operation, so that there is none while the groups are looked at.
	gate sync.RWMutex

	wanted, kills, starting, troubles int
}

func newGroupsStorm(t *testing.T) *groupsStorm {
	t.Helper()
	seed := testbed.Number(t, "CHAOS_SEED", rand.Uint64()>>1)
	t.Logf("CHAOS_SEED=%d", seed)
	recorder := testbed.StartOTLPRecorder(t)
	return &groupsStorm{
		recorder: recorder, ledger: newGroupsLedger(), seed: seed, random: rand.New(rand.NewPCG(seed, 0)),
		wanted: int(testbed.Number(t, "CHAOS_KILLS", 6)),
		settings: testbed.CollectorSettings{
			Config: testbed.Repository + "/examples/groups.yaml", Address: testbed.FreeAddress(t),
			Overlay: fmt.Sprintf(groupsOverlay, republishing),
			Env:     []string{"OTLP_ENDPOINT=" + recorder.URL, "STORAGE_DIRECTORY=" + t.TempDir()},
		},
	}
}

// start starts the collector and the jobs.
func (s *groupsStorm) start(t *testing.T) {
	t.Helper()
	before := time.Now()
	s.collector = testbed.StartCollector(t, s.settings)
	s.toStart = time.Since(before)
	s.pushers = newPushers(t, s.collector.URL)
	s.pushers.start(s.seed, func(i int, random *rand.Rand) { s.own(t, i, random) })
}

// own does one thing after the other to the groups of a job.
func (s *groupsStorm) own(t *testing.T, i int, random *rand.Rand) {
	for number := 1; !s.pushers.stopped(); number++ {
		o := operation{
			kind: kinds[random.IntN(len(kinds))],
			push: push{pusher: i*owned + random.IntN(owned), number: number},
		}
		r := request{}
		if o.kind == replace || o.kind == add {
			r = o.push.request(t)
		}
		s.gate.RLock()
		from := time.Now()
		status := s.pushers.send(o.kind.method(), o.push, r)
		s.ledger.note(o, status, from, time.Now())
		s.gate.RUnlock()
		if status != o.kind.done() {
			s.pushers.wait(random)
		}
	}
}

// rage lets the collector live for a while, at times with a backend that has trouble, and kills it under load.
func (s *groupsStorm) rage() {
	s.sleep(life / 2)
	if s.random.IntN(2) == 0 {
		s.troubles++
		s.recorder.SetMood(testbed.Refuses)
		s.sleep(life / 2)
		s.recorder.SetMood(testbed.Accepts)
	}
	s.sleep(life / 2)
	s.kill(s.collector)
}

func (s *groupsStorm) kill(c *testbed.Collector) {
	c.Kill()
	s.kills++
}

// restart may kill the collector again while it reads the groups.
func (s *groupsStorm) restart(t *testing.T) {
	t.Helper()
	s.gate.Lock()
	defer s.gate.Unlock()
	if s.kills < s.wanted && s.random.IntN(4) == 0 {
		c := testbed.LaunchCollector(t, s.settings)
		s.sleep(s.toStart)
		s.kill(c)
		s.starting++
	}
	s.collector = testbed.StartCollector(t, s.settings)
	s.requireHeld(t)
}

// requireHeld looks at what is held and at what is republished: the jobs do nothing meanwhile.
func (s *groupsStorm) requireHeld(t *testing.T) {
	t.Helper()
	s.recorder.Take() // that is of the one that was killed, too
	found := held{}
	found.readAPI(t, s.collector)
	require.Emptyf(t, s.ledger.compare(found), "after %d kills", s.kills)
	s.ledger.settle(found)
	s.requireRepublished(t)
}

func (s *groupsStorm) requireRepublished(t *testing.T) {
	t.Helper()
	found := held{}
	for deadline := time.Now().Add(toRepublish); ; {
		time.Sleep(republishing * 3 / 2)
		found.readExports(s.recorder.Take())
		wrong := s.ledger.compare(found)
		if len(wrong) == 0 {
			break
		}
		if time.Now().After(deadline) {
			require.Emptyf(t, wrong, "republished after %d kills", s.kills)
		}
	}
}

func (s *groupsStorm) sleep(d time.Duration) { time.Sleep(time.Duration(s.random.Int64N(int64(d)))) }
