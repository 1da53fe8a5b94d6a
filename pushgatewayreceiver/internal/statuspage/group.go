package statuspage

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/journal"
)

// groupView is what group.html shows.
type groupView struct {
	frame
	groupRow
	Known                    bool // it pushed since the start
	Group                    journal.Group
	First                    moment
	LastAccepted             *moment // nil: never
	Receive, Decode, Consume string
	Uncompressed             string
	Query                    string // empty: none
	Refusals                 []refusalRow
	RefusalPage              paging

	Held       *heldRow // nil: it is not held
	Metrics    []familyRow
	MetricPage paging
	Token      string // of the form that deletes it; empty: there is none
}

func (p *Page) serveGroup(w http.ResponseWriter, req *http.Request, idText, root string) {
	id, ok := parseID(idText)
	group, known := p.journal.Group(id)
	held := p.options.Held.get(id)
	if !ok || !known && held == nil {
		p.writeUnknown(w, req, root)
		return
	}
	if !known {
		group = journal.Group{ID: id}
		group.Job, group.Labels, group.Cut = journal.ShortenKey(held.Key)
		group.LabelsLeftOut = len(held.Key.Labels) - len(group.Labels)
	}
	query := req.URL.Query()
	f := p.frame(root, visible(group.Job), "")
	f.OneGroup = true
	v := groupView{
		frame: f, groupRow: newGroupRow(&group, f.now), Known: known, Group: group, First: newMoment(group.First, f.now),
		Receive: duration(group.Last.Receive), Decode: duration(group.Last.Decode), Consume: duration(group.Last.Consume),
		Uncompressed: size(group.Last.UncompressedBytes), LastAccepted: pastMoment(group.LastAccepted, f.now),
	}
	p.addRefusals(&v, id, query)
	if held != nil {
		p.addHeld(&v, held, query)
	}
	if !group.Cut && !p.options.NoQuery {
		v.Query = promQL(&group)
	}
	writePage(w, req, http.StatusOK, "group.html", &v)
}

func (p *Page) addRefusals(v *groupView, id uint64, query url.Values) {
	refusals, page, total := pageOf(func(q journal.Query) ([]journal.Refusal, int) {
		q.Group = id
		return p.journal.Refusals(q)
	}, "", pageNumber(query.Get("refusals")), refusalsPageSize)
	v.Refusals, v.RefusalPage = p.refusalRows(refusals, v.now), newPaging(query, "refusals", page, refusalsPageSize, total)
}

func (p *Page) addHeld(v *groupView, g *groups.Group, query url.Values) {
	row := p.options.Held.row(g, v.now)
	v.Held = &row
	rows, page, total := pageOf(func(q journal.Query) ([]familyRow, int) {
		return familyRows(g, q, v.now)
	}, "", pageNumber(query.Get("metrics")), metricsPageSize)
	v.Metrics, v.MetricPage = rows, newPaging(query, "metrics", page, metricsPageSize, total)
	if p.options.Held.mayDelete() {
		v.Token, v.HasForm = p.token, true
	}
}

func (p *Page) writeUnknown(w http.ResponseWriter, req *http.Request, root string) {
	f := p.frame(root, "Unknown group", "")
	f.Live = false
	writePage(w, req, http.StatusNotFound, "unknown.html", &f)
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
