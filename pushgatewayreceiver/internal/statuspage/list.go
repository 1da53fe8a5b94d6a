package statuspage

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/journal"
)

// listView is what list.html shows.
type listView struct {
	frame
	Groups      []groupRow
	GroupPaging paging
	Refusals    []refusalRow
	RefusalPage paging
	Totals      journal.Totals
	Known       int // groups in all
	MaxGroups   int
	Held        *heldTotals // nil: nothing ever is
	InFlight    struct{ Pushes, Size string }
	Command     string // that pushes
}

func (p *Page) serveList(w http.ResponseWriter, req *http.Request, root string) {
	query := req.URL.Query()
	job := query.Get("job")
	v := listView{frame: p.frame(root, "Pushes", job), Totals: p.journal.Totals(), MaxGroups: p.options.MaxGroups, Held: p.options.Held.totals()}
	v.Filters = true
	groups, page, total := pageOf(p.journal.Groups, job, pageNumber(query.Get("page")), pageSize)
	v.GroupPaging = newPaging(query, "page", page, pageSize, total)
	for i := range groups {
		v.Groups = append(v.Groups, newGroupRow(&groups[i], v.now))
	}
	refusals, page, total := pageOf(p.journal.Refusals, job, pageNumber(query.Get("refusals")), refusalsPageSize)
	v.RefusalPage = newPaging(query, "refusals", page, refusalsPageSize, total)
	v.Refusals = p.refusalRows(refusals, v.now)
	v.Known, _ = p.journal.Known()
	pushes, bytes := p.options.InFlight()
	v.InFlight.Pushes, v.InFlight.Size = number(pushes), size(bytes)
	v.Command = pushCommand(p.pushURL(req, root))
	writePage(w, req, http.StatusOK, "list.html", &v)
}

// pageOf returns the last page for one that is beyond it.
func pageOf[T any](entries func(journal.Query) ([]T, int), job string, page, size int) (found []T, at, total int) {
	q := journal.Query{Job: job, Offset: (page - 1) * size, Limit: size}
	found, total = entries(q)
	if last := lastPage(total, size); page > last {
		page = last
		q.Offset = (page - 1) * size
		found, total = entries(q)
	}
	return found, page, total
}

// pushURL is where the page is, unless the options know better.
func (p *Page) pushURL(req *http.Request, root string) string {
	if p.options.PushURL != nil {
		return p.options.PushURL(req)
	}
	u := url.URL{Scheme: "http", Host: req.Host}
	if req.TLS != nil {
		u.Scheme = "https"
	}
	if relative, err := url.Parse(root); err == nil {
		u.Path = req.URL.ResolveReference(relative).Path
	}
	return strings.TrimRight(u.String(), "/")
}

// pushCommand can be copied into a shell. Text needs the newline at its end that echo writes.
func pushCommand(pushURL string) string {
	return `echo "some_metric 3.14" | curl --data-binary @- ` + shellQuote(pushURL+"/metrics/job/some_job")
}

var plainInShell = regexp.MustCompile(`^[A-Za-z0-9_.:/@%+=-]+$`)

func shellQuote(s string) string {
	if plainInShell.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
