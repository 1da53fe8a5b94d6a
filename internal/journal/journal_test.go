package journal

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

var begin = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

func after(seconds int) time.Time { return begin.Add(time.Duration(seconds) * time.Second) }

func key(job string, labels ...string) groupingkey.Key {
	k := groupingkey.Key{Job: job}
	for i := 0; i < len(labels); i += 2 {
		k.Labels = append(k.Labels, groupingkey.Label{Name: labels[i], Value: labels[i+1]})
	}
	return k
}

func refusedFor(reason, message string) Push {
	return Push{Outcome: Refused, Cause: Cause{Status: 400, Reason: reason, Message: message, Line: 3}}
}

func all(q Query) Query {
	q.Limit = 1 << 20
	return q
}

func jobs(groups []Group, total int) []string {
	names := []string{fmt.Sprint(total)}
	for _, g := range groups {
		names = append(names, g.Job)
	}
	return names
}

func TestGroup(t *testing.T) {
	j := New(Options{Groups: 10, Refusals: 10})
	_, ok := j.Group(1)
	assert.False(t, ok)
	backup := key("backup", "instance", "db1")
	first := Push{At: after(0), Outcome: Accepted, Samples: 3, Format: "text", Total: time.Millisecond}
	j.Add(1, backup, &first)
	second := refusedFor("syntax", "not good")
	second.At = after(1)
	j.Add(1, backup, &second)
	third := Push{At: after(2), Outcome: Failed, Cause: Cause{Status: 503, Reason: "pipeline_unavailable"}}
	j.Add(1, backup, &third)
	got, ok := j.Group(1)
	require.True(t, ok)
	assert.Equal(t, Group{
		ID: 1, Job: "backup", Labels: backup.Labels, First: after(0), LastAccepted: after(0), Last: third,
		Totals: Totals{Accepted: 1, Refused: 1, Failed: 1},
	}, got)
	assert.Equal(t, Totals{Accepted: 1, Refused: 1, Failed: 1}, j.Totals())
	refusals, total := j.Refusals(all(Query{}))
	require.Equal(t, 2, total)
	assert.Equal(t, Refusal{
		At: after(1), First: after(1), Count: 1, Cause: second.Cause, GroupID: 1, Job: "backup", Labels: backup.Labels,
	}, refusals[1], "the newest comes first")
}

func TestGroupsThatPushedLongestAgoMakeRoom(t *testing.T) {
	j := New(Options{Groups: 2, Refusals: 1})
	add := func(id uint64, job string) { j.Add(id, key(job), &Push{Outcome: Accepted}) }
	add(1, "a")
	add(2, "b")
	add(1, "a")
	add(3, "c")
	assert.Equal(t, []string{"2", "c", "a"}, jobs(j.Groups(all(Query{}))))
	assert.Equal(t, Totals{Accepted: 4}, j.Totals(), "those of groups that are forgotten are counted")
}

func TestQueries(t *testing.T) {
	j := New(Options{Groups: 10, Refusals: 10})
	for i, job := range []string{"Backup-daily", "report", "backup-hourly", "import"} {
		j.Add(uint64(i+1), key(job), &Push{Outcome: Accepted})
	}
	f := func(q Query, want ...string) {
		t.Helper()
		assert.Equal(t, want, jobs(j.Groups(q)))
	}
	f(Query{Limit: 2}, "4", "import", "backup-hourly")
	f(Query{Offset: 2, Limit: 5}, "4", "report", "Backup-daily")
	f(Query{Offset: 9, Limit: 5}, "4")
	f(Query{}, "4")
	f(Query{Job: "backup", Offset: 1, Limit: 1}, "2", "Backup-daily")
	f(all(Query{Job: "BACKUP"}), "2", "backup-hourly", "Backup-daily")
	f(all(Query{Job: "backup-d"}), "1", "Backup-daily")
	f(all(Query{Job: "nothing"}), "0")
	f(all(Query{Group: 2}), "1", "report")
}

// A job that tries again and again must not drive out what others did, also if the message has another figure each time.
func TestRefusalsForTheSameReasonAreOne(t *testing.T) {
	j := New(Options{Groups: 10, Refusals: 3})
	other := refusedFor("inconsistent", "other")
	j.Add(2, key("other"), &other)
	for i := range 100 {
		again := refusedFor("syntax", fmt.Sprint("it is ", i))
		again.At, again.Client = after(i), fmt.Sprint("client ", i)
		j.Add(1, key("x"), &again)
	}
	refusals, total := j.Refusals(all(Query{}))
	require.Equal(t, 2, total)
	assert.Equal(t, "other", refusals[1].Job)
	assert.Equal(t, uint64(100), refusals[0].Count)
	assert.Equal(t, after(0), refusals[0].First)
	assert.Equal(t, after(99), refusals[0].At)
	assert.Equal(t, "client 99", refusals[0].Client)
	assert.Equal(t, "it is 99", refusals[0].Cause.Message)
	another := refusedFor("syntax", "in another line")
	another.At, another.Cause.Line = after(100), 4
	j.Add(1, key("x"), &another)
	refusals, total = j.Refusals(all(Query{}))
	assert.Equal(t, 2, total, "the oldest made room")
	assert.Equal(t, uint64(1), refusals[0].Count)
}

