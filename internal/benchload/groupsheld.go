package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/benchload/dataset"
)

// heapOfMetrics returns the bytes of the live heap that the metrics of all groups take, as the receiver makes them. Each group's
// are made of a body of its own, as each push has one, and of that they keep the strings.
func heapOfMetrics(set dataset.Set) (float64, error) {
	before := liveHeap()
	all := make([]pmetric.Metrics, allGroups)
	for i := range all {
		own := set
		own.Body = strings.Clone(set.Body)
		var err error
		if all[i], err = toMetrics(own, fmt.Sprintf("job/bench/instance/%0*d", groupDigits, i)); err != nil {
			return 0, err
		}
	}
	live := liveHeap() - before
	runtime.KeepAlive(all)
	return live, nil
}

func liveHeap() float64 {
	const collections = 3 // a pool is empty after two
	for range collections {
		runtime.GC()
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return float64(stats.HeapAlloc)
}

// restarts are how many seconds it took from the start of the process until it was ready and held all groups, and how many
// seconds of CPU time.
type restarts struct{ elapsed, cpu []float64 }

func measureRestarts(ctx context.Context, s settings, dir string) (restarts, error) {
	const times = 5
	var r restarts
	for range times {
		begin := time.Now()
		started, err := republishing(time.Hour).start(ctx, s, dir)
		if err != nil {
			return r, fmt.Errorf("cannot restart: %w", err)
		}
		err = started.waitUntilFull(ctx)
		elapsed := time.Since(begin)
		cpu, cpuErr := cpuTime(started.pid)
		started.stop()
		if err := errors.Join(err, cpuErr); err != nil {
			return r, err
		}
		r.elapsed, r.cpu = append(r.elapsed, elapsed.Seconds()), append(r.cpu, cpu.Seconds())
	}
	return r, nil
}

func (s *groupsServer) waitUntilFull(ctx context.Context) error {
	const atMost = time.Minute
	for deadline := time.Now().Add(atMost); ; {
		groups, err := s.own(ctx, "held_groups")
		if err != nil {
			return err
		}
		if groups == allGroups {
			return nil
		}
		if time.Now().After(deadline) {
			return s.explain(fmt.Errorf("it holds %v groups of %d after %v", groups, allGroups, atMost))
		}
		time.Sleep(tick)
	}
}

// republished is what was measured of republications.
type republished struct {
	groups    float64 // that were republished in all
	cpu, idle float64 // seconds in all: with republications, and without
}

// times returns how often all groups were republished.
func (r republished) times() float64 { return r.groups / allGroups }

// measureRepublishing measures some intervals with republications, and as many without.
func measureRepublishing(ctx context.Context, s settings, dir string) (republished, error) {
	const intervals = 3
	var r republished
	for _, every := range []time.Duration{0, s.republishing} {
		started, err := republishing(every).start(ctx, s, dir)
		if err != nil {
			return r, err
		}
		cpu, groups, err := started.measureIdle(ctx, s.republishing, intervals)
		started.stop()
		if err != nil {
			return r, err
		}
		if every == 0 {
			r.idle = cpu.Seconds()
			continue
		}
		r.cpu, r.groups = cpu.Seconds(), groups
	}
	return r, nil
}

// measureIdle returns the CPU time that the process uses while nobody pushes, and how many groups it republishes. The first
// interval is not measured.
func (s *groupsServer) measureIdle(ctx context.Context, interval time.Duration, intervals int) (cpu time.Duration, groups float64, err error) {
	if err := s.waitUntilFull(ctx); err != nil {
		return 0, 0, err
	}
	for _, wait := range []time.Duration{interval, interval * time.Duration(intervals)} {
		cpu, groups = -cpu, -groups
		select {
		case <-ctx.Done():
			return 0, 0, ctx.Err()
		case <-time.After(wait):
		}
		used, err := cpuTime(s.pid)
		if err != nil {
			return 0, 0, s.explain(err)
		}
		sent, err := s.own(ctx, "republished_groups", `outcome="accepted"`)
		if err != nil {
			return 0, 0, err
		}
		cpu, groups = cpu+used, groups+sent
	}
	return cpu, groups, nil
}
