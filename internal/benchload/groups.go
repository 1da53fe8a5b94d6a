package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/benchload/dataset"
)

// seriesInGroup is how many series each of the groups has.
const seriesInGroup = 100

// groupBodies are what is pushed to each group.
func groupBodies() []dataset.Set {
	return []dataset.Set{
		{Name: "10 families of 10 series", ContentType: dataset.TextType, Body: dataset.Series(seriesInGroup)},
		{Name: "100 families of 1 series", ContentType: dataset.TextType, Body: dataset.Families(seriesInGroup)},
	}
}

// A groupsRow is what was measured with one of the bodies.
type groupsRow struct {
	body string
	// pdata is the live heap that the metrics of all groups take, and groups that of groups mode, in bytes.
	pdata, groups float64
	samples       map[string][]sample // by the name of the server
	restarts      restarts
	stored        int64 // bytes of the file
	republished   republished
}

// runGroups measures groups mode.
func runGroups(ctx context.Context, args []string) error {
	var s settings
	flags := flag.NewFlagSet("benchload groups", flag.ContinueOnError)
	s.addCollector(flags)
	s.addRounds(flags, 3, 3*time.Second)
	flags.DurationVar(&s.republishing, "republish_interval", 10*time.Second, "the interval of the republications that are measured")
	s, err := s.parse(flags, args)
	if err != nil {
		return err
	}
	s.servers = []string{ours}
	facts, err := describe(ctx, s)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "benchload-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	var rows []groupsRow
	for i, set := range groupBodies() {
		var row groupsRow
		if row, err = measureGroups(ctx, s, filepath.Join(dir, strconv.Itoa(i)), set); err != nil {
			err = fmt.Errorf("%s: %w", set.Name, err)
			break
		}
		rows = append(rows, row)
	}
	return errors.Join(err, writeGroups(os.Stdout, facts, s, rows))
}

// measureGroups measures all with one body.
func measureGroups(ctx context.Context, s settings, dir string, set dataset.Set) (groupsRow, error) {
	r := groupsRow{body: set.Name, samples: map[string][]sample{}}
	var err error
	if r.pdata, err = heapOfMetrics(set); err != nil {
		return r, err
	}
	w, err := newWorkload(set, plain)
	if err != nil {
		return r, err
	}
	if err := os.MkdirAll(storageIn(dir), 0o700); err != nil {
		return r, err
	}
	if err := r.measurePushes(ctx, s, dir, w); err != nil {
		return r, err
	}
	if r.stored, err = sizeOf(storageIn(dir)); err != nil {
		return r, err
	}
	if r.restarts, err = measureRestarts(ctx, s, dir); err != nil {
		return r, err
	}
	r.republished, err = measureRepublishing(ctx, s, dir)
	return r, err
}

// measurePushes fills the servers with all groups, looks at their memory, and then drives them in turn.
func (r *groupsRow) measurePushes(ctx context.Context, s settings, dir string, w *workload) error {
	var running []*server
	defer func() {
		for _, started := range running {
			started.stop()
		}
	}()
	heap := map[string]float64{}
	for _, m := range groupsModes {
		started, err := m.start(ctx, s, dir)
		if err != nil {
			return fmt.Errorf("cannot start %s: %w", m.name, err)
		}
		running = append(running, &started.server)
		started.request = w.push.request(started.address, pushPath)
		if err := started.fill(ctx, s.connections); err != nil {
			return fmt.Errorf("cannot fill %s: %w", m.name, started.explain(err))
		}
		if heap[m.name], err = started.heap(ctx); err != nil {
			return fmt.Errorf("cannot measure %s: %w", m.name, err)
		}
	}
	r.groups = heap[inMemory] - heap[stateless]
	return s.takeTurns(ctx, running, r.samples)
}
