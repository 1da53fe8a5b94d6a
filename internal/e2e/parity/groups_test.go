package parity

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What groups hold of the corpus is the same as what the Pushgateway holds of it, also when it was read from the storage.
func TestParityOfGroups(t *testing.T) {
	there, l := startPushgateway(t), []*lasting{startLastingOTLP(t), startLastingRemoteWrite(t)}
	pushes := slices.DeleteFunc(corpus(t), func(p push) bool {
		return p.method != http.MethodDelete && (p.refused == byPushgateway || p.refused == byCollector)
	})
	for _, p := range pushes {
		there.push(t, p, p.refused == byBoth)
		for _, here := range l {
			here.push(t, p, p.refused == byBoth)
		}
	}
	want := there.readWhenScraped(t)
	t.Logf("%d pushes, %d groups there and %d series", len(pushes), want.groups(), len(want))
	for _, name := range []string{"pushed", "read from the storage"} {
		for i, w := range both {
			t.Run(name+" "+string(w), func(t *testing.T) {
				l[i].requireRepublished(t)
				compare(w, groupsRules(t), want, readDatabase(t, l[i].prometheus)).report(t)
			})
			l[i].restart(t)
		}
	}
}

// requireRepublished waits until all series were sent again since it was called. Only the target_info of a deleted group is not.
func (b *lasting) requireRepublished(t *testing.T) {
	t.Helper()
	const all = `{__name__=~".+",__name__!="target_info"}`
	began := time.Now()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		sent := len(b.prometheus.Results(c, fmt.Sprintf("%s[%dms]", all, time.Since(began).Milliseconds())))
		visible := len(b.prometheus.Results(c, all))
		assert.Truef(c, sent > 0 && sent == visible, "%d of %d series were sent again", sent, visible)
	}, within, pause)
}

// groupsRules are the differences that are left if there are groups: times that are 0 for never are there, and nothing is left of
// what was deleted or replaced.
func groupsRules(t *testing.T) []rule {
	t.Helper()
	gone := []string{"refused there alone", "refused here alone", "never", "nothing is deleted"}
	all := slices.DeleteFunc(rules(t, nil), func(r rule) bool { return slices.Contains(gone, r.id) })
	for i, r := range all {
		switch r.id {
		case "failure to parse":
			all[i].onlyHere = func(s series) bool { return strings.HasPrefix(s.job(), unparsable) && s.isTimeOfPush() }
			all[i].equates = func(there, here series) series {
				if strings.HasPrefix(there.job(), unparsable) && there.metric() == pushFailureTime {
					there.value = here.value
				}
				return there
			}
		case "counters of OpenMetrics":
			all[i].ways = []way{overOTLP} // the other one has no types
		case "classic buckets":
			all[i].concerns = func(s series) bool { return s.job() == classicJob && !s.isTimeOfPush() }
		}
	}
	return append(all, typesOverRemoteWrite)
}

// typesOverRemoteWrite is needed where no tap keeps the types, which go with pushes only.
var typesOverRemoteWrite = rule{
	id: "types", ways: []way{overRemoteWrite},
	why: "Prometheus does not keep those that come over remote write",
	equates: func(there, here series) series {
		there.metricType = here.metricType
		return there
	},
}
