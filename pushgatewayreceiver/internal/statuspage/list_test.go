package statuspage

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/journal"
)

func TestList(t *testing.T) {
	j := newJournal()
	j.Add(1, key("backup", "instance", "db1", "empty", ""), &journal.Push{
		At: begin.Add(time.Hour - 12*time.Second), Client: "10.0.0.7:4711", Method: "PUT", Format: "text", Encoding: "gzip", Samples: 1234,
		CompressedBytes: 1536, UncompressedBytes: 3 << 20, Total: 12 * time.Millisecond, Outcome: journal.Accepted,
	})
	j.Add(2, key("report"), &journal.Push{
		At: begin.Add(time.Hour), Client: "10.0.0.8:4711", Method: "POST", Format: "protobuf", CompressedBytes: 77, UncompressedBytes: -1,
		Total: 1500 * time.Microsecond, Outcome: journal.Refused,
		Cause: journal.Cause{Status: 400, Reason: "syntax", Line: 3, Message: "bad line"},
	})
	for i := range 2 {
		j.Refuse(journal.Refusal{
			At: begin.Add(time.Duration(i) * 30 * time.Minute), Client: "10.0.0.9:4711", Method: "PUT", Path: "/metrics/jobs/x",
			Cause: journal.Cause{Status: 404, Reason: "not_found", Message: "no such path"},
		}, key(""))
	}
	p := newTestPage(j)
	d := getDocument(t, p, "/", 200)
	assert.Equal(t, "Pushes · pushgateway/2", d.one(t, "title").text())
	assert.Equal(t, "Accepted 1 Refused 3 Failed in the pipeline 0 In flight 3 4.0 MiB Groups 2 of at most 20,000", d.one(t, "#totals").text())
	assert.Equal(t, []string{
		"report none just now refused syntax POST, protobuf 0 77 B 1.5 ms",
		`backup instance = db1 empty = "" 12 s ago accepted PUT, text, gzip 1,234 1.5 KiB from 3.0 MiB 12 ms`,
	}, d.rows(t, "#groups"))
	assert.Equal(t, []string{
		"just now report none 400 syntax line 3 bad line 10.0.0.8:4711 1",
		"30 min ago PUT /metrics/jobs/x 404 not_found no such path 10.0.0.9:4711 2 since 1 h ago",
	}, d.rows(t, "#refusals"))
	assert.Equal(t, "./group/0000000000000002", d.one(t, "#refusals").links()["report"])
	time := d.one(t, "#groups").all("time")[1]
	assert.Equal(t, "2026-11-27T12:59:48Z", attribute(time.Node, "datetime"))
	assert.Equal(t, "2026-11-27 12:59:48 UTC", attribute(time.Node, "title"))
	for _, h := range d.all("th") {
		assert.NotEmpty(t, attribute(h.Node, "scope"))
	}
}

// A refusal whose group was forgotten has no link.
func TestRefusalsOfForgottenGroups(t *testing.T) {
	j := journal.New(journal.Options{Groups: 1, Refusals: 5})
	for i, job := range []string{"forgotten", "known"} {
		j.Add(uint64(i+1), key(job), &journal.Push{Outcome: journal.Failed, Cause: journal.Cause{Status: 503, Reason: "pipeline_unavailable"}})
	}
	links := getDocument(t, newTestPage(j), "/", 200).one(t, "#refusals").links()
	assert.Equal(t, map[string]string{"known": "./group/0000000000000002"}, links)
}

func TestEmptyPage(t *testing.T) {
	p := newTestPage(newJournal())
	command := func(target string) string {
		req := httptest.NewRequest(http.MethodGet, target, nil)
		req.Host = "gateway:9091"
		res := httptest.NewRecorder()
		p.ServeHTTP(res, req)
		return parse(t, res).one(t, "#command").text()
	}
	const push = `echo "some_metric 3.14" | curl --data-binary @- `
	assert.Equal(t, push+"http://gateway:9091/metrics/job/some_job", command("/"))
	assert.Equal(t, push+"http://gateway:9091/pushgateway/metrics/job/some_job", command("/pushgateway"))
	assert.Equal(t, push+"http://gateway:9091/pushgateway/metrics/job/some_job", command("/pushgateway/"))
	assert.Equal(t, push+"https://gateway:9091/metrics/job/some_job", command("https://gateway:9091/"))
	p.options.PushURL = func(*http.Request) string { return "http://it's;rm" }
	assert.Equal(t, push+`'http://it'\''s;rm/metrics/job/some_job'`, command("/"))
	assert.Equal(t, "Last refusals Nothing was refused.", getDocument(t, p, "/", 200).one(t, "#refusals").text())
}

