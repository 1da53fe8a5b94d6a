package main

import (
	"runtime"
	"slices"
	"syscall"
	"time"
)

// A figure is what one way costs for each body.
type figure struct {
	cpu    float64 // in nanoseconds
	allocs float64
	bytes  float64
}

// A row has the figures of one data set: for each way, one of each round.
type row struct {
	set     set
	size    int // of the body
	points  int
	ways    []string
	figures [][]figure
}

func measureSet(s set, body string, all []route, rounds int, window time.Duration) row {
	r := row{set: s, size: len(body), points: all[0].run().DataPointCount(), figures: make([][]figure, len(all))}
	for _, route := range all {
		r.ways = append(r.ways, route.name)
	}
	for range rounds {
		for i, route := range all {
			r.figures[i] = append(r.figures[i], measure(route, window))
		}
	}
	return r
}

// measure runs a route again and again for that long.
func measure(r route, window time.Duration) figure {
	r.run() // what is made once and kept shall not count
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin, cpu := time.Now(), cpuTime()
	n := 0
	for ; n == 0 || time.Since(begin) < window; n++ {
		r.run()
	}
	used := cpuTime() - cpu
	runtime.ReadMemStats(&after)
	return figure{
		cpu:    float64(used) / float64(n),
		allocs: float64(after.Mallocs-before.Mallocs) / float64(n),
		bytes:  float64(after.TotalAlloc-before.TotalAlloc) / float64(n),
	}
}

// cpuTime returns what all threads have used so far: that of the garbage collector, which works beside, counts, and
// waiting for other processes does not.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// median returns the median of what f makes of each round.
func (r row) median(f func(round int) float64) float64 {
	values := make([]float64, len(r.figures[0]))
	for round := range values {
		values[round] = f(round)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// ours returns the median of one figure of our way.
func (r row) ours(f func(figure) float64) float64 {
	return r.median(func(round int) float64 { return f(r.figures[0][round]) })
}

// ratio returns the median of the ratios of two ways; 0 if one of them is missing.
func (r row) ratio(way, to string, f func(figure) float64) float64 {
	i, j := slices.Index(r.ways, way), slices.Index(r.ways, to)
	if i < 0 || j < 0 {
		return 0
	}
	return r.median(func(round int) float64 { return f(r.figures[i][round]) / f(r.figures[j][round]) })
}

func cpuOf(f figure) float64    { return f.cpu }
func allocsOf(f figure) float64 { return f.allocs }
func bytesOf(f figure) float64  { return f.bytes }
