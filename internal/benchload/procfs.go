package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// tick is the unit of CPU times in /proc: it is a hundredth of a second on all that Go runs on, see proc(5) and
// sysconf(3).
const tick = 10 * time.Millisecond

func procFile(pid int, name string) string { return filepath.Join("/proc", strconv.Itoa(pid), name) }

// cpuTime returns the CPU time, user and system, that a process has used.
func cpuTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(procFile(pid, "stat"))
	if err != nil {
		return 0, err
	}
	return parseCPUTime(string(stat))
}

// parseCPUTime reads /proc/<pid>/stat: fields with blanks between them, of which the second, the program's name in
// parentheses, may have blanks and parentheses itself.
func parseCPUTime(stat string) (time.Duration, error) {
	const utime, stime = 14, 15 // counted from 1
	const third = 3
	fields := strings.Fields(stat[strings.LastIndexByte(stat, ')')+1:])
	if len(fields) <= stime-third {
		return 0, errors.New("cannot read /proc/<pid>/stat: it has too few fields")
	}
	var sum time.Duration
	for _, field := range []string{fields[utime-third], fields[stime-third]} {
		ticks, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("cannot read /proc/<pid>/stat: %w", err)
		}
		sum += time.Duration(ticks) * tick
	}
	return sum, nil
}

// peakMemory returns how many bytes of memory a process had at most since resetPeakMemory.
func peakMemory(pid int) (int64, error) {
	status, err := os.ReadFile(procFile(pid, "status"))
	if err != nil {
		return 0, err
	}
	return parsePeakMemory(string(status))
}

// parsePeakMemory reads the line VmHWM of /proc/<pid>/status.
func parsePeakMemory(status string) (int64, error) {
	for line := range strings.Lines(status) {
		value, found := strings.CutPrefix(line, "VmHWM:")
		if !found {
			continue
		}
		kB, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")), 10, 64)
		if err != nil {
			return 0, fmt.Errorf("cannot read VmHWM: %w", err)
		}
		return kB << 10, nil
	}
	return 0, errors.New("cannot read /proc/<pid>/status: it has no VmHWM")
}

// resetPeakMemory makes the memory that a process has now its peak.
func resetPeakMemory(pid int) error {
	const peak = "5" // see proc(5)
	return os.WriteFile(procFile(pid, "clear_refs"), []byte(peak), 0)
}
