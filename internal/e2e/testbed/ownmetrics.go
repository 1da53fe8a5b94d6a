package testbed

import (
	"fmt"
	"net"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// OwnMetrics are those that a collector shows of itself.
type OwnMetrics struct{ url string }

// ShowOwnMetrics returns the overlay that makes a collector show its own metrics at a free address; with it,
// CollectorSettings.OwnMetrics must be set.
func ShowOwnMetrics(t *testing.T) (overlay string, metrics OwnMetrics) {
	t.Helper()
	host, port, err := net.SplitHostPort(FreeAddress(t))
	require.NoError(t, err)
	overlay = fmt.Sprintf("service: {telemetry: {metrics: {level: normal, readers: [{pull: {exporter: {prometheus: {host: %s, port: %s}}}}]}}}\n", host, port)
	return overlay, OwnMetrics{url: "http://" + net.JoinHostPort(host, port) + "/metrics"}
}

// Page returns them in the text format.
func (m OwnMetrics) Page(t *testing.T) string {
	t.Helper()
	return Get(t, http.DefaultClient, m.url)
}
