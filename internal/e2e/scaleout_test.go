package e2e

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/push"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// scaleOut is several replicas behind nginx, with deploy/nginx/groups.conf, and a Prometheus that they all export to.
type scaleOut struct {
	prometheus *testbed.Prometheus
	settings   []testbed.CollectorSettings // of the replicas, each with an address and a storage of its own
	replicas   []*testbed.Collector
	url        string // of nginx
}

// startScaleOut changes the text of the configuration of nginx before it starts it.
func startScaleOut(t *testing.T, example, overlay string, change func(nginx string) string) *scaleOut {
	t.Helper()
	s := &scaleOut{prometheus: testbed.StartPrometheus(t)}
	config, err := os.ReadFile(testbed.Repository + "/deploy/nginx/groups.conf")
	require.NoError(t, err)
	nginx := change(string(config))
	for i := range 3 {
		settings := testbed.CollectorSettings{
			Config: testbed.Repository + "/examples/" + example, Overlay: overlay, Address: testbed.FreeAddress(t),
			Env: []string{"OTLP_ENDPOINT=" + s.prometheus.OTLPURL(), "STORAGE_DIRECTORY=" + t.TempDir()},
		}
		name := fmt.Sprintf("server replica-%d:9091", i+1)
		require.Contains(t, nginx, name)
		nginx = strings.Replace(nginx, name, "server "+settings.Address, 1)
		s.settings = append(s.settings, settings)
		s.replicas = append(s.replicas, testbed.StartCollector(t, settings))
	}
	s.url = "http://" + startNginx(t, nginx)
	return s
}

// send sends a request to nginx.
func (s *scaleOut) send(t *testing.T, method, path, body string) testbed.Answer {
	t.Helper()
	return testbed.Send(t, http.DefaultClient, method, s.url+path, body)
}

// owners returns by which replica each group is held, and fails if one is held by several.
func (s *scaleOut) owners(t *testing.T) map[string]int {
	t.Helper()
	owners := map[string]int{}
	for i, replica := range s.replicas {
		groups := replica.HeldGroups(t)
		t.Logf("replica %d has %d groups", i+1, len(groups))
		for _, group := range groups {
			name := testbed.SeriesName(group)
			other, twice := owners[name]
			assert.Falsef(t, twice, "%s is held by the replicas %d and %d", name, other+1, i+1)
			owners[name] = i
		}
	}
	return owners
}

// A scaledGroup is one of those that are pushed through nginx.
type scaledGroup struct{ job, instance string }

// forms are the paths that a group may have.
func (g scaledGroup) forms() []string {
	return []string{
		fmt.Sprintf("/metrics/job/%s/instance/%s/zone/z", g.job, g.instance),
		fmt.Sprintf("/pushgateway/metrics/job/%s/instance/%s/zone/z", g.job, g.instance),
		fmt.Sprintf("/metrics/job/%s/zone/z/instance/%s/", g.job, g.instance),
		fmt.Sprintf("//pushgateway//metrics//job/%s/instance/%s/zone/z?run=1", g.job, strings.ReplaceAll(g.instance, ":", "%3A")),
	}
}

// name is its grouping key, as owners has it.
func (g scaledGroup) name() string { return testbed.SeriesName(g.labels()) }

func (g scaledGroup) labels() testbed.Labels {
	return testbed.Labels{"job": g.job, "instance": g.instance, "zone": "z"}
}

// add adds a series of the group.
func (g scaledGroup) add(series testbed.Series, metric, value string) {
	series[testbed.SeriesName(g.labels().With("__name__", metric))] = value
}

// scaledGroups are 60 groups of 12 jobs.
func scaledGroups() []scaledGroup {
	var groups []scaledGroup
	for i := range 60 {
		groups = append(groups, scaledGroup{job: fmt.Sprintf("scaled_%d", i%12), instance: fmt.Sprintf("host-%d:9100", i)})
	}
	return groups
}

// Several replicas share the groups: each group lives in one of them, whatever its path looks like, also when that one was away.
func TestScaleOut(t *testing.T) {
	t.Parallel()
	s := startScaleOut(t, "groups.yaml", groupsOverlay(""), func(nginx string) string { return nginx })
	groups := scaledGroups()
	want := testbed.Series{}
	for i, g := range groups {
		a := s.send(t, http.MethodPut, g.forms()[i%4], "m 1\nfirst 1\n")
		require.Equal(t, http.StatusOK, a.Status, a.Body)
		g.add(want, "m", "1")
		g.add(want, "first", "1")
	}
	s.prometheus.RequireSeries(t, pushedOnly("scaled_.*"), want)
	owners := s.owners(t)
	require.Len(t, owners, len(groups))
	require.Subset(t, slices.Collect(maps.Values(owners)), []int{0, 1, 2}, "each replica has some of the groups")

	clear(want)
	for i, g := range groups {
		form := g.forms()[(i+1)%4]
		if i%5 == 0 {
			require.Equal(t, http.StatusAccepted, s.send(t, http.MethodDelete, form, "").Status)
			continue
		}
		a := s.send(t, http.MethodPut, form, "m 2\n")
		require.Equal(t, http.StatusOK, a.Status, a.Body)
		g.add(want, "m", "2")
	}
	s.prometheus.RequireSeries(t, pushedOnly("scaled_.*"), want)
	s.requireOwners(t, owners, want)
	s.testReplicaAway(t, owners, want)
	s.testAnyOrder(t)
}

