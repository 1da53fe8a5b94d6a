package statuspage

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/journal"
)

// groupView is what group.html shows.
type groupView struct {
	frame
	groupRow
	Group                    journal.Group
	First                    moment
	LastAccepted             *moment // nil: never
	Receive, Decode, Consume string
	Uncompressed             string
	Query                    string // empty: none
	Refusals                 []refusalRow
	RefusalPage              paging
}

func (p *Page) serveGroup(w http.ResponseWriter, req *http.Request, idText, root string) {
	id, ok := parseID(idText)
	group, known := p.journal.Group(id)
	if !ok || !known {
		f := p.frame(root, "Unknown group", "")
		f.Live = false
		writePage(w, req, http.StatusNotFound, "unknown.html", &f)
		return
	}
	query := req.URL.Query()
	page := pageNumber(query.Get("refusals"))
	byGroup := func(q journal.Query) ([]journal.Refusal, int) {
		q.Group = id
		return p.journal.Refusals(q)
	}
	refusals, page, total := pageOf(byGroup, "", page, refusalsPageSize)
	f := p.frame(root, visible(group.Job), "")
	f.OneGroup = true
	v := groupView{
		frame: f, groupRow: newGroupRow(&group, f.now), Group: group, First: newMoment(group.First, f.now),
		Receive: duration(group.Last.Receive), Decode: duration(group.Last.Decode), Consume: duration(group.Last.Consume),
		Uncompressed: size(group.Last.UncompressedBytes),
		Refusals:     p.refusalRows(refusals, f.now), RefusalPage: newPaging(query, "refusals", page, refusalsPageSize, total),
	}
	if !group.LastAccepted.IsZero() {
		accepted := newMoment(group.LastAccepted, f.now)
		v.LastAccepted = &accepted
	}
	if !group.Cut && !p.options.NoQuery {
		v.Query = promQL(&group)
	}
	writePage(w, req, http.StatusOK, "group.html", &v)
}

// promQL finds when the group was pushed last, though it may have been hours ago. PromQL has Go's strings; a name that is none of the
// old ones is quoted too: https://prometheus.io/docs/prometheus/latest/querying/basics/#instant-vector-selectors.
func promQL(g *journal.Group) string {
	var b strings.Builder
	b.WriteString("last_over_time(push_time_seconds{job=" + strconv.Quote(g.Job))
	for _, l := range g.Labels {
		b.WriteString("," + labelName(l) + "=" + strconv.Quote(l.Value))
	}
	b.WriteString("}[1d])")
	return b.String()
}

func labelName(l groupingkey.Label) string {
	if model.LegacyValidation.IsValidLabelName(l.Name) {
		return l.Name
	}
	return strconv.Quote(l.Name)
}
