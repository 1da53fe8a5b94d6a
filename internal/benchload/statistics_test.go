package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestMedian(t *testing.T) {
	cases := []struct {
		name   string
		values []float64
		want   float64
	}{
		{"of one", []float64{3}, 3},
		{"of two", []float64{4, 1}, 2.5},
		{"of three", []float64{9, 1, 4}, 4},
		{"of four", []float64{9, 1, 4, 5}, 4.5},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			before := append([]float64{}, c.values...)
			assert.InDelta(t, c.want, median(c.values), 0)
			assert.Equal(t, before, c.values, "the rounds stay in order")
		})
	}
}

func TestPercentile(t *testing.T) {
	hundred := make([]time.Duration, 100)
	for i := range hundred {
		hundred[i] = time.Duration(i + 1)
	}
	cases := []struct {
		name   string
		sorted []time.Duration
		p      int
		want   time.Duration
	}{
		{"p50 of one", []time.Duration{7}, 50, 7},
		{"p99 of one", []time.Duration{7}, 99, 7},
		{"p50 of three", []time.Duration{1, 2, 9}, 50, 2},
		{"p99 of few is the largest", []time.Duration{1, 2, 9}, 99, 9},
		{"p50 of a hundred", hundred, 50, 50},
		{"p99 of a hundred", hundred, 99, 99},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			assert.Equal(t, c.want, percentile(c.sorted, c.p))
		})
	}
}

func TestRatios(t *testing.T) {
	assert.Equal(t, []float64{2, 0.5}, ratios([]float64{4, 1}, []float64{2, 2}))
	assert.Empty(t, ratios([]float64{4, 1}, nil), "a server that was not driven")
	assert.Empty(t, ratios(nil, []float64{4, 1}), "a server that was not driven")
}
