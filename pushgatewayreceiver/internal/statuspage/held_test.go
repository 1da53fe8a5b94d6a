package statuspage

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/journal"
)

func TestHeldGroups(t *testing.T) {
	store, push := newTestStore(t)
	push(1, key("backup", "instance", "db1", "empty", ""), "m 1\nn{l=\"1\"} 1\nn{l=\"2\"} 1\n", begin)
	push(2, key("report"), "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n", begin.Add(59*time.Minute))
	failed(t, store, 3, key("broken"), begin.Add(30*time.Minute))
	p := newHeldPage(store)
	d := getDocument(t, p, "/held", 200)
	assert.Equal(t, "Held groups · pushgateway/2", d.one(t, "title").text())
	totals := store.Totals()
	assert.Equal(t, fmt.Sprintf("Groups 3 of at most 10,000 Series 7 of at most 1,000,000 Memory %s of at most 1024.0 MiB", size(totals.Bytes)), d.one(t, "#totals").text())
	memory := func(id uint64) string { return size(store.Get(id).Bytes()) }
	assert.Equal(t, []string{
		"report none 1 min ago never in 3 days 1 4 " + memory(2),
		"broken none never 30 min ago in 3 days 0 0 " + memory(3),
		`backup instance = db1 empty = "" 1 h ago never in 3 days 2 3 ` + memory(1),
	}, d.rows(t, "#held"))
	assert.Equal(t, "./group/0000000000000003", d.one(t, "#held").links()["broken"])
	assert.Equal(t, map[string]string{"Pushes": "./", "Held groups": "./held"}, d.one(t, "nav").links())
	for _, h := range d.all("th") {
		assert.NotEmpty(t, attribute(h.Node, "scope"))
	}
	p.options.Held.TTL = 0
	assert.Contains(t, getDocument(t, p, "/held", 200).rows(t, "#held")[0], "1 min ago never never")
	list := getDocument(t, p, "/", 200)
	assert.Contains(t, list.one(t, "#totals").text(), "Held groups 3 of at most 10,000")
	assert.Equal(t, "./held", list.one(t, "nav").links()["Held groups"])
}

func TestIn(t *testing.T) {
	f := func(d time.Duration, want string) {
		t.Helper()
		assert.Equal(t, want, newFuture(begin.Add(d), begin).Ago)
	}
	f(-time.Hour, "now")
	f(0, "now")
	f(59*time.Second, "in 59 s")
	f(59*time.Minute, "in 59 min")
	f(47*time.Hour, "in 47 h")
	f(60*time.Minute-time.Second, "in 1 h")
	f(72*time.Hour-time.Minute, "in 3 days")
}

func TestHeldGroupsAreNowhereIfNothingIsHeld(t *testing.T) {
	p := newTestPage(newJournal())
	assert.Equal(t, 418, get(t, p, "/held").Code)
	d := getDocument(t, p, "/", 200)
	assert.Empty(t, d.all("nav"))
	assert.NotContains(t, d.text(), "eld")
}

func TestNothingIsHeldYet(t *testing.T) {
	store, _ := newTestStore(t)
	assert.Equal(t, "Groups Nothing is held.", getDocument(t, newHeldPage(store), "/held", 200).one(t, "#held").text())
}

