package attack

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// results are those of an honest client.
type results struct {
	took    []time.Duration
	refused int
}

// pushHonestly pushes every few milliseconds, as many jobs would: each on a connection of its own.
func pushHonestly(t *testing.T, c *testbed.Collector, until time.Time) results {
	t.Helper()
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
	page := honestPage()
	zipped := testbed.Gzipped(page)
	var r results
	for i := 0; time.Now().Before(until); i++ {
		body, encoding := page, ""
		if i%2 == 1 {
			body, encoding = zipped, "gzip"
		}
		req, err := http.NewRequest(http.MethodPut, fmt.Sprintf("%s/metrics/job/honest/instance/%d", c.URL, i%100), strings.NewReader(body))
		require.NoError(t, err)
		if encoding != "" {
			req.Header.Set("Content-Encoding", encoding)
		}
		begin := time.Now()
		res, err := client.Do(req)
		require.NoError(t, err)
		_ = res.Body.Close()
		r.took = append(r.took, time.Since(begin))
		if res.StatusCode != http.StatusOK {
			r.refused++
		}
		time.Sleep(10 * time.Millisecond)
	}
	return r
}

// honestPage is what a job of some size pushes: 100 series.
func honestPage() string {
	var b strings.Builder
	b.WriteString("# HELP backup_files_total Files.\n# TYPE backup_files_total counter\n")
	for i := range 100 {
		fmt.Fprintf(&b, "backup_files_total{directory=\"/var/lib/%d\",kind=\"regular\"} %d\n", i, i)
	}
	return b.String()
}

// percentile returns the time that so many of a hundred pushes took at most.
func (r results) percentile(p int) time.Duration {
	if len(r.took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(r.took))
	return sorted[(len(sorted)-1)*p/100]
}
