package parity

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

// A step of a lifetime is some pushes, or something else that both sides go through.
type step struct {
	name   string
	pushes []push
	do     func(*testing.T, *lifetime)
}

// A lifetime is that of a Pushgateway, and of collectors in groups mode that go through the same.
type lifetime struct {
	there *lasting
	here  map[way]*lasting
	hits  map[way]map[string]int // of the rules, in all steps
}

// A lasting backend keeps what was pushed, also over a restart.
type lasting struct {
	backend
	expiring string // the URL of a receiver whose groups expire after expiringTTL
	restart  func(*testing.T)
}

const expiringTTL = 4 * time.Second

// What was pushed, replaced, deleted, refused or expired, and what went through a restart, looks the same to an instant query as if
// the Pushgateway had been scraped. The test is far shorter than the five minutes that queries look back.
func TestLifetime(t *testing.T) {
	l := &lifetime{
		there: startLastingPushgateway(t),
		here:  map[way]*lasting{overOTLP: startLastingOTLP(t), overRemoteWrite: startLastingRemoteWrite(t)},
		hits:  map[way]map[string]int{overOTLP: {}, overRemoteWrite: {}},
	}
	for _, s := range lifetimeSteps(t) {
		for _, p := range s.pushes {
			for _, b := range l.all() {
				b.push(t, p, p.refused == byBoth)
			}
		}
		if s.do != nil {
			s.do(t, l)
		}
		l.requireAlike(t, s.name)
	}
	for w, hits := range l.hits {
		for _, r := range lifetimeRules(t) {
			if slices.Contains(r.ways, w) && hits[r.id] == 0 {
				t.Errorf("no difference %s needs the rule %q", w, r.id)
			}
		}
	}
}

func (l *lifetime) all() []*lasting {
	return []*lasting{l.there, l.here[overOTLP], l.here[overRemoteWrite]}
}

// lifetimeRules are those of groups that the steps need.
func lifetimeRules(t *testing.T) []rule {
	t.Helper()
	kept := []string{
		"its own metrics", "time of the push", "bounds", "target_info of resources", "untyped", "unit", "help", "zero threshold", "types",
	}
	all := slices.DeleteFunc(groupsRules(t), func(r rule) bool { return !slices.Contains(kept, r.id) })
	require.Len(t, all, len(kept))
	return append(all, rule{
		id: "changed type", ways: []way{overOTLP},
		why: "a series that is scraped again and again keeps the type that it had at first",
		equates: func(there, here series) series {
			if slices.Contains(changedMetrics, there.metric()) || strings.HasPrefix(there.metric(), randomPrefix) {
				there.metricType = here.metricType
			}
			return there
		},
	})
}

// What is alike must be so within this time, looked at with this pause.
const within, pause = 10 * time.Second, 100 * time.Millisecond

// requireAlike waits until the databases are alike, and requires that they stay so while everything is scraped and sent again twice.
func (l *lifetime) requireAlike(t *testing.T, step string) {
	t.Helper()
	const stay = 2 * time.Second
	began := time.Now()
	var since time.Time // zero: they have not been alike
	for since.IsZero() || time.Since(since) < stay {
		time.Sleep(pause)
		all, scraped := l.compare(t)
		differences := differencesIn(all)
		switch {
		case !scraped:
			require.Less(t, time.Since(began), within, "the Pushgateway is not scraped")
		case differences != "":
			if !since.IsZero() || time.Since(began) > within {
				t.Fatalf("%s: %v after it, and alike since %v: differences that no rule explains:%s", step, time.Since(began), since, differences)
			}
		case since.IsZero():
			since = time.Now()
			t.Logf("%s: alike after %v, %d and %d series", step, since.Sub(began).Round(time.Millisecond), all[0].same, all[1].same)
			l.count(all)
		}
	}
	l.requireSameAPI(t, step)
}

// compare compares the database there with those here, unless the last scrape failed.
func (l *lifetime) compare(t *testing.T) (all []*comparison, scraped bool) {
	t.Helper()
	there := readDatabase(t, l.there.prometheus)
	for _, s := range there {
		if s.metric() == "up" && s.value == "0" {
			return nil, false
		}
	}
	for _, w := range both {
		all = append(all, compare(w, lifetimeRules(t), there, readDatabase(t, l.here[w].prometheus)))
	}
	return all, true
}

func differencesIn(all []*comparison) string {
	var b strings.Builder
	for _, c := range all {
		for _, difference := range c.differences {
			fmt.Fprintf(&b, "\n    %s: %s", c.way, difference)
		}
	}
	return b.String()
}

func (l *lifetime) count(all []*comparison) {
	for _, c := range all {
		for id, n := range c.hits {
			l.hits[c.way][id] += n
		}
	}
}

// restartAll restarts the Pushgateway as its persistence wants it, and kills the collectors.
func restartAll(t *testing.T, l *lifetime) {
	t.Helper()
	for _, b := range l.all() {
		b.restart(t)
	}
}

// expire pushes a group that expires, and looks at it before and after.
func expire(t *testing.T, l *lifetime) {
	t.Helper()
	began := time.Now()
	pushed := push{method: http.MethodPut, path: "/job/expiring/instance/i/zone/z", contentType: textType, body: lifetimeText}
	for _, b := range l.all() {
		to := backend{gateway: b.expiring}
		to.push(t, pushed, false)
	}
	l.requireAlike(t, "a group that will expire")
	time.Sleep(time.Until(began.Add(expiringTTL)))
	deleted := push{method: http.MethodDelete, path: pushed.path}
	l.there.push(t, deleted, false)
	time.Sleep(2 * time.Second) // both were alike before, and are again when this was scraped, and those were visited
}

func startLastingPushgateway(t *testing.T) *lasting {
	t.Helper()
	settings := testbed.PushgatewaySettings{Address: testbed.FreeAddress(t), Persistence: t.TempDir() + "/persistence"}
	gateway := testbed.StartPushgatewayWith(t, settings)
	return &lasting{
		backend: backend{prometheus: startScraping(t, gateway), gateway: gateway.URL}, expiring: gateway.URL,
		restart: func(t *testing.T) {
			t.Helper()
			gateway.Stop(t)
			gateway = testbed.StartPushgatewayWith(t, settings)
		},
	}
}
