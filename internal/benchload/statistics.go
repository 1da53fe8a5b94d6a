package main

import (
	"slices"
	"time"
)

// median returns the middle value, or the mean of both if there are two. There must be at least one.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

// percentile returns the smallest of the sorted values that p percent of them do not exceed. There must be at least
// one.
func percentile(sorted []time.Duration, p int) time.Duration {
	rank := (len(sorted)*p + 99) / 100 // counted from 1
	return sorted[max(rank, 1)-1]
}