// What needs no credentials must not drive out what has been pushed.
func TestStrangersTakeAQuarter(t *testing.T) {
	j := New(Options{Groups: 10, Refusals: 20})
	job := refusedFor("syntax", "wrong")
	job.At = after(50)
	j.Add(1, key("x"), &job)
	for i := range 100 {
		j.Refuse(Refusal{At: after(i), Path: fmt.Sprint("/", i), Cause: Cause{Status: 404, Reason: "not_found"}}, key(""))
	}
	refusals, total := j.Refusals(all(Query{}))
	require.Equal(t, 6, total)
	assert.Equal(t, "/99", refusals[0].Path, "the newest comes first")
	assert.Equal(t, "x", refusals[5].Job)
	_, known := j.Known()
	assert.Equal(t, 6, known)
}

// Pushes of a group that come at the same time may end in another order.
func TestTheLastPushIsTheOneThatCameLast(t *testing.T) {
	j := New(Options{Groups: 1, Refusals: 2})
	late := Push{At: after(1), Outcome: Accepted, Samples: 2}
	early := Push{At: after(0), Outcome: Accepted, Samples: 1}
	refused := refusedFor("syntax", "wrong")
	refused.At = after(0)
	for _, p := range []*Push{&late, &early, &refused} {
		j.Add(1, key("x"), p)
	}
	g, _ := j.Group(1)
	assert.Equal(t, late, g.Last)
	assert.Equal(t, after(1), g.LastAccepted)
	assert.Equal(t, Totals{Accepted: 2, Refused: 1}, g.Totals)
	_, total := j.Refusals(all(Query{}))
	assert.Equal(t, 1, total)
}

func TestRequestsWithoutGroup(t *testing.T) {
	j := New(Options{Groups: 10, Refusals: 10})
	cause := Cause{Status: 401, Reason: "unauthenticated"}
	for range 2 {
		j.Refuse(Refusal{At: begin, Method: "PUT", Path: "/metrics/job/x", Cause: cause}, key("x"))
	}
	j.Refuse(Refusal{At: begin, Method: "PUT", Path: "/metrics/jobs", Cause: Cause{Status: 404, Reason: "not_found"}}, key(""))
	refusals, total := j.Refusals(all(Query{Job: "x"}))
	assert.Equal(t, 1, total)
	assert.Equal(t, []Refusal{{
		At: begin, First: begin, Count: 2, Method: "PUT", Path: "/metrics/job/x", Cause: cause, Job: "x",
	}}, refusals)
	groups, _ := j.Groups(all(Query{}))
	assert.Empty(t, groups, "who is not let in has no group")
	assert.Equal(t, Totals{Refused: 3}, j.Totals())
	known, knownRefusals := j.Known()
	assert.Equal(t, []int{0, 2}, []int{known, knownRefusals})
}

// What clients send is kept no longer than the request, but for short copies.
func TestLongTextsAreCut(t *testing.T) {
	long := strings.Repeat("ä", 10_000)
	k := key(long)
	for i := range 100 {
		k.Labels = append(k.Labels, groupingkey.Label{Name: fmt.Sprintf("l%02d", i), Value: long})
	}
	j := New(Options{Groups: 1, Refusals: 2})
	p := refusedFor("syntax", long)
	j.Add(1, k, &p)
	j.Refuse(Refusal{Path: long, Cause: Cause{Message: long}}, k)
	g, _ := j.Group(1)
	refusals, _ := j.Refusals(all(Query{}))
	for _, s := range []string{g.Job, g.Labels[0].Value, g.Last.Cause.Message, refusals[0].Path, refusals[0].Cause.Message, refusals[0].Job} {
		assert.Less(t, len(s), 600)
		assert.True(t, utf8.ValidString(s))
		assert.Equal(t, "…", s[len(s)-len("…"):])
	}
	assert.Len(t, g.Labels, 3)
	assert.Equal(t, 97, g.LabelsLeftOut)
	assert.Equal(t, 97, refusals[0].LabelsLeftOut)
	assert.True(t, g.Cut)
}

