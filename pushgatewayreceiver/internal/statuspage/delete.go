package statuspage

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
)

// IsDelete says whether a POST to what stands behind the page's root deletes a group.
func (p *Page) IsDelete(path string) bool {
	_, ok := groupToDelete(path)
	return ok && p.options.Held.mayDelete()
}

func groupToDelete(path string) (idText string, ok bool) {
	rest, ok := strings.CutPrefix(path, "group/")
	if !ok {
		return "", false
	}
	idText, ok = strings.CutSuffix(rest, "/delete")
	return idText, ok && !strings.Contains(idText, "/")
}

func (h *Held) mayDelete() bool { return h != nil && h.Delete != nil }

// maxForm is more than the form has.
const maxForm = 4 << 10

// serveDelete deletes a group if the request comes from the form on its page. Another site can have a browser send a form with the
// password that it knows, so neither the password nor the network that a request comes from says that somebody wants this.
func (p *Page) serveDelete(w http.ResponseWriter, req *http.Request, path, root string) {
	if req.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		writeText(w, req, http.StatusMethodNotAllowed, "a group is deleted by POST, with the form on its page")
		return
	}
	req.Body = http.MaxBytesReader(w, req.Body, maxForm)
	if p.crossOrigin.Check(req) != nil || req.ParseForm() != nil ||
		subtle.ConstantTimeCompare([]byte(req.PostForm.Get("token")), []byte(p.token)) != 1 {
		writeText(w, req, http.StatusForbidden, "this does not come from the form of this page, or the Collector was restarted: open the page of the group again")
		return
	}
	idText, _ := groupToDelete(path)
	id, ok := parseID(idText)
	g := p.options.Held.get(id)
	if !ok || g == nil && p.deletions.find(idText, p.now()) == nil {
		p.writeUnknown(w, req, root)
		return
	}
	if g != nil {
		if problem := p.options.Held.Delete(req, g.Key); problem != nil {
			p.writeProblem(w, req, root, g, problem)
			return
		}
		p.deletions.add(p.options.Held.row(g, p.now()), p.now())
	}
	// Relative, because a proxy may have the page elsewhere.
	w.Header().Set("Location", root+heldPath+"?deleted="+idText)
	writeText(w, req, http.StatusSeeOther, "deleted")
}

// problemView is what problem.html shows.
type problemView struct {
	frame
	heldRow
	Problem *Problem
}

func (p *Page) writeProblem(w http.ResponseWriter, req *http.Request, root string, g *groups.Group, problem *Problem) {
	v := problemView{frame: p.frame(root, "Not deleted", ""), Problem: problem}
	v.heldRow = p.options.Held.row(g, v.now)
	v.Live = false
	writePage(w, req, problem.Status, "problem.html", &v)
}

// deletions are the last groups that were deleted with the button, so that the page behind it can name what was. A link cannot make it
// tell of others.
type deletions struct {
	mu   sync.Mutex
	last []deletion // the newest is the last
}

// maxDeletions are as many as people press the button within seconds.
const maxDeletions = 16

type deletion struct {
	ID            string
	Job           string
	Labels        []groupingkey.Label
	LabelsLeftOut int
	When          moment
	at            time.Time
}

func (d *deletions) add(row heldRow, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = append(d.last, deletion{ID: row.ID, Job: row.Job, Labels: row.Labels, LabelsLeftOut: row.LabelsLeftOut, at: at})
	if len(d.last) > maxDeletions {
		d.last = d.last[1:]
	}
}

// find returns nil for what is none of them.
func (d *deletions) find(idText string, now time.Time) *deletion {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := len(d.last) - 1; i >= 0; i-- {
		if found := d.last[i]; found.ID == idText {
			found.When = newMoment(found.at, now)
			return &found
		}
	}
	return nil
}
