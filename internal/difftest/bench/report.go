package main

import (
	"fmt"
	"io"
	"runtime"
	"time"
)

func printFacts(w io.Writer, rounds int) {
	fmt.Fprintf(w, "%s, %d cores, medians of %d rounds; time is CPU time, the garbage collector's included\n\n",
		runtime.Version(), runtime.NumCPU(), rounds)
}

// printComparison prints a table of all data sets.
func printComparison(w io.Writer, rows []row) {
	fmt.Fprintln(w, "| body | format | size | time | allocations | time / floor | allocations / floor | time / OTLP | expfmt / time |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|---|---|---|")
	for _, r := range rows {
		fmt.Fprintf(w, "| %s | %s | %s | %s | %.0f | %.2f | %.3f | %.2f | %s |\n", r.set.name, r.set.format, inBytes(float64(r.size)),
			inTime(r.ours(cpuOf)), r.ours(allocsOf), r.ratio(oursName, floorName, cpuOf), r.ratio(oursName, floorName, allocsOf),
			r.ratio(oursName, otlpName, cpuOf), times(r.ratio(expfmtName, oursName, cpuOf)))
	}
	fmt.Fprintln(w)
}

// printGrowth prints what a sample costs in ever larger bodies.
func printGrowth(w io.Writer, rows []row) {
	fmt.Fprintln(w, "| body | time for each sample | memory allocated for each sample |")
	fmt.Fprintln(w, "|---|---|---|")
	for _, r := range rows {
		points := float64(r.points)
		fmt.Fprintf(w, "| %s | %s | %s |\n", r.set.name, inTime(r.ours(cpuOf)/points), inBytes(r.ours(bytesOf)/points))
	}
	fmt.Fprintln(w)
}

func times(ratio float64) string {
	if ratio == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", ratio)
}

func inTime(ns float64) string {
	switch d := time.Duration(ns); {
	case d < time.Microsecond:
		return fmt.Sprintf("%.0f ns", ns)
	case d < time.Millisecond:
		return fmt.Sprintf("%.3g us", ns/1e3)
	default:
		return fmt.Sprintf("%.3g ms", ns/1e6)
	}
}

func inBytes(n float64) string {
	switch {
	case n < 1e3:
		return fmt.Sprintf("%.0f B", n)
	case n < 1e6:
		return fmt.Sprintf("%.3g kB", n/1e3)
	default:
		return fmt.Sprintf("%.3g MB", n/1e6)
	}
}
