package statuspage

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/journal"
)

// Held is what a page shows of groups that are held. Their ids are those of the journal.
type Held struct {
	Store  *groups.Store
	Bounds groups.Options
	TTL    time.Duration // 0: for good
	// Delete deletes a group, and returns what has kept it from that. Nil: the page has no button for it.
	Delete func(*http.Request, groupingkey.Key) *Problem
}

// A Problem is what whoever wanted something is told instead.
type Problem struct {
	Status  int    // of the answer
	Message string // a sentence
}

// get returns a group, or nil.
func (h *Held) get(id uint64) *groups.Group {
	if h == nil {
		return nil
	}
	return h.Store.Get(id)
}

// A heldRow is a group that is held, in a list or on its page.
type heldRow struct {
	ID            string
	Job           string
	Labels        []groupingkey.Label
	LabelsLeftOut int
	Metrics       int
	Series        int64
	Size          string
	Pushed        *moment // nil: never
	Failed        *moment // nil: never
	Expires       *moment // nil: never
}

func (h *Held) row(g *groups.Group, now time.Time) heldRow {
	row := heldRow{ID: formatID(g.ID), Metrics: len(g.Families), Series: g.Samples(), Size: size(g.Bytes())}
	row.Job, row.Labels, _ = journal.ShortenKey(g.Key)
	row.LabelsLeftOut = len(g.Key.Labels) - len(row.Labels)
	row.Pushed, row.Failed = pastMoment(g.LastPush, now), pastMoment(g.LastFailure, now)
	if h.TTL > 0 {
		expires := newFuture(g.Active().Add(h.TTL), now)
		row.Expires = &expires
	}
	return row
}

func pastMoment(t, now time.Time) *moment {
	if t.IsZero() {
		return nil
	}
	m := newMoment(t, now)
	return &m
}

// find returns the groups whose job has that in its name, in whatever case. Those that pushed last come first.
func (h *Held) find(q journal.Query) (page []*groups.Group, total int) {
	job := strings.ToLower(q.Job)
	found := slices.DeleteFunc(h.Store.All(), func(g *groups.Group) bool { return !strings.Contains(strings.ToLower(g.Key.Job), job) })
	slices.SortFunc(found, func(x, y *groups.Group) int { return cmp.Or(y.Active().Compare(x.Active()), cmp.Compare(x.ID, y.ID)) })
	return cut(found, q.Offset, q.Limit), len(found)
}

// cut returns a part of a list.
func cut[T any](list []T, offset, limit int) []T {
	offset = min(offset, len(list))
	return list[offset:min(offset+limit, len(list))]
}

// heldTotals are how much is held, and the bounds of that.
type heldTotals struct {
	Groups, MaxGroups, Series, MaxSeries int64
	Size, MaxSize                        string
}

func (h *Held) totals() *heldTotals {
	if h == nil {
		return nil
	}
	t := h.Store.Totals()
	return &heldTotals{
		Groups: t.Groups, MaxGroups: h.Bounds.Groups, Series: t.Samples, MaxSeries: h.Bounds.Samples, Size: size(t.Bytes), MaxSize: size(h.Bounds.Bytes),
	}
}

// heldView is what held.html shows.
type heldView struct {
	frame
	Held    *heldTotals
	Groups  []heldRow
	Paging  paging
	Deleted *deletion // nil: nothing to tell of
}

func (p *Page) serveHeld(w http.ResponseWriter, req *http.Request, root string) {
	query := req.URL.Query()
	job := query.Get("job")
	v := heldView{frame: p.frame(root, "Held groups", job), Held: p.options.Held.totals()}
	v.Filters, v.SearchAt, v.Tab = true, heldPath, heldPath
	found, page, total := pageOf(p.options.Held.find, job, pageNumber(query.Get("page")), pageSize)
	v.Paging = newPaging(query, "page", page, pageSize, total)
	for _, g := range found {
		v.Groups = append(v.Groups, p.options.Held.row(g, v.now))
	}
	v.Deleted = p.deletions.find(query.Get("deleted"), v.now)
	writePage(w, req, http.StatusOK, "held.html", &v)
}

// A familyRow is a metric family of a group that is held.
type familyRow struct {
	Name, Type string
	Series     int64
	Pushed     moment
}

// familyRows are in the order of their names.
func familyRows(g *groups.Group, q journal.Query, now time.Time) (rows []familyRow, total int) {
	all := make([]*groups.Family, 0, len(g.Families))
	for i := range g.Families {
		all = append(all, &g.Families[i])
	}
	slices.SortFunc(all, func(x, y *groups.Family) int { return strings.Compare(x.Name, y.Name) })
	for _, f := range cut(all, q.Offset, q.Limit) {
		rows = append(rows, familyRow{Name: f.Name, Type: typeName(f), Series: f.Samples, Pushed: newMoment(f.Pushed, now)})
	}
	return rows, len(all)
}

// typeName is what text calls the type.
func typeName(f *groups.Family) string {
	if t := f.Type.String(); t != "unknown" {
		return t
	}
	return "untyped"
}