func TestSearchAndPagesOfHeldGroups(t *testing.T) {
	store, push := newTestStore(t)
	for i := range 250 {
		push(uint64(i+1), key(fmt.Sprintf("Job %03d", i)), "", begin.Add(time.Duration(i)*time.Second))
	}
	p := newHeldPage(store)
	d := getDocument(t, p, "/held", 200)
	assert.Equal(t, "Groups 1 to 100 of 250", d.one(t, "h2").text())
	assert.True(t, strings.HasPrefix(d.rows(t, "#held")[0], "Job 249 "), "the newest comes first")
	assert.Equal(t, "?page=2", d.links()["Older →"])
	assert.Equal(t, "./held", attribute(d.one(t, "form").Node, "action"))
	d = getDocument(t, p, "/held?page=99&job=jOB", 200)
	assert.Equal(t, "Groups 201 to 250 of 250", d.one(t, "h2").text())
	assert.Equal(t, "?job=jOB&page=2", d.links()["← Newer"])
	assert.Equal(t, "./held", d.links()["Show all"])
	d = getDocument(t, p, "/held?job=19", 200)
	assert.Len(t, d.rows(t, "#held"), 13)
	assert.Equal(t, "19", attribute(d.one(t, "input").Node, "value"))
	assert.Contains(t, getDocument(t, p, "/held?job=nothing", 200).one(t, "#held").text(), "No group that is held has a job with this in its name.")
}

func TestHeldGroup(t *testing.T) {
	store, push := newTestStore(t)
	push(255, key("backup", "instance", "db1"), "# TYPE files gauge\nfiles{l=\"1\"} 1234567\nfiles{l=\"2\"} 1234567\n", begin)
	push(255, key("backup", "instance", "db1"), "# TYPE a histogram\na_bucket{le=\"+Inf\"} 1234567\na_sum 1234567\na_count 1234567\nz 1234567\n", begin.Add(time.Minute))
	failed(t, store, 255, key("backup"), begin.Add(2*time.Minute))
	p := newHeldPage(store)
	p.journal.Add(255, key("backup", "instance", "db1"), &journal.Push{At: begin.Add(time.Minute), Outcome: journal.Accepted})
	d := getDocument(t, p, "/group/00000000000000ff", 200)
	assert.Equal(t, "What is held Metrics 3 Series 6 Memory "+size(store.Get(255).Bytes())+
		" Last push 59 min ago 2026-11-27 12:01:00 UTC Last failure 58 min ago 2026-11-27 12:02:00 UTC Expires in 3 days 2026-11-30 12:01:00 UTC",
		d.one(t, "#held").text())
	assert.Equal(t, []string{"a histogram 3 59 min ago", "files gauge 2 1 h ago", "z untyped 1 59 min ago"}, d.rows(t, "#metrics"))
	assert.NotContains(t, d.text(), "234567", "there are no values")
	assert.Empty(t, d.all("details"), "deleting is not allowed")
	assert.Empty(t, d.all("#trouble form"))
	for _, form := range d.all("form") {
		assert.NotEqual(t, "post", attribute(form.Node, "method"))
	}
}

// After a restart the journal knows nothing of a group that is held.
func TestHeldGroupThatIsNotInTheJournal(t *testing.T) {
	store, push := newTestStore(t)
	push(255, key("backup", "instance", "db1"), "m 1\n", begin)
	p := newHeldPage(store)
	d := getDocument(t, p, "/group/00000000000000ff", 200)
	assert.Equal(t, "Job backup", d.one(t, "h1").text())
	assert.Equal(t, "instance = db1", d.one(t, "#labels").text())
	assert.Contains(t, d.one(t, "#last").text(), "the Collector was started since")
	assert.Empty(t, d.all("#history"))
	assert.Equal(t, []string{"m untyped 1 1 h ago"}, d.rows(t, "#metrics"))
	assert.Equal(t, `last_over_time(push_time_seconds{job="backup",instance="db1"}[1d])`, d.one(t, "#query").text())
	assert.Equal(t, "./group/00000000000000ff", getDocument(t, p, "/held", 200).links()["backup"])
	getDocument(t, p, "/group/00000000000000fe", 404)
}

func TestGroupThatIsNotHeld(t *testing.T) {
	store, _ := newTestStore(t)
	p := newHeldPage(store)
	p.journal.Add(1, key("backup"), &journal.Push{Outcome: journal.Failed})
	d := getDocument(t, p, "/group/0000000000000001", 200)
	assert.Contains(t, d.one(t, "#held").text(), "Nothing: the group was deleted, has expired, or was never taken.")
	assert.Contains(t, d.one(t, "#metrics").text(), "None.")
}

