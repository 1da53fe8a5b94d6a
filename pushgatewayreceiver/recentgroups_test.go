package pushgatewayreceiver

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

func TestRecentGroups(t *testing.T) {
	begin := time.Now()
	random := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{0, 1, 2, 10, 1000, 20_000, 100_000, 500_000} {
		g := newRecentGroups(begin)
		for range n {
			group := random.Uint64()
			g.saw(group, begin)
			g.saw(group, begin.Add(time.Second))
		}
		tolerance := 0.006
		if n > 100_000 {
			tolerance = 0.05
		}
		assert.InDelta(t, n, g.count(begin), tolerance*float64(n))
	}
}

func TestGroupsAreForgotten(t *testing.T) {
	begin := time.Now()
	g := newRecentGroups(begin)
	g.saw(1<<32, begin)
	g.saw(2<<32, begin.Add(30*time.Minute))
	f := func(after time.Duration, want int64) {
		t.Helper()
		assert.Equal(t, want, g.count(begin.Add(after)))
	}
	f(30*time.Minute, 2)
	f(time.Hour, 2)
	f(time.Hour+2*time.Second, 1)
	f(90*time.Minute, 1)
	f(2*time.Hour, 0)
}
