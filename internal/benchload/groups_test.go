package main

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGroupsReport(t *testing.T) {
	cpu := func(micros ...int) []sample {
		samples := make([]sample, len(micros))
		for i, m := range micros {
			samples[i].cpu = time.Duration(m) * time.Microsecond
		}
		return samples
	}
	s := settings{rounds: 3, duration: time.Second, connections: 8, republishing: 10 * time.Second}
	const series = allGroups * seriesInGroup
	rows := []groupsRow{{
		body: "a body", pdata: 400 * series, groups: 300 * series, restarts: restarts{[]float64{1, 3, 2}, []float64{5, 4, 6}}, stored: 5 << 20,
		samples:     map[string][]sample{stateless: cpu(100, 200, 300), inMemory: cpu(120, 260, 390), withStorage: cpu(200, 400, 900)},
		republished: republished{groups: 2.5 * allGroups, cpu: 3.1, idle: 0.6},
	}}
	var b strings.Builder
	require.NoError(t, writeGroups(&b, "facts", s, rows))
	for _, want := range []string{
		"facts\n\n10000 groups of 100 series. CPU times are medians of 3 rounds of 1s, 8 connections.\n",
		"| a body | 400 | 300 | 0.75 |\n",
		"| a body | 200 | 260 | 400 | 1.30 | 2.00 |\n",
		"| a body | 3.10 | 0.60 | 1.00 | 2.50 |\n",
		"| a body | 2.00 | 5.00 | 5.0 |\n",
	} {
		assert.Contains(t, b.String(), want)
	}
}

func TestSumOf(t *testing.T) {
	const page = "# TYPE a gauge\na{b=\"1\",c=\"x\"} 1\na{b=\"2\",c=\"x\"} 2\na{b=\"3\",c=\"y\"} 4.5\nab{c=\"x\"} 8\nbad{} x\n"
	sum, err := sumOf(page, "a", `c="x"`)
	require.NoError(t, err)
	assert.InDelta(t, 3.0, sum, 0)
	sum, err = sumOf(page, "a")
	require.NoError(t, err)
	assert.InDelta(t, 7.5, sum, 0)
	_, err = sumOf(page, "bad")
	require.ErrorContains(t, err, "cannot read line")
}

func TestFigureOf(t *testing.T) {
	figure, err := figureOf("# Alloc = 1\n# HeapAlloc = 234\n", "# HeapAlloc = ")
	require.NoError(t, err)
	assert.InDelta(t, 234.0, figure, 0)
	_, err = figureOf("# Alloc = 1\n", "# HeapAlloc = ")
	require.Error(t, err)
}

func TestTheSetsOfGroupsHaveAsManySeries(t *testing.T) {
	for _, set := range groupBodies() {
		metrics, err := toMetrics(set, groupingPath)
		require.NoError(t, err)
		const pushTime = 1
		assert.Equal(t, seriesInGroup+pushTime, metrics.DataPointCount(), set.Name)
	}
}