func TestCut(t *testing.T) {
	most, tooLong := strings.Repeat("x", maxLabelValue), strings.Repeat("x", maxLabelValue+1)
	many := key("job")
	for i := range 40 {
		many.Labels = append(many.Labels, groupingkey.Label{Name: fmt.Sprint("l", i)})
	}
	for name, c := range map[string]struct {
		key  groupingkey.Key
		want bool
	}{
		"nothing":     {key(most, "l", most), false},
		"the job":     {key(tooLong), true},
		"a value":     {key("job", "l", tooLong, "m", ""), true},
		"a name":      {key("job", tooLong[:maxLabelName+1], ""), true},
		"many labels": {many, true},
	} {
		j := New(Options{Groups: 1})
		j.Add(1, c.key, &Push{})
		g, _ := j.Group(1)
		assert.Equal(t, c.want, g.Cut, name)
	}
}

// The memory for each group and each refusal is at most that which docs/status-page.md names, whatever the keys are.
func TestMemory(t *testing.T) {
	const entries, ofGroup, ofRefusal = 2000, 2 << 10, 3 << 10
	long := strings.Repeat("L", 1000)
	for name, labels := range map[string]func(i int) groupingkey.Label{
		"no label":         nil,
		"many tiny labels": func(i int) groupingkey.Label { return groupingkey.Label{Name: fmt.Sprintf("l%02d", i)} },
		"long labels":      func(i int) groupingkey.Label { return groupingkey.Label{Name: fmt.Sprint(i, long), Value: long} },
		"long names":       func(i int) groupingkey.Label { return groupingkey.Label{Name: fmt.Sprint(i, long)} },
	} {
		k := key(long)
		for i := range 128 {
			if labels != nil {
				k.Labels = append(k.Labels, labels(i))
			}
		}
		refused := refusedFor("syntax", long)
		refused.Client = "[2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]:65535"
		t.Run(name, func(t *testing.T) {
			groups := measure(entries, func(i int, j *Journal) { j.Add(uint64(i), k, &Push{Outcome: Accepted, Client: refused.Client}) })
			both := measure(entries, func(i int, j *Journal) { j.Add(uint64(i), k, &refused) })
			requests := measure(4*entries, func(i int, j *Journal) { // a quarter is for these
				j.Refuse(Refusal{Path: fmt.Sprint("/", i, long), Client: refused.Client, Cause: refused.Cause}, k)
			})
			t.Logf("%d bytes for a group, %d with its refusal, %d for another refusal", groups/entries, both/entries, requests/entries)
			assert.Less(t, groups/entries, int64(ofGroup))
			assert.Less(t, both/entries, int64(ofGroup+ofRefusal))
			assert.Less(t, requests/entries, int64(ofRefusal))
		})
	}
}

// measure returns what a journal takes that is filled and then filled anew.
func measure(entries int, add func(i int, j *Journal)) int64 {
	before := heap()
	j := New(Options{Groups: entries, Refusals: entries})
	for i := range 3 * entries {
		add(i+1, j)
	}
	taken := heap() - before
	runtime.KeepAlive(j)
	return taken
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestManyAtOnce(t *testing.T) {
	j := New(Options{Groups: 5, Refusals: 5})
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 500 {
				p := refusedFor("syntax", fmt.Sprint(i%7))
				if i%2 == 0 {
					p = Push{Outcome: Accepted}
				}
				j.Add(uint64(i%9), key(fmt.Sprint("job", g)), &p)
				j.Groups(all(Query{Job: "job1"}))
				j.Refusals(all(Query{}))
				j.Group(uint64(g))
			}
		})
	}
	wg.Wait()
	assert.Equal(t, Totals{Accepted: 1000, Refused: 1000}, j.Totals())
}

// go test ./internal/journal -run '^$' -bench . -benchmem
func BenchmarkAdd(b *testing.B) {
	j := New(Options{Groups: 20_000, Refusals: 500})
	k := key("backup", "instance", "db1", "shard", "17")
	p := Push{Outcome: Accepted, Client: "127.0.0.1:1234"}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		j.Add(uint64(i)*0x9e3779b97f4a7c15%20_000, k, &p)
	}
}

// What a view of the page takes: the first page, and one that has to look at all groups.
func BenchmarkGroups(b *testing.B) {
	j := New(Options{Groups: 20_000})
	for i := range 20_000 {
		j.Add(uint64(i+1), key(fmt.Sprint("Backup-", i)), &Push{})
	}
	for name, q := range map[string]Query{"all": {Limit: 100}, "filtered": {Job: "backup-19", Limit: 100}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				j.Groups(q)
			}
		})
	}
}
