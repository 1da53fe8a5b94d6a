package testbed

import (
	"sync"
	"testing"
)

// An OTLPRecorder is a sink that keeps what it takes, for the test to look at.
type OTLPRecorder struct {
	*OTLPSink

	mu      sync.Mutex
	exports []Export
}

// StartOTLPRecorder runs a recorder that has nothing.
func StartOTLPRecorder(t *testing.T) *OTLPRecorder {
	t.Helper()
	r := &OTLPRecorder{}
	r.OTLPSink = StartOTLPSink(t, func(e Export) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.exports = append(r.exports, e)
	})
	return r
}

// Take returns what arrived since it was called last.
func (r *OTLPRecorder) Take() []Export {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.exports
	r.exports = nil
	return taken
}

// ResourceAttributes returns an attribute of each resource in the export, empty where it is not there.
func (e Export) ResourceAttributes(name string) []string {
	var values []string
	for _, resource := range e.Metrics.ResourceMetrics().All() {
		value, _ := resource.Resource().Attributes().Get(name)
		values = append(values, value.Str())
	}
	return values
}
