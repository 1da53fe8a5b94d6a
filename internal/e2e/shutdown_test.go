package e2e

import (
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestShutdownAnswersPushesInFlight(t *testing.T) {
	const delay = 2 * time.Second
	asked := make(chan struct{}, 1)
	backend := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		asked <- struct{}{}
		time.Sleep(delay) // the backend is slow
	}))
	t.Cleanup(backend.Close)
	c := startCollector(t, collectorSettings{config: repository + "/examples/otlp.yaml", env: []string{"OTLP_ENDPOINT=" + backend.URL}})

	answers := make(chan answer, 1)
	go func() { answers <- post(t, c.client, c.url+"/metrics/job/in_flight", "m 1\n") }()
	<-asked
	terminated := time.Now()
	c.signal(syscall.SIGTERM)
	a := <-answers
	assert.Equal(t, http.StatusOK, a.status, a.body)
	assert.GreaterOrEqual(t, time.Since(terminated), delay/2, "the push was not in flight any more")
	require.True(t, c.waitFor(15*time.Second), "the collector goes on after SIGTERM")
	assert.NoError(t, c.exit)
}
