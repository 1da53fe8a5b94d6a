package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/benchload/dataset"
)

// measureAll drives all servers with all workloads. With an error it returns what was measured before.
func measureAll(ctx context.Context, s settings) (results, error) {
	all := results{settings: s}
	dir, err := os.MkdirTemp("", "benchload-")
	if err != nil {
		return all, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	for _, set := range dataset.Some(s.bodies) {
		for _, encoding := range s.encodings {
			w, err := newWorkload(set, encoding)
			if err != nil {
				return all, err
			}
			begin := time.Now()
			r, err := measure(ctx, s, filepath.Join(dir, strconv.Itoa(len(all.rows))), w)
			if err != nil {
				return all, fmt.Errorf("%s: %w", w, err)
			}
			all.rows = append(all.rows, r)
			fmt.Fprintf(os.Stderr, "%s: %v\n", w, time.Since(begin).Round(time.Second))
		}
	}
	return all, nil
}

// measure starts the servers that can be driven with the workload, and drives them in turn in each round.
func measure(ctx context.Context, s settings, dir string, w *workload) (row, error) {
	r := row{workload: w.String(), pushSize: len(w.push.data), otlpSize: len(w.otlp.data), samples: map[string][]sample{}}
	var running []*server
	defer func() {
		for _, started := range running {
			started.stop()
		}
	}()
	for _, k := range kinds {
		if !s.drives(k.name) || k.takes != nil && !k.takes(w) {
			continue
		}
		started, err := k.startIn(ctx, s, filepath.Join(dir, k.name), w)
		if err != nil {
			return row{}, fmt.Errorf("cannot start %s: %w", k.name, err)
		}
		running = append(running, started)
		r.groups = max(r.groups, started.groups)
	}
	err := s.takeTurns(ctx, running, r.samples)
	return r, err
}

// takeTurns drives the servers in turn in each round, and adds what it measures.
func (s settings) takeTurns(ctx context.Context, running []*server, samples map[string][]sample) error {
	for range s.rounds {
		slices.Reverse(running) // who goes first has a machine in another state than who goes after somebody
		for _, started := range running {
			measured, err := started.measure(ctx, s.connections, s.duration)
			if err != nil {
				return fmt.Errorf("cannot drive %s: %w", started.kind, err)
			}
			samples[started.kind] = append(samples[started.kind], measured)
		}
	}
	return nil
}

// startIn returns the server when it is warm.
func (k kind) startIn(ctx context.Context, s settings, dir string, w *workload) (*server, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil { //nolint:gosec // the path is this program's own
		return nil, err
	}
	started, err := k.start(ctx, s, dir, w)
	if err != nil {
		return nil, err
	}
	started.kind = k.name
	if started.groups > 0 { // it has had pushes
		return started, nil
	}
	if _, err := started.measure(ctx, s.connections, s.duration/4); err != nil {
		started.stop()
		return nil, err
	}
	return started, nil
}

// A sample is what was measured in one round.
type sample struct {
	cpu       time.Duration // of the server, for a push
	clientCPU time.Duration // of the clients, for a push
	rate      float64       // pushes a second
	p50, p99  time.Duration
	peak      int64 // bytes of memory
}

// measure drives the server for some time.
func (s *server) measure(ctx context.Context, connections int, duration time.Duration) (sample, error) {
	clients, err := s.connect(ctx, connections)
	if err != nil {
		return sample{}, s.explain(err)
	}
	defer closeAll(clients)
	if err := resetPeakMemory(s.pid); err != nil {
		return sample{}, s.explain(err)
	}
	before, clientsBefore, err := s.cpuTimes()
	if err != nil {
		return sample{}, err
	}
	l, err := drive(ctx, clients, duration)
	if err != nil {
		return sample{}, s.explain(err)
	}
	_, clientsAfter, err := s.cpuTimes()
	if err != nil {
		return sample{}, err
	}
	after, err := s.settle(ctx, s.quiet)
	if err != nil {
		return sample{}, err
	}
	peak, err := peakMemory(s.pid)
	if err != nil {
		return sample{}, s.explain(err)
	}
	pushes := len(l.latencies)
	return sample{
		cpu:       (after - before) / time.Duration(pushes),
		clientCPU: (clientsAfter - clientsBefore) / time.Duration(pushes),
		rate:      float64(pushes) / l.elapsed.Seconds(),
		p50:       percentile(l.latencies, 50),
		p99:       percentile(l.latencies, 99),
		peak:      peak,
	}, nil
}

// cpuTimes returns the CPU time that the server has used, and that of this program, which is the clients.
func (s *server) cpuTimes() (used, usedByClients time.Duration, err error) {
	if used, err = cpuTime(s.pid); err != nil {
		return 0, 0, s.explain(err)
	}
	usedByClients, err = cpuTime(os.Getpid())
	return used, usedByClients, err
}

// connect returns n connections to the server.
func (s *server) connect(ctx context.Context, n int) ([]*connection, error) {
	connections := make([]*connection, 0, n)
	for i := range n {
		c, err := dial(ctx, s.address)
		if err != nil {
			closeAll(connections)
			return nil, err
		}
		c.repeat(s.request)
		if c.group != nil {
			c.group[0] += byte(i % 10) // each begins with a group of its own
		}
		connections = append(connections, c)
	}
	return connections, nil
}
