package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReport(t *testing.T) {
	cpu := func(micros ...int) []sample {
		samples := make([]sample, len(micros))
		for i, m := range micros {
			samples[i].cpu = time.Duration(m) * time.Microsecond
		}
		return samples
	}
	r := results{
		settings: settings{rounds: 3, duration: time.Second, connections: 8, servers: []string{ours, otlp, vmagent}},
		rows: []row{
			{workload: "small plain", samples: map[string][]sample{ours: cpu(30, 10, 20), otlp: cpu(10, 20, 40), vmagent: cpu(5, 5, 5)}},
			{workload: "small-protobuf plain", groups: 7, samples: map[string][]sample{ours: cpu(300), otlp: cpu(200)}},
		},
	}
	var b strings.Builder
	require.NoError(t, r.write(&b, "facts"))
	assert.True(t, strings.HasPrefix(b.String(), "facts\n\nMedians of 3 rounds of 1s, 8 connections.\n"), b.String())
	assert.Contains(t, b.String(), `
## CPU for a push (µs)

| body | ours | otlp | vmagent | ours / otlp | ours / vmagent |
| --- | ---: | ---: | ---: | ---: | ---: |
| small plain | 20.0 | 20.0 | 5.0 | 0.50 | 4.00 |
| small-protobuf plain | 300 | 200 | - | 1.50 | - |
`)
	assert.Contains(t, b.String(), "| small-protobuf plain | 0 | 0 | 7 |\n")
}
