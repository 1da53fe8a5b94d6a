package statuspage

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
)

func getMetrics(store *groups.Store, method string) *httptest.ResponseRecorder {
	res := httptest.NewRecorder()
	NewMetrics(store).Serve(res, httptest.NewRequest(method, "/api/v1/metrics", nil))
	return res
}

// pushTimes are the members of a group that say when it was pushed, all of them at the same time.
func pushTimes(labels, pushed, failed string) string {
	member := func(name, what, value string) string {
		return `"` + name + `":{"time_stamp":"2026-11-27T12:00:00.5Z","type":"GAUGE","help":"Unix time at which the last push of this group was ` +
			what + `.","metrics":[{"labels":{` + labels + `,"instance":""},"value":"` + value + `"}]}`
	}
	return member("push_time_seconds", "accepted", pushed) + "," + member("push_failure_time_seconds", "refused", failed) + "}"
}

func TestMetricsJSON(t *testing.T) {
	at := begin.Add(500 * time.Millisecond)
	store, push := newTestStore(t)
	push(2, key("x", "l", "<&>", "e", ""), "# HELP c Help \"of\" é.\n# TYPE c counter\nc{a=\"\\\"1\"} 1\nc 2.5e10\nu -Inf\n"+
		"# TYPE h histogram\nh_bucket{le=\"0.5\"} 1\nh_bucket{le=\"+Inf\"} 3\nh_sum 4.5\nh_count 3\n"+
		"# TYPE s summary\ns{quantile=\"0.5\"} NaN\ns{quantile=\"0.9\"} 1e-9\ns_sum 1\ns_count 2\n", at)
	push(1, key("a"), "", at)
	failed(t, store, 3, key("x"), at)
	const now = "1.7957808005e+09"
	const labels = `"job":"x","l":"<&>","e":""`
	want := `{"status":"success","data":[
		{"labels":{"job":"a"},"last_push_successful":true,` + pushTimes(`"job":"a"`, now, "0") + `,
		{"labels":{"job":"x"},"last_push_successful":false,` + pushTimes(`"job":"x"`, "0", now) + `,
		{"labels":{` + labels + `},"last_push_successful":true,
		"c":{"time_stamp":"2026-11-27T12:00:00.5Z","type":"COUNTER","help":"Help \"of\" é.","metrics":[
			{"labels":{` + labels + `,"a":"\"1","instance":""},"value":"1"},{"labels":{` + labels + `,"instance":""},"value":"2.5e+10"}]},
		"u":{"time_stamp":"2026-11-27T12:00:00.5Z","type":"UNTYPED","metrics":[{"labels":{` + labels + `,"instance":""},"value":"-Inf"}]},
		"h":{"time_stamp":"2026-11-27T12:00:00.5Z","type":"HISTOGRAM","metrics":[
			{"labels":{` + labels + `,"instance":""},"buckets":{"0.5":"1","+Inf":"3"},"count":"3","sum":"4.5"}]},
		"s":{"time_stamp":"2026-11-27T12:00:00.5Z","type":"SUMMARY","metrics":[
			{"labels":{` + labels + `,"instance":""},"quantiles":{"0.5":"NaN","0.9":"1e-09"},"count":"2","sum":"1"}]},
		` + pushTimes(labels, now, "0") + `]}`
	res := getMetrics(store, http.MethodGet)
	assert.JSONEq(t, want, res.Body.String())
	assert.NotContains(t, res.Body.String(), "<", "a browser that takes it for a page finds no element")
	assert.Equal(t, "application/json", res.Header().Get("Content-Type"))
	assert.Equal(t, "no-store", res.Header().Get("Cache-Control"))
	head := getMetrics(store, http.MethodHead)
	assert.Equal(t, 200, head.Code)
	assert.Equal(t, res.Header(), head.Header())
	assert.Empty(t, head.Body.String())
}

func TestMetricsOfNothing(t *testing.T) {
	assert.JSONEq(t, `{"status":"success","data":[]}`, getMetrics(groups.New(groups.Options{}), http.MethodGet).Body.String())
}

