package e2e

import (
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

func TestShutdownAnswersPushesInFlight(t *testing.T) {
	const delay = 2 * time.Second
	asked := make(chan struct{}, 1)
	backend := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		time.Sleep(delay) // the backend is slow
	}))
	t.Cleanup(backend.Close)
	c := testbed.StartCollector(t, testbed.CollectorSettings{Config: testbed.Repository + "/examples/otlp.yaml", Env: []string{"OTLP_ENDPOINT=" + backend.URL}})

	answers := make(chan testbed.Answer, 1)
	go func() { answers <- testbed.Post(t, c.Client, c.URL+"/metrics/job/in_flight", "m 1\n") }()
	<-asked
	terminated := time.Now()
	c.Signal(syscall.SIGTERM)
	a := <-answers
	assert.Equal(t, http.StatusOK, a.Status, a.Body)
	assert.GreaterOrEqual(t, time.Since(terminated), delay/2, "the push was not in flight any more")
	require.True(t, c.WaitFor(15*time.Second), "the collector goes on after SIGTERM")
	assert.NoError(t, c.Exit)
}
