package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDrive(t *testing.T) {
	var pushes atomic.Int64
	var paths sync.Map
	connections := connect(t, func(_ http.ResponseWriter, req *http.Request) {
		_, seen := paths.LoadOrStore(req.URL.Path, true)
		assert.False(t, seen, "a group that has been pushed before: %s", req.URL.Path)
		body, err := io.ReadAll(req.Body)
		assert.NoError(t, err)
		assert.Equal(t, "m 1\n", string(body))
		pushes.Add(1)
	})
	const duration = 20 * time.Millisecond
	l, err := drive(t.Context(), connections, duration)
	require.NoError(t, err)
	assert.Len(t, l.latencies, int(pushes.Load()))
	assert.GreaterOrEqual(t, l.elapsed, duration)
	assert.IsNonDecreasing(t, l.latencies)
}

func TestDriveEndsWithTheFirstRefusal(t *testing.T) {
	var pushes atomic.Int64
	connections := connect(t, func(w http.ResponseWriter, _ *http.Request) {
		if pushes.Add(1) == 10 {
			http.Error(w, "no more", http.StatusServiceUnavailable)
		}
	})
	_, err := drive(t.Context(), connections, time.Minute)
	require.EqualError(t, err, "the answer is 503: no more")
}

// connect returns three connections to a server.
func connect(t *testing.T, handler http.HandlerFunc) []*connection {
	t.Helper()
	httpServer := httptest.NewServer(handler)
	t.Cleanup(httpServer.Close)
	address := httpServer.Listener.Addr().String()
	s := server{address: address, request: payload{contentType: "text/plain", data: []byte("m 1\n")}.request(address, pushPath)}
	connections, err := s.connect(t.Context(), 3)
	require.NoError(t, err)
	t.Cleanup(func() { closeAll(connections) })
	return connections
}
