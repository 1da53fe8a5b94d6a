package statuspage

import (
	"bytes"
	"crypto/rand"
	"embed"
	"html/template"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/journal"
)

// Options are what a page shows beside a journal.
type Options struct {
	Name    string    // of the receiver, as in pushgateway/2
	Version string    // of the Collector
	Started time.Time // the receiver
	// PushURL returns the address to push to, without a slash at the end: what stands before /metrics/job. Nil: pushes are taken
	// where the page is.
	PushURL func(*http.Request) string
	// InFlight returns the pushes that are being received, decoded or consumed, and the memory that they take. Nil: none.
	InFlight func() (pushes, bytes int64)
	// MaxGroups and MaxRefusals are how many the journal has at most.
	MaxGroups, MaxRefusals int
	// NoQuery says that there is no series push_time_seconds with the grouping labels, so no query for it is shown.
	NoQuery bool
	// Held are the groups that are held. Nil: none ever are.
	Held *Held
}

// A Page may be used by many goroutines at once.
type Page struct {
	journal *journal.Journal
	options Options
	now     func() time.Time
	views   chan struct{} // has room for maxViews

	// A request to delete must not come from another origin, and must have the token, which is another one after a restart.
	crossOrigin *http.CrossOriginProtection
	token       string
	deletions   deletions
}

// maxViews is how many answers there may be at once: each is made as a whole, and stays in memory until the client has read it. That is
// half a megabyte usually, and 15 if a client has seen to it that all of it must be escaped.
const maxViews = 4

// New returns a page that shows the journal as it is at each request.
func New(j *journal.Journal, o Options) *Page {
	if o.InFlight == nil {
		o.InFlight = func() (pushes, bytes int64) { return 0, 0 }
	}
	return &Page{
		journal: j, options: o, now: time.Now, views: make(chan struct{}, maxViews),
		crossOrigin: http.NewCrossOriginProtection(), token: rand.Text(),
	}
}

//go:embed templates
var templateFiles embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{"text": visible, "number": number}).ParseFS(templateFiles, "templates/*.html"))

// Serve answers a GET or HEAD of what stands behind the page's root, without a slash in front, or a POST if IsDelete says so: see the
// package's documentation. root is the relative URL from the path of the request to the page's root, as in "./", or "pushgateway/" if the path is /pushgateway. It
// returns false, and has written nothing, if there is nothing at the path.
func (p *Page) Serve(w http.ResponseWriter, req *http.Request, path, root string) bool {
	if asset, ok := strings.CutPrefix(path, "assets/"); ok {
		return serveAsset(w, req, asset)
	}
	switch {
	case p.IsDelete(path):
		p.serveDelete(w, req, path, root)
		return true
	case req.Method == http.MethodPost:
		return false
	}
	view := p.viewAt(path, root)
	if view == nil {
		return false
	}
	select {
	case p.views <- struct{}{}:
		defer func() { <-p.views }()
	default:
		writeBusy(w, req, "too many look at the status page at once; try again")
		return true
	}
	view(w, req)
	return true
}

// heldPath is that of the list of groups that are held.
const heldPath = "held"

// viewAt returns what answers at the path, or nil.
func (p *Page) viewAt(path, root string) http.HandlerFunc {
	id, isGroup := strings.CutPrefix(path, "group/")
	switch {
	case path == "":
		return func(w http.ResponseWriter, req *http.Request) { p.serveList(w, req, root) }
	case isGroup && !strings.Contains(id, "/"):
		return func(w http.ResponseWriter, req *http.Request) { p.serveGroup(w, req, id, root) }
	case path == heldPath && p.options.Held != nil:
		return func(w http.ResponseWriter, req *http.Request) { p.serveHeld(w, req, root) }
	case path == "api/v1/status":
		return func(w http.ResponseWriter, req *http.Request) { writeJSON(w, req, p.status()) }
	case path == "api/v1/pushes":
		return p.servePushes
	default:
		return nil
	}
}

// policy lets a page load its own style and script and fetch itself, and nothing else. The icon is in the page.
const policy = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; " +
	"base-uri 'none'; frame-ancestors 'none'"

func setHeaders(h http.Header, contentType, cacheControl string) {
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", cacheControl)
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// writePage renders a page as a whole before anything of it is sent.
func writePage(w http.ResponseWriter, req *http.Request, status int, name string, view any) {
	var body bytes.Buffer
	body.Grow(16 << 10)
	if err := templates.ExecuteTemplate(&body, name, view); err != nil {
		// The templates fit their views, as the tests show.
		writeText(w, req, http.StatusInternalServerError, "the page cannot be shown")
		return
	}
	setHeaders(w.Header(), "text/html; charset=utf-8", "no-store")
	write(w, req, status, body.Bytes())
}

func writeBusy(w http.ResponseWriter, req *http.Request, text string) {
	w.Header().Set("Retry-After", "1")
	writeText(w, req, http.StatusServiceUnavailable, text)
}

func writeText(w http.ResponseWriter, req *http.Request, status int, text string) {
	setHeaders(w.Header(), "text/plain; charset=utf-8", "no-store")
	write(w, req, status, []byte(text+"\n"))
}

func write(w http.ResponseWriter, req *http.Request, status int, body []byte) {
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	if req.Method != http.MethodHead {
		_, _ = w.Write(body) // whoever asked is gone if this fails
	}
}
