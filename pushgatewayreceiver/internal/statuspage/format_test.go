package statuspage

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestFormats(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Hour: "just now", 999 * time.Millisecond: "just now", time.Second: "1 s ago", 59900 * time.Millisecond: "59 s ago",
		time.Minute: "1 min ago", 119 * time.Minute: "1 h ago", 47 * time.Hour: "47 h ago", 49 * time.Hour: "2 days ago",
	} {
		assert.Equal(t, want, ago(d))
	}
	for d, want := range map[time.Duration]string{
		0: "0 µs", 999 * time.Microsecond: "999 µs", 1250 * time.Microsecond: "1.2 ms", 12 * time.Millisecond: "12 ms",
		1230 * time.Millisecond: "1.2 s", 75 * time.Second: "75 s",
	} {
		assert.Equal(t, want, duration(d))
	}
	for n, want := range map[int64]string{-1: "unknown", 0: "0 B", 1023: "1023 B", 1536: "1.5 KiB", 5 << 20: "5.0 MiB", 3 << 30: "3072.0 MiB"} {
		assert.Equal(t, want, size(n))
	}
	for n, want := range map[any]string{0: "0", 999: "999", uint64(1000): "1,000", int64(1234567): "1,234,567"} {
		assert.Equal(t, want, number(n))
	}
}
