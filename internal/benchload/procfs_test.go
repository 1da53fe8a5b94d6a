package main

import (
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseCPUTime(t *testing.T) {
	cases := []struct {
		name string
		stat string
		want time.Duration
		err  string
	}{
		{name: "user and system", stat: "42 (vmagent) S 1 2 3 0 -1 4194560 100 0 0 0 150 25 7 8 20 0 7 0", want: 1750 * time.Millisecond},
		{name: "a name with blanks and parentheses", stat: "42 (a) (b c) S 1 2 3 0 -1 4194560 100 0 0 0 1 2 7 8 20 0 7 0", want: 30 * time.Millisecond},
		{name: "too few fields", stat: "42 (a) S 1 2 3 0 -1 4194560 100 0 0 0 1", err: "cannot read /proc/<pid>/stat: it has too few fields"},
		{name: "nothing", err: "cannot read /proc/<pid>/stat: it has too few fields"},
		{
			name: "no number", stat: "42 (a) S 1 2 3 0 -1 4194560 100 0 0 0 x 2 7",
			err: `cannot read /proc/<pid>/stat: strconv.ParseInt: parsing "x": invalid syntax`,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseCPUTime(c.stat)
			if c.err != "" {
				require.EqualError(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestParsePeakMemory(t *testing.T) {
	cases := []struct {
		name   string
		status string
		want   int64
		err    string
	}{
		{name: "a line among others", status: "Name:\tvmagent\nVmPeak:\t  900 kB\nVmHWM:\t  12345 kB\nVmRSS:\t  100 kB\n", want: 12345 << 10},
		{name: "a process that has ended", status: "Name:\tvmagent\nState:\tZ (zombie)\n", err: "cannot read /proc/<pid>/status: it has no VmHWM"},
		{name: "no number", status: "VmHWM:\tmuch kB\n", err: `cannot read VmHWM: strconv.ParseInt: parsing "much": invalid syntax`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := parsePeakMemory(c.status)
			if c.err != "" {
				require.EqualError(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}

func TestReadProc(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		return // there is no /proc but on Linux
	}
	peak, err := peakMemory(os.Getpid())
	require.NoError(t, err)
	assert.Greater(t, peak, int64(1<<20))
	before, err := cpuTime(os.Getpid())
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		for begin := time.Now(); time.Since(begin) < 20*time.Millisecond; { //nolint:revive // it is to use CPU time
		}
		after, err := cpuTime(os.Getpid())
		return err == nil && after > before
	}, 10*time.Second, time.Millisecond)
}
