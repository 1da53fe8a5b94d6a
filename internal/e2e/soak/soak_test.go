package soak

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

const (
	numSamples = 40
	// troubles is how often the backend has trouble, and longTrouble how long at most.
	troubles    = 10
	longTrouble = 3 * time.Second
	// toIdle is what a collector may take to have nothing to do.
	toIdle = time.Minute
	// stillFor is longer than a slow client takes.
	stillFor = dribble + time.Second
)

// An example is one of the repository.
type example struct {
	name, file string
	extensions string
	settings   string // of the receiver
	rate       int    // requests in a second
	groups     int    // that are pushed to
	deleted    int    // status of the answer to DELETE
}

var examples = []example{
	// Every push is written to the disk and waits for it, and disks differ.
	{
		name: "durable", file: "durable.yaml", extensions: "file_storage, pprof",
		rate: 20, groups: 10_000, deleted: http.StatusMethodNotAllowed,
	},
	{
		name: "confirmed", file: "confirmed.yaml", extensions: "pprof",
		rate: 100, groups: 10_000, deleted: http.StatusMethodNotAllowed,
	},
	// Groups are pushed again, are deleted, and expire.
	{
		name: "groups", file: "durable.yaml", extensions: "file_storage, pprof",
		rate: 20, groups: 100, deleted: http.StatusAccepted,
		settings: "groups: {ttl: 2s, republish_interval: 500ms, storage: file_storage}",
	},
}

func TestNothingGrows(t *testing.T) {
	duration := time.Duration(testbed.Number(t, "SOAK_SECONDS", 16)) * time.Second
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, e)
			s.drive(t, duration/10)
			before := s.idle(t, nil)
			samples := s.drive(t, duration)
			after := s.idle(t, &before)
			t.Logf("%v\n%s", s.load, table(slices.Concat([]sample{before}, samples, []sample{after})))
			requireNoGrowth(t, samples)
			assert.True(t, isBack(after, before), "goroutines or file descriptors are left when all clients are gone")
			assert.LessOrEqual(t, after.heap, before.heap*1.2+2, "live heap is left when all clients are gone")
			assert.Empty(t, s.load.wrong, "answers")
		})
	}
}

// A soak is a collector, its backend and its clients.
type soak struct {
	*meter
	load *load
	sink *testbed.OTLPSink
}

func start(t *testing.T, e example) *soak {
	t.Helper()
	sink := testbed.StartOTLPSink(t, func(testbed.Export) {})
	pprof, storage := testbed.FreeAddress(t), t.TempDir()
	c := testbed.StartCollector(t, testbed.CollectorSettings{
		Config: testbed.Repository + "/examples/" + e.file,
		Overlay: fmt.Sprintf("extensions: {pprof: {endpoint: %q}}\nreceivers: {pushgateway: {%s}}\nservice: {extensions: [%s]}\n",
			pprof, e.settings, e.extensions),
		Env: []string{"OTLP_ENDPOINT=" + sink.URL, "STORAGE_DIRECTORY=" + storage},
	})
	return &soak{
		meter: &meter{collector: c, pprofURL: "http://" + pprof, storage: storage, since: time.Now()},
		load:  newLoad(t, strings.TrimPrefix(c.URL, "http://"), e), sink: sink,
	}
}

// drive lets clients push, and the backend have trouble, and measures meanwhile.
func (s *soak) drive(t *testing.T, duration time.Duration) []sample {
	t.Helper()
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		s.load.run(stop)
		close(stopped)
	}()
	defer func() { <-stopped }()
	defer close(stop)
	var samples []sample
	interval := duration / numSamples
	for i, next := 0, time.Now().Add(interval); i < numSamples; i, next = i+1, next.Add(interval) {
		if i%(numSamples/troubles) == 1 {
			s.trouble(t, i, min(longTrouble, interval))
		}
		time.Sleep(time.Until(next))
		samples = append(samples, s.measure(t, s.load))
	}
	return samples
}

// trouble is of one kind after the other.
func (s *soak) trouble(t *testing.T, i int, long time.Duration) {
	t.Helper()
	moods := []testbed.Mood{testbed.Accepts, testbed.Refuses, testbed.Hangs, testbed.Cuts}
	mood := moods[i/(numSamples/troubles)%len(moods)]
	if mood == testbed.Accepts {
		s.sink.Restart(t, long)
		return
	}
	s.sink.SetMood(mood)
	time.Sleep(long)
	s.sink.SetMood(testbed.Accepts)
}

// idle waits until the collector has no more goroutines and file descriptors than before, or the time is over. If there is no
// before it waits until they do not become fewer.
func (s *soak) idle(t *testing.T, before *sample) sample {
	t.Helper()
	least, since := s.measure(t, s.load), time.Now()
	for deadline := time.Now().Add(toIdle); time.Now().Before(deadline); time.Sleep(200 * time.Millisecond) {
		if before == nil && time.Since(since) > stillFor || before != nil && isBack(least, *before) {
			break
		}
		if now := s.measure(t, s.load); now.goroutines < least.goroutines || now.files < least.files {
			least, since = now, time.Now()
		}
	}
	return least
}

// isBack allows for the connections to the backend and of the measuring.
func isBack(now, before sample) bool {
	const connections = 3
	return now.goroutines <= before.goroutines+2*connections && now.files <= before.files+connections
}

// requireNoGrowth compares the second quarter with the last. The first one is for warming up.
func requireNoGrowth(t *testing.T, samples []sample) {
	t.Helper()
	quarter := len(samples) / 4
	for _, f := range figures {
		second, last := f.median(samples[quarter:2*quarter]), f.median(samples[3*quarter:])
		t.Logf("%s: %.1f in the second quarter, %.1f in the last one", f.name, second, last)
		assert.LessOrEqualf(t, last, second*1.2+f.allowed, "%s grows", f.name)
	}
}
