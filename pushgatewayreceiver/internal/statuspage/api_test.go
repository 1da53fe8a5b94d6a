package statuspage

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/journal"
)

// compact drops the white space between the parts of what is written over several lines.
func compact(s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString(strings.TrimSpace(line))
	}
	return b.String() + "\n"
}

func TestStatusJSON(t *testing.T) {
	j := newJournal()
	j.Add(1, key("backup"), &journal.Push{Outcome: journal.Accepted})
	j.Add(1, key("backup"), &journal.Push{Outcome: journal.Failed})
	assert.Equal(t, compact(`{"status":"success","data":{
		"receiver":"pushgateway/2","start_time":"2026-11-27T12:00:00Z",
		"build_information":{"version":"1.2.3","goVersion":"`+runtime.Version()+`"},
		"groups":{"known":1,"max":20000},"refusals":{"known":1,"max":500},
		"totals":{"accepted":1,"refused":0,"failed":1},
		"in_flight":{"pushes":3,"bytes":4194304},"held":null}}`), get(t, newTestPage(j), "/api/v1/status").Body.String())
}

func TestPushesJSON(t *testing.T) {
	j := newJournal()
	backup := key("backup", "instance", "db1", "disk", "")
	j.Add(255, backup, &journal.Push{
		At: begin.Add(1_234_567 * time.Microsecond), Client: "10.0.0.7:4711", Method: "PUT", Format: "text", Encoding: "gzip", Samples: 3,
		CompressedBytes: 100, UncompressedBytes: 200, Receive: time.Millisecond, Decode: 2 * time.Millisecond, Consume: 3 * time.Millisecond,
		Total: 1500 * time.Millisecond, Outcome: journal.Accepted,
	})
	j.Add(1, key("report"), &journal.Push{
		At: begin, Client: "10.0.0.8:1", Method: "POST", Format: "protobuf", CompressedBytes: 7, UncompressedBytes: -1, Outcome: journal.Refused,
		Cause: journal.Cause{Status: 400, Reason: "syntax", Line: 3, Message: "bad <line>"},
	})
	j.Refuse(journal.Refusal{
		At: begin, Client: "10.0.0.9:1", Method: "PUT", Path: "/metrics/jobs", Cause: journal.Cause{Status: 404, Reason: "not_found", Message: "no"},
	}, key(""))
	p := newTestPage(j)
	const group = `{"id":"00000000000000ff","job":"backup","labels":{"disk":"","instance":"db1"},"labels_left_out":0,"key_cut":false,
		"first_push_time":"2026-11-27T12:00:01.234Z","last_accepted_time":"2026-11-27T12:00:01.234Z",
		"pushes":{"accepted":1,"refused":0,"failed":0},
		"last_push":{"time":"2026-11-27T12:00:01.234Z","client":"10.0.0.7:4711","method":"PUT","format":"text","encoding":"gzip","samples":3,
		"compressed_bytes":100,"uncompressed_bytes":200,
		"receive_seconds":0.001,"decode_seconds":0.002,"consume_seconds":0.003,"duration_seconds":1.5,
		"outcome":"accepted","cause":null}}`
	assert.Equal(t, compact(`{"status":"success","data":{"page":1,"limit":100,
		"groups_total":2,"groups":[
		{"id":"0000000000000001","job":"report","labels":{},"labels_left_out":0,"key_cut":false,
		"first_push_time":"2026-11-27T12:00:00Z","last_accepted_time":null,
		"pushes":{"accepted":0,"refused":1,"failed":0},
		"last_push":{"time":"2026-11-27T12:00:00Z","client":"10.0.0.8:1","method":"POST","format":"protobuf","encoding":"","samples":0,
		"compressed_bytes":7,"uncompressed_bytes":null,
		"receive_seconds":0,"decode_seconds":0,"consume_seconds":0,"duration_seconds":0,
		"outcome":"refused","cause":{"http_status":400,"reason":"syntax","line":3,"message":"bad \u003cline\u003e"}}},
		`+group+`],
		"refusals_total":2,"refusals":[
		{"time":"2026-11-27T12:00:00Z","first_time":"2026-11-27T12:00:00Z","count":1,"client":"10.0.0.9:1","method":"PUT",
		"path":"/metrics/jobs","group_id":null,"job":"","labels":{},"labels_left_out":0,
		"cause":{"http_status":404,"reason":"not_found","line":null,"message":"no"}},
		{"time":"2026-11-27T12:00:00Z","first_time":"2026-11-27T12:00:00Z","count":1,"client":"10.0.0.8:1","method":"POST",
		"path":null,"group_id":"0000000000000001","job":"report","labels":{},"labels_left_out":0,
		"cause":{"http_status":400,"reason":"syntax","line":3,"message":"bad \u003cline\u003e"}}]}}`),
		get(t, p, "/api/v1/pushes").Body.String())
	one := compact(`{"status":"success","data":{"page":1,"limit":5,"groups_total":1,"groups":[` + group + `],"refusals_total":0,"refusals":[]}}`)
	assert.Equal(t, one, get(t, p, "/api/v1/pushes?limit=5&job=BACK").Body.String())
	assert.Equal(t, one, get(t, p, "/api/v1/pushes?limit=5&group=00000000000000ff").Body.String())
}

func TestPagesOfJSON(t *testing.T) {
	j := newJournal()
	for i := range 1200 {
		j.Add(uint64(i+1), key(fmt.Sprint(i)), &journal.Push{Outcome: journal.Accepted})
	}
	p := newTestPage(j)
	for query, want := range map[string]struct {
		groups int
		first  string
	}{
		"":                         {100, "1199"},
		"page=2":                   {100, "1099"},
		"page=&limit=&group=":      {100, "1199"},
		"limit=1000":               {1000, "1199"},
		"limit=1000&page=2":        {200, "199"},
		"limit=1&page=1200":        {1, "0"},
		"page=13":                  {0, ""},
		"page=1000000":             {0, ""},
		"job=119&limit=3":          {3, "1199"},
		"group=00000000000000":     {-1, "group must be the id of a group: 16 hexadecimal digits"},
		"group=0000000000000000":   {-1, "group must be the id of a group: 16 hexadecimal digits"},
		"group=ffffffffffffffff":   {0, ""},
		"page=0":                   {-1, "page must be a number from 1 to 1000000"},
		"page=-1":                  {-1, "page must be a number from 1 to 1000000"},
		"page=1.5":                 {-1, "page must be a number from 1 to 1000000"},
		"page=9999999999999999999": {-1, "page must be a number from 1 to 1000000"},
		"limit=0":                  {-1, "limit must be a number from 1 to 1000"},
		"limit=1001":               {-1, "limit must be a number from 1 to 1000"},
		"limit=all":                {-1, "limit must be a number from 1 to 1000"},
	} {
		res := get(t, p, "/api/v1/pushes?"+query)
		if want.groups < 0 {
			assert.Equal(t, 400, res.Code, query)
			assert.Equal(t, `{"status":"error","error":"`+want.first+`"}`+"\n", res.Body.String(), query)
			continue
		}
		require.Equal(t, 200, res.Code, query)
		var got struct {
			Data struct{ Groups []struct{ Job string } }
		}
		require.NoError(t, json.Unmarshal(res.Body.Bytes(), &got), query)
		require.Len(t, got.Data.Groups, want.groups, query)
		if want.groups > 0 {
			assert.Equal(t, want.first, got.Data.Groups[0].Job, query)
		}
	}
}
