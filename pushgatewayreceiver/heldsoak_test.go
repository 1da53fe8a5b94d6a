package pushgatewayreceiver

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer"
	"go.opentelemetry.io/collector/pdata/pmetric"
)

// A flaky database refuses some of what it gets, whole.
type flaky struct {
	*database
	refused atomic.Int64
}

func (f *flaky) Capabilities() consumer.Capabilities { return consumer.Capabilities{} }

func (f *flaky) ConsumeMetrics(ctx context.Context, metrics pmetric.Metrics) error {
	if rand.IntN(20) == 0 {
		f.refused.Add(1)
		return errors.New("not now")
	}
	return f.database.ConsumeMetrics(ctx, metrics)
}

// Pushes, deletions, expiry and republications of the same groups at once, a pipeline and a storage that refuse now and then, and a
// shutdown in the middle of it: samples of a series come in order, and when all groups have expired, the backend shows nothing.
func TestEverythingAtOnce(t *testing.T) {
	d := &flaky{database: newDatabase(t)}
	s := newTestStorage()
	settings := func(g *Groups) { g.TTL, g.RepublishInterval = 2*time.Second, 100*time.Millisecond }
	for round := range 3 {
		r, stop := startHolding(t, d, s, settings)
		ctx, cancel := context.WithTimeout(t.Context(), 1200*time.Millisecond)
		var pushers sync.WaitGroup
		for worker := range 8 {
			pushers.Go(func() { r.pushAnything(ctx, worker) })
		}
		for ctx.Err() == nil {
			s.fail(rand.IntN(10) == 0)
			time.Sleep(5 * time.Millisecond)
		}
		s.fail(false)
		if round < 2 {
			stop() // while they push
			pushers.Wait()
			cancel()
			time.Sleep(50 * time.Millisecond) // a process does not start faster
			continue
		}
		pushers.Wait()
		cancel()
		require.Eventually(t, func() bool { return s.len() == 0 }, 20*time.Second, 10*time.Millisecond, "all groups expire")
		require.Eventually(t, func() bool { return r.held.store.Totals().Groups == 0 }, time.Second, time.Millisecond)
		d.requireVisible()
		stop()
	}
	assert.NotZero(t, d.refused.Load())
}

// pushAnything pushes and deletes groups that others do, too. What becomes of it does not matter.
func (r running) pushAnything(ctx context.Context, worker int) {
	random := rand.New(rand.NewPCG(uint64(worker), 1))
	for ctx.Err() == nil {
		method := []string{http.MethodPut, http.MethodPost, http.MethodPut, http.MethodPost, http.MethodDelete}[random.IntN(5)]
		body := ""
		for i := range random.IntN(4) {
			body += fmt.Sprintf("m%d{l=\"%d\"} %d\n", i, random.IntN(3), random.IntN(100))
		}
		if random.IntN(30) == 0 {
			body += "broken"
		}
		req := httptest.NewRequestWithContext(ctx, method, fmt.Sprintf("/metrics/job/j%d", random.IntN(6)), strings.NewReader(body))
		r.serve(httptest.NewRecorder(), req)
		time.Sleep(5 * time.Millisecond) // with more, the times of a group run ahead of the clock, and a restart would set them back
	}
}