func TestSearch(t *testing.T) {
	j := newJournal()
	for i, job := range []string{"Backup-daily", "report", "backup-hourly"} {
		j.Add(uint64(i+1), key(job), &journal.Push{Outcome: journal.Accepted})
	}
	p := newTestPage(j)
	d := getDocument(t, p, "/?job=BACKUP", 200)
	assert.Len(t, d.rows(t, "#groups"), 2)
	assert.Equal(t, "BACKUP", attribute(d.one(t, "input").Node, "value"))
	assert.Equal(t, "./", d.links()["Show all"])
	assert.Contains(t, d.one(t, "#totals").text(), "Groups 3", "the totals are those of all")
	none := getDocument(t, p, "/?job=nothing", 200)
	assert.Contains(t, none.one(t, "#groups").text(), "No job that pushed has this in its name.")
	assert.Empty(t, none.all("#command"))
}

func TestPaging(t *testing.T) {
	j := newJournal()
	for i := range 250 {
		j.Add(uint64(i+1), key(fmt.Sprintf("job %03d & more", i)), &journal.Push{
			Outcome: journal.Refused, Cause: journal.Cause{Reason: "syntax", Message: fmt.Sprint(i)},
		})
	}
	p := newTestPage(j)
	for _, c := range []struct{ query, count, newer, older string }{
		{"", "1 to 100 of 250", "", "?page=2"},
		{"page=2", "101 to 200 of 250", "?page=1", "?page=3"},
		{"page=3&refusals=2&job=job+", "201 to 250 of 250", "?job=job+&page=2&refusals=2", ""},
		{"page=4", "201 to 250 of 250", "?page=2", ""},
		{"page=9999999999999999999", "201 to 250 of 250", "?page=2", ""},
		{"page=9223372036854775807", "201 to 250 of 250", "?page=2", ""},
		{"page=0", "1 to 100 of 250", "", "?page=2"},
		{"page=-1", "1 to 100 of 250", "", "?page=2"},
		{"page=two", "1 to 100 of 250", "", "?page=2"},
		{"page=", "1 to 100 of 250", "", "?page=2"},
		{"job=%26+more&unknown=1", "1 to 100 of 250", "", "?job=%26+more&page=2"},
		{"job=job+249", "1", "", ""},
		{"job=job+249&page=7", "1", "", ""},
	} {
		groups := getDocument(t, p, "/?"+c.query, 200).one(t, "#groups")
		links := groups.links()
		assert.Equal(t, "Last pushes "+c.count, groups.one(t, "h2").text(), c.query)
		assert.Equal(t, c.newer, links["← Newer"], c.query)
		assert.Equal(t, c.older, links["Older →"], c.query)
	}
	d := getDocument(t, p, "/?page=2&refusals=2", 200)
	refusals := d.one(t, "#refusals")
	assert.Equal(t, "Last refusals 21 to 40 of 250", refusals.one(t, "h2").text())
	assert.Equal(t, "?page=2&refusals=3", refusals.links()["Older →"])
	assert.Len(t, d.rows(t, "#refusals"), 20)
}

// go test ./pushgatewayreceiver/internal/statuspage -run '^$' -bench . -benchmem
func BenchmarkServe(b *testing.B) {
	j := newJournal()
	for i := range 20_000 {
		push := journal.Push{Client: "10.0.0.7:4711", Method: "PUT", Format: "text", Outcome: journal.Accepted}
		if i%10 == 0 {
			push.Outcome, push.Cause = journal.Refused, journal.Cause{Status: 400, Reason: "syntax", Line: 3, Message: fmt.Sprint("wrong: ", i)}
		}
		j.Add(uint64(i+1), key(fmt.Sprint("backup-", i), "instance", "db1", "shard", "17"), &push)
	}
	p := newTestPage(j)
	for name, target := range map[string]string{
		"list": "/", "search": "/?job=backup-19", "group": "/group/0000000000004e11", "pushes": "/api/v1/pushes", "pushes1000": "/api/v1/pushes?limit=1000",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				res := httptest.NewRecorder()
				p.ServeHTTP(res, httptest.NewRequest(http.MethodGet, target, nil))
				b.SetBytes(int64(res.Body.Len()))
			}
		})
	}
}
