package pushgatewayreceiver

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
)

func TestRates(t *testing.T) {
	r := newRates(10)
	now := time.Now()
	for range 10 {
		require.NoError(t, r.allow("a", now))
	}
	require.EqualError(t, r.allow("a", now), `job "a" has pushed 11 times within a second; limits.pushes_per_second_per_job is 10; push it again later`)
	require.NoError(t, r.allow("b", now), "each job has a rate of its own")
	require.NoError(t, r.allow("a", now.Add(101*time.Millisecond)))
	require.Error(t, r.allow("a", now.Add(102*time.Millisecond)))
	require.NoError(t, r.allow("a", now.Add(2*time.Second)))

	for i := range 2 * maxJobs {
		require.NoError(t, r.allow(fmt.Sprint(i), now))
	}
	assert.Equal(t, maxJobs, r.jobs.Len())

	for range 100 {
		require.NoError(t, newRates(0).allow("a", now))
	}
}

func TestJobThatPushesTooOften(t *testing.T) {
	sink := new(consumertest.MetricsSink)
	r := start(t, sink, func(c *Config) { c.Settings.Limits.PushesPerSecondPerJob = 1 })
	assert.Equal(t, http.StatusOK, r.do(t, http.MethodPost, "/metrics/job/a/l/1", "m 1\n").StatusCode)
	a := r.do(t, http.MethodPost, "/metrics/job/a/l/2", "m 1\n")
	assert.Equal(t, http.StatusTooManyRequests, a.StatusCode)
	assert.Equal(t, "1", a.Header.Get("Retry-After"))
	assert.Contains(t, a.body, "limits.pushes_per_second_per_job is 1")
	assert.Len(t, sink.AllMetrics(), 1, "nothing is wrong with the push, so it is no failure")
}
