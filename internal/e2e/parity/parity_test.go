package parity

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// scrapeJob is the job of a scrape of the Pushgateway. Pushed series keep theirs, as honor_labels says.
const scrapeJob = "scrape_of_pushgateway"

// scrapeConfig takes the jobs whose names begin with native from a scrape with native histograms, which is one in
// protobuf, and the others from one as most have it, which is one in text.
const scrapeConfig = `
global:
  scrape_interval: 1s
scrape_configs:
  - job_name: ` + scrapeJob + `
    honor_labels: true
    static_configs: [{targets: [%[1]q]}]
    metric_relabel_configs: [{source_labels: [job], regex: native_.*, action: drop}]
  - job_name: ` + scrapeJob + `_native
    honor_labels: true
    scrape_native_histograms: true
    static_configs: [{targets: [%[1]q]}]
    metric_relabel_configs: [{source_labels: [job], regex: native_.*, action: keep}]
`

// A backend is a Prometheus and the URL of what fills it.
type backend struct {
	prometheus *testbed.Prometheus
	gateway    string
	// metadata has the types of the push before, and types those of all, by job, if Prometheus does not know them.
	metadata *testbed.MetadataTap
	types    map[string]testbed.Types
}

func startPushgateway(t *testing.T) backend {
	t.Helper()
	gateway := testbed.StartPushgateway(t)
	return backend{prometheus: startScraping(t, gateway), gateway: gateway.URL}
}

// startScraping runs a Prometheus that scrapes the Pushgateway.
func startScraping(t *testing.T, gateway *testbed.Pushgateway) *testbed.Prometheus {
	t.Helper()
	return testbed.StartPrometheusWith(t, fmt.Sprintf(scrapeConfig, strings.TrimPrefix(gateway.URL, "http://")))
}

func startOTLP(t *testing.T) backend {
	t.Helper()
	p, c := testbed.StartOTLP(t)
	return backend{prometheus: p, gateway: c.URL}
}

func startRemoteWrite(t *testing.T) backend {
	t.Helper()
	p, c, tap := testbed.StartRemoteWrite(t)
	return backend{prometheus: p, gateway: c.URL, metadata: tap, types: map[string]testbed.Types{}}
}

func TestParity(t *testing.T) {
	pushgateway, otlp, remoteWrite := startPushgateway(t), startOTLP(t), startRemoteWrite(t)
	pushes := corpus(t)
	for _, p := range pushes {
		pushgateway.push(t, p, p.refused == byPushgateway || p.refused == byBoth)
		otlp.push(t, p, p.refused == byCollector || p.refused == byBoth)
		remoteWrite.push(t, p, p.refused == byCollector || p.refused == byBoth)
	}
	there := pushgateway.readWhenScraped(t)
	t.Logf("%d pushes, %d groups there and %d series", len(pushes), there.groups(), len(there))
	t.Run(string(overOTLP), func(t *testing.T) {
		compare(overOTLP, rules(t, pushes), there, readDatabase(t, otlp.prometheus)).report(t)
	})
	t.Run(string(overRemoteWrite), func(t *testing.T) {
		here := readDatabase(t, remoteWrite.prometheus)
		here.setTypes(remoteWrite.types)
		compare(overRemoteWrite, rules(t, pushes), there, here).report(t)
	})
}

// push pushes, and says so if the answer is not what it should be.
func (b backend) push(t *testing.T, p push, refused bool) {
	t.Helper()
	req, err := http.NewRequest(p.method, b.gateway+"/metrics"+p.path, strings.NewReader(p.body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", p.contentType)
	// A redirect would turn the push into a GET.
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	answer, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	assert.Equalf(t, refused, res.StatusCode >= http.StatusMultipleChoices, "%s %s got %d: %.300s", p.method, p.path, res.StatusCode, answer)
	if b.metadata != nil {
		job := p.job(t)
		if b.types[job] == nil {
			b.types[job] = testbed.Types{}
		}
		maps.Copy(b.types[job], b.metadata.Take())
	}
}

// readWhenScraped waits until the last pushes were scraped, and so all before them.
func (b backend) readWhenScraped(t *testing.T) database {
	t.Helper()
	var db database
	require.Eventually(t, func() bool {
		db = readDatabase(t, b.prometheus)
		_, text := db[`push_time_seconds{job="last"}`]
		_, native := db[`push_time_seconds{job="native_last"}`]
		return text && native
	}, 30*time.Second, 500*time.Millisecond, "the Pushgateway was not scraped")
	return db
}
