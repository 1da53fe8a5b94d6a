package statuspage

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/journal"
)

func parse(t *testing.T, res *httptest.ResponseRecorder) document {
	t.Helper()
	root, err := html.Parse(res.Body)
	require.NoError(t, err)
	return document{root}
}

func TestGroup(t *testing.T) {
	j := newJournal()
	backup := key("backup", "instance", "db1")
	j.Add(255, backup, &journal.Push{At: begin, Outcome: journal.Accepted})
	j.Add(255, backup, &journal.Push{
		At: begin.Add(time.Minute), Client: "10.0.0.7:4711", Method: "PUT", Format: "text", Encoding: "gzip",
		CompressedBytes: 1536, UncompressedBytes: 3 << 20, Outcome: journal.Refused,
		Receive: 20 * time.Millisecond, Decode: 300 * time.Microsecond, Total: 12 * time.Second,
		Cause: journal.Cause{Status: 400, Reason: "syntax", Line: 1234, Message: "bad line"},
	})
	d := getDocument(t, newTestPage(j), "/group/00000000000000ff", 200)
	assert.Equal(t, "backup · pushgateway/2", d.one(t, "title").text())
	assert.Equal(t, "Job backup", d.one(t, "h1").text())
	assert.Equal(t, "instance = db1", d.one(t, "#labels").text())
	assert.Equal(t, "Last push refused 400 syntax line 1,234 bad line When 59 min ago 2026-11-27 12:01:00 UTC Client 10.0.0.7:4711 "+
		"Method PUT Format text Encoding gzip Samples 0 Body, as it came 1.5 KiB Body, decompressed 3.0 MiB Time to receive 20 ms "+
		"Time to decode 300 µs Time in the pipeline 0 µs Time in all 12 s", d.one(t, "#last").text())
	assert.Equal(t, "All pushes First known 1 h ago 2026-11-27 12:00:00 UTC Last accepted 1 h ago 2026-11-27 12:00:00 UTC "+
		"Accepted 1 Refused 1 Failed in the pipeline 0", d.one(t, "#history").text())
	assert.Equal(t, `last_over_time(push_time_seconds{job="backup",instance="db1"}[1d])`, d.one(t, "#query").text())
	assert.Equal(t, []string{"59 min ago 400 syntax line 1,234 bad line 10.0.0.7:4711 1"}, d.rows(t, "#refusals"))
	assert.Equal(t, "../", d.links()["← All pushes"])
}

func TestGroupThatNeverPushedWell(t *testing.T) {
	j := newJournal()
	j.Add(1, key(""), &journal.Push{
		At: begin, Outcome: journal.Failed, CompressedBytes: -1, UncompressedBytes: -1, Cause: journal.Cause{Status: 503, Reason: "pipeline_unavailable"},
	})
	d := getDocument(t, newTestPage(j), "/group/0000000000000001", 200)
	text := d.one(t, "main").text()
	for _, want := range []string{"Job (empty)", "failed 503 pipeline_unavailable", "Last accepted never", "Format unknown", "Encoding none",
		"Body, as it came unknown Body, decompressed unknown", "No grouping labels but the job."} {
		assert.Contains(t, text, want)
	}
}

func TestQuery(t *testing.T) {
	long := strings.Repeat("x", 300)
	for name, c := range map[string]struct {
		labels []string
		want   string
	}{
		"no labels":                       {nil, `last_over_time(push_time_seconds{job="a \"job\""}[1d])`},
		"what has to be escaped":          {[]string{"l", "a\\b\n\"ä\u202e"}, `last_over_time(push_time_seconds{job="a \"job\"",l="a\\b\n\"ä\u202e"}[1d])`},
		"a name that has to be quoted":    {[]string{"a.b\"", ""}, `last_over_time(push_time_seconds{job="a \"job\"","a.b\""=""}[1d])`},
		"none if something is cut or out": {[]string{"l", long}, ""},
	} {
		j := newJournal()
		j.Add(1, key(`a "job"`, c.labels...), &journal.Push{Outcome: journal.Accepted})
		p := newTestPage(j)
		if found := getDocument(t, p, "/group/0000000000000001", 200).all("#query"); c.want == "" {
			assert.Empty(t, found, name)
		} else {
			require.Len(t, found, 1, name)
			assert.Equal(t, c.want, found[0].text(), name)
		}
		p.options.NoQuery = true
		assert.Empty(t, getDocument(t, p, "/group/0000000000000001", 200).all("#query"), name)
	}
}

func TestUnknownGroup(t *testing.T) {
	j := newJournal()
	j.Add(255, key("backup"), &journal.Push{Outcome: journal.Accepted})
	p := newTestPage(j)
	for _, id := range []string{"0000000000000001", "", "ff", "00000000000000FF", "+0000000000000ff", "0000000000000000", "x", "00000000000000ff0", "%3Cscript%3E"} {
		d := getDocument(t, p, "/group/"+id, 404)
		assert.Contains(t, d.one(t, "main").text(), "The Collector may have been restarted", id)
		assert.Equal(t, "../", attribute(d.one(t, "form").Node, "action"), id)
		assert.NotContains(t, d.text(), "script", id)
		assert.Empty(t, d.all("#pause"), id)
	}
}