func TestMetricsInStableOrder(t *testing.T) {
	store, push := newTestStore(t)
	keys := [][]string{{"a"}, {"a", "k", "1"}, {"a", "k", "1", "l", "1"}, {"a", "k", "2"}, {"a", "l", "0"}, {"b"}}
	for i, k := range keys {
		push(uint64(100-i), key(k[0], k[1:]...), "", begin)
	}
	first := getMetrics(store, http.MethodGet).Body.String()
	assert.Equal(t, first, getMetrics(store, http.MethodGet).Body.String())
	var answer struct {
		Data []struct{ Labels map[string]string }
	}
	require.NoError(t, json.Unmarshal([]byte(first), &answer))
	for i, k := range keys {
		want := map[string]string{"job": k[0]}
		for j := 1; j < len(k); j += 2 {
			want[k[j]] = k[j+1]
		}
		assert.Equal(t, want, answer.Data[i].Labels)
	}
}

// A metric of the name of a member takes its place nowhere, and none is there twice.
func TestMetricsWithTheNamesOfMembers(t *testing.T) {
	store, push := newTestStore(t)
	push(1, key("x"), "labels 1\nlast_push_successful 2\npush_time_seconds 3\nm 4\n", begin)
	body := getMetrics(store, http.MethodGet).Body.String()
	for _, name := range []string{"last_push_successful", "push_time_seconds", "push_failure_time_seconds", "m"} {
		assert.Equal(t, 1, strings.Count(body, `"`+name+`":`), name)
	}
	assert.Contains(t, body, `[{"labels":{"job":"x"},"last_push_successful":true,`)
	assert.Contains(t, body, `"value":"3"`, "without push_time_metrics the name is free")
}

// What cannot be read is not left out as if it were not there.
func TestMetricsThatCannotBeRead(t *testing.T) {
	store := groups.New(groups.Options{})
	require.True(t, store.Load(&groups.Group{ID: 1, Key: key("x"), Families: []groups.Family{{Name: "m", Data: []byte("x")}}}))
	assert.PanicsWithError(t, http.ErrAbortHandler.Error(), func() { getMetrics(store, http.MethodGet) })
}

// A countingWriter notes how much is written at once.
type countingWriter struct {
	http.ResponseWriter
	most, all int
}

func (w *countingWriter) Write(b []byte) (int, error) {
	w.most, w.all = max(w.most, len(b)), w.all+len(b)
	return len(b), nil
}

// However much is held, little of it is made before it is sent.
func TestMetricsAreNotMadeAsAWhole(t *testing.T) {
	store, push := newTestStore(t)
	for i := range 10 {
		push(uint64(i+1), key(fmt.Sprint(i)), strings.Repeat("# some comment\n", 10)+manySeries(2000), begin)
	}
	w := &countingWriter{ResponseWriter: httptest.NewRecorder()}
	NewMetrics(store).Serve(w, httptest.NewRequest(http.MethodGet, "/api/v1/metrics", nil))
	assert.Greater(t, w.all, 1_000_000)
	assert.LessOrEqual(t, w.most, answerBuffer)
}

func manySeries(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "m{i=\"%d\"} %d\n", i, i)
	}
	return b.String()
}

func TestMetricsAtOnce(t *testing.T) {
	store, _ := newTestStore(t)
	m := NewMetrics(store)
	reached, read := make(chan struct{}), make(chan struct{})
	var slow sync.WaitGroup
	for range maxAnswers {
		slow.Go(func() {
			m.Serve(slowReader{httptest.NewRecorder(), reached, read}, httptest.NewRequest(http.MethodGet, "/", nil))
		})
		<-reached
	}
	w := httptest.NewRecorder()
	m.Serve(w, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Equal(t, "1", w.Header().Get("Retry-After"))
	close(read)
	slow.Wait()
	w = httptest.NewRecorder()
	m.Serve(w, httptest.NewRequest(http.MethodGet, "/", nil))
	assert.Equal(t, http.StatusOK, w.Code)
}

// go test ./pushgatewayreceiver/internal/statuspage -run '^$' -bench Metrics -benchmem
func BenchmarkMetrics(b *testing.B) {
	store, push := newTestStore(b)
	for i := range 100 {
		push(uint64(i+1), key(fmt.Sprint("backup-", i), "instance", "db1"), manySeries(1000), begin)
	}
	b.ReportAllocs()
	for b.Loop() {
		w := &countingWriter{ResponseWriter: httptest.NewRecorder()}
		NewMetrics(store).Serve(w, httptest.NewRequest(http.MethodGet, "/api/v1/metrics", nil))
		b.SetBytes(int64(w.all))
	}
}
