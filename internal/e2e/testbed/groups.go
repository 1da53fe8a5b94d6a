package testbed

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"
)

// HeldGroups returns the grouping keys that a collector in groups mode has.
func (c *Collector) HeldGroups(t *testing.T) []Labels {
	t.Helper()
	var groups []Labels
	for _, group := range PushedMetrics(t, c.Client, c.URL) {
		var labels Labels
		require.NoError(t, json.Unmarshal(group["labels"], &labels))
		groups = append(groups, labels)
	}
	return groups
}

// PushedMetrics returns the groups that the API of a Pushgateway, or of a collector in groups mode, has, each with its fields.
func PushedMetrics(t *testing.T, client *http.Client, url string) []map[string]json.RawMessage {
	t.Helper()
	var answer struct {
		Status string
		Data   []map[string]json.RawMessage
	}
	require.NoError(t, json.Unmarshal([]byte(Get(t, client, url+"/api/v1/metrics")), &answer))
	require.Equal(t, "success", answer.Status)
	return answer.Data
}