// testAnyOrder pushes with client_golang, which has the labels of a group in a map.
func (s *scaleOut) testAnyOrder(t *testing.T) {
	t.Helper()
	before := len(s.owners(t))
	for i := range 10 {
		err := push.New(s.url, "any_order").Grouping("instance", "i").Grouping("a", "/a").Grouping("b", "").Grouping("c", "c").
			Collector(gauge("any_order", float64(i))[0]).Push()
		require.NoError(t, err)
	}
	assert.Len(t, s.owners(t), before+1)
	s.prometheus.RequireSeries(t, "any_order", testbed.Series{`any_order{a="/a",c="c",instance="i",job="any_order"}`: "9"})
}

// requireOwners requires that the groups of the series, and no others, are held, each by the replica that had it at first.
func (s *scaleOut) requireOwners(t *testing.T, at map[string]int, want testbed.Series) {
	t.Helper()
	now := s.owners(t)
	assert.Len(t, now, len(want))
	for name, owner := range now {
		assert.Equal(t, at[name], owner, name)
		assert.Contains(t, want, "m"+name)
	}
}

// testReplicaAway kills the replica of the first group.
func (s *scaleOut) testReplicaAway(t *testing.T, owners map[string]int, want testbed.Series) {
	t.Helper()
	groups := scaledGroups()
	away := owners[groups[0].name()]
	s.replicas[away].Kill()
	refused := 0
	for i, g := range groups {
		a := s.send(t, http.MethodPut, g.forms()[i%4], "m 3\n")
		if owners[g.name()] == away {
			assert.Contains(t, []int{http.StatusBadGateway, http.StatusGatewayTimeout}, a.Status)
			refused++
			continue
		}
		assert.Equal(t, http.StatusOK, a.Status, a.Body)
		g.add(want, "m", "3")
	}
	t.Logf("%d of %d pushes got an error", refused, len(groups))
	assert.Positive(t, refused)
	assert.Less(t, refused, len(groups))
	s.prometheus.RequireSeries(t, pushedOnly("scaled_.*"), want)

	s.replicas[away] = testbed.StartCollector(t, s.settings[away])
	// Whatever it brings back wrongly would be there when it has sent all of its groups again.
	time.Sleep(2 * republishInterval)
	s.prometheus.RequireSeries(t, pushedOnly("scaled_.*"), want)
	s.requireOwners(t, owners, want)
	clear(want)
	for i, g := range groups {
		if i%2 == 0 {
			require.Equal(t, http.StatusAccepted, s.send(t, http.MethodDelete, g.forms()[i%4], "").Status)
			continue
		}
		a := s.send(t, http.MethodPost, g.forms()[i%4], "m 4\n")
		require.Equal(t, http.StatusOK, a.Status, a.Body)
		g.add(want, "m", "4")
	}
	s.prometheus.RequireSeries(t, pushedOnly("scaled_.*"), want)
}

// Without groups nothing is kept, so a push may come to any replica.
func TestScaleOutWithoutGroups(t *testing.T) {
	t.Parallel()
	const hash = "hash $pushed_group consistent;"
	s := startScaleOut(t, "otlp.yaml", "receivers: {pushgateway: {status_page: }}\n", func(nginx string) string {
		require.Contains(t, nginx, hash)
		return strings.Replace(nginx, hash, "", 1)
	})
	want := testbed.Series{}
	for round := range 2 {
		for i, g := range scaledGroups() {
			a := s.send(t, http.MethodPost, g.forms()[i%4], fmt.Sprintf("m %d\n", round))
			require.Equal(t, http.StatusOK, a.Status, a.Body)
			g.add(want, "m", fmt.Sprint(round))
		}
	}
	s.prometheus.RequireSeries(t, pushedOnly("scaled_.*"), want)
	for _, replica := range s.replicas {
		assert.Regexp(t, `"accepted":[1-9]`, testbed.Get(t, replica.Client, replica.URL+"/api/v1/status"))
	}
}