func TestPagesOfMetrics(t *testing.T) {
	store, push := newTestStore(t)
	var body strings.Builder
	for i := range 120 {
		fmt.Fprintf(&body, "m%03d 1\n", i)
	}
	push(1, key("x"), body.String(), begin)
	p := newHeldPage(store)
	d := getDocument(t, p, "/group/0000000000000001?metrics=3&refusals=1", 200)
	assert.Equal(t, "Metrics that are held 101 to 120 of 120", d.one(t, "#metrics").one(t, "h2").text())
	assert.Len(t, d.rows(t, "#metrics"), 20)
	assert.Equal(t, "?metrics=2&refusals=1", d.one(t, "#metrics").links()["← Newer"])
}

func TestHostileTextOfHeldGroupsStaysText(t *testing.T) {
	shapes := map[string]string{}
	for _, text := range append([]string{"x"}, hostileTexts...) {
		store, push := newTestStore(t)
		quoted := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text)
		push(1, key(text, text, text), "{\""+quoted+"\",l=\""+quoted+"\"} 1\n", begin)
		p := newHeldPage(store)
		p.options.Held.Delete = deleting(store, nil)
		p.deletions.add(p.options.Held.row(store.Get(1), begin), begin)
		for _, target := range []string{"/held?deleted=0000000000000001&job=", "/group/0000000000000001?x="} {
			d := getDocument(t, p, target+url.QueryEscape(text), 200)
			if shapes[target] == "" {
				shapes[target] = d.shape()
			}
			assert.Equal(t, shapes[target], d.shape(), text)
			assert.GreaterOrEqual(t, strings.Count(d.text(), strings.Join(strings.Fields(text), " ")), 3, text)
		}
		res := httptest.NewRecorder()
		NewMetrics(store).Serve(res, httptest.NewRequest(http.MethodGet, "/", nil))
		assert.NotContains(t, res.Body.String(), "<")
	}
}

// What is long is cut, as in the journal.
func TestLongKeysOfHeldGroups(t *testing.T) {
	store, push := newTestStore(t)
	long := strings.Repeat("x", 10_000)
	labels := make([]string, 0, 200)
	for i := range 100 {
		labels = append(labels, fmt.Sprintf("l%03d", i), long)
	}
	push(1, key(long, labels...), "m 1\n", begin)
	p := newHeldPage(store)
	for _, target := range []string{"/held", "/group/0000000000000001"} {
		res := get(t, p, target)
		assert.Less(t, res.Body.Len(), 12_000, target)
		assert.Contains(t, res.Body.String(), "and 97 more", target)
	}
	assert.Empty(t, getDocument(t, p, "/group/0000000000000001", 200).all("#query"))
}

func TestHeldInStatusJSON(t *testing.T) {
	store, push := newTestStore(t)
	push(1, key("x"), "m 1\nn 1\n", begin)
	assert.Contains(t, get(t, newHeldPage(store), "/api/v1/status").Body.String(), fmt.Sprintf(
		`"held":{"groups":1,"series":2,"bytes":%d,"max_groups":10000,"max_series":1000000,"max_bytes":1073741824}`, store.Totals().Bytes))
}

// go test ./pushgatewayreceiver/internal/statuspage -run '^$' -bench Held -benchmem
func BenchmarkHeld(b *testing.B) {
	store, push := newTestStore(b)
	for i := range 10_000 {
		push(uint64(i+1), key(fmt.Sprint("backup-", i), "instance", "db1", "shard", "17"), "m 1\n", begin.Add(time.Duration(i*7919%10_000)*time.Second))
	}
	p := newHeldPage(store)
	for name, target := range map[string]string{"list": "/held", "search": "/held?job=backup-19", "group": "/group/0000000000001e11"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				get(b, p, target)
			}
		})
	}
}
