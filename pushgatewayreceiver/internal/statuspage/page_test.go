package statuspage

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/journal"
)

var begin = time.Date(2026, 11, 27, 12, 0, 0, 0, time.UTC)

// newTestPage returns a page of an hour after the start.
func newTestPage(j *journal.Journal) *Page {
	p := New(j, Options{
		Name: "pushgateway/2", Version: "1.2.3", Started: begin, MaxGroups: 20_000, MaxRefusals: 500,
		InFlight: func() (pushes, bytes int64) { return 3, 4 << 20 },
	})
	p.now = func() time.Time { return begin.Add(time.Hour) }
	return p
}

func newJournal() *journal.Journal {
	return journal.New(journal.Options{Groups: 20_000, Refusals: 500})
}

func key(job string, labels ...string) groupingkey.Key {
	k := groupingkey.Key{Job: job}
	for i := 0; i < len(labels); i += 2 {
		k.Labels = append(k.Labels, groupingkey.Label{Name: labels[i], Value: labels[i+1]})
	}
	return k
}

// ServeHTTP routes as a receiver does: at the root and under /pushgateway.
func (p *Page) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	path, root := strings.TrimPrefix(req.URL.Path, "/"), "./"
	if path == "pushgateway" {
		path, root = "", "pushgateway/"
	}
	path = strings.TrimPrefix(path, "pushgateway/")
	if n := strings.Count(path, "/"); n > 0 {
		root = strings.Repeat("../", n)
	}
	if !p.Serve(w, req, path, root) {
		http.Error(w, "nothing", http.StatusTeapot)
	}
}

func get(t testing.TB, p *Page, target string) *httptest.ResponseRecorder {
	t.Helper()
	res := httptest.NewRecorder()
	p.ServeHTTP(res, httptest.NewRequest(http.MethodGet, target, nil))
	return res
}

// A document is a page that was parsed.
type document struct{ *html.Node }

func getDocument(t *testing.T, p *Page, target string, status int) document {
	t.Helper()
	res := get(t, p, target)
	require.Equal(t, status, res.Code, target)
	root, err := html.Parse(res.Body)
	require.NoError(t, err)
	return document{root}
}

// all returns the elements of a name, or with an id if it begins with #.
func (d document) all(name string) []document {
	var found []document
	for n := range d.Descendants() {
		id, isID := strings.CutPrefix(name, "#")
		if n.Type == html.ElementNode && (n.Data == name || isID && attribute(n, "id") == id) {
			found = append(found, document{n})
		}
	}
	return found
}

func (d document) one(t *testing.T, name string) document {
	t.Helper()
	all := d.all(name)
	require.Len(t, all, 1, name)
	return all[0]
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

// text is what one reads, with single spaces.
func (d document) text() string {
	var b strings.Builder
	for n := range d.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// links returns the texts of links and where they lead.
func (d document) links() map[string]string {
	links := map[string]string{}
	for _, a := range d.all("a") {
		links[a.text()] = attribute(a.Node, "href")
	}
	return links
}

// rows returns the texts of the rows of a section's table.
func (d document) rows(t *testing.T, id string) []string {
	t.Helper()
	var rows []string
	for _, row := range d.one(t, id).all("tr") {
		rows = append(rows, row.text())
	}
	return rows[min(1, len(rows)):]
}

// A slowReader is a client that does not read its answer until it is let.
type slowReader struct {
	http.ResponseWriter
	reached chan<- struct{}
	read    <-chan struct{}
}

func (s slowReader) Write(b []byte) (int, error) {
	s.reached <- struct{}{}
	<-s.read
	return s.ResponseWriter.Write(b)
}

// What is made for clients that do not read it must not take all the memory.
func TestViewsAtOnce(t *testing.T) {
	p := newTestPage(newJournal())
	reached, read := make(chan struct{}), make(chan struct{})
	var slow sync.WaitGroup
	for range maxViews {
		slow.Go(func() {
			p.Serve(slowReader{httptest.NewRecorder(), reached, read}, httptest.NewRequest(http.MethodGet, "/", nil), "", "./")
		})
		<-reached
	}
	w := get(t, p, "/")
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
	assert.Equal(t, "1", w.Header().Get("Retry-After"))
	assert.False(t, p.Serve(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/nothing", nil), "nothing", "./"), "what is no page is none now, either")
	close(read)
	slow.Wait()
	assert.Equal(t, http.StatusOK, get(t, p, "/").Code)
}

func TestHeaders(t *testing.T) {
	p := newTestPage(newJournal())
	for target, want := range map[string]struct {
		status       int
		contentType  string
		cacheControl string
	}{
		"/":                       {200, "text/html; charset=utf-8", "no-store"},
		"/pushgateway":            {200, "text/html; charset=utf-8", "no-store"},
		"/group/0123456789abcdef": {404, "text/html; charset=utf-8", "no-store"},
		"/api/v1/status":          {200, "application/json", "no-store"},
		"/api/v1/pushes":          {200, "application/json", "no-store"},
		"/api/v1/pushes?page=0":   {400, "application/json", "no-store"},
		"/assets/style.css":       {200, "text/css; charset=utf-8", "private, max-age=3600"},
		"/assets/script.js":       {200, "text/javascript; charset=utf-8", "private, max-age=3600"},
	} {
		res := get(t, p, target)
		assert.Equal(t, want.status, res.Code, target)
		h := res.Header()
		assert.Equal(t, want.contentType, h.Get("Content-Type"), target)
		assert.Equal(t, want.cacheControl, h.Get("Cache-Control"), target)
		assert.Equal(t, "nosniff", h.Get("X-Content-Type-Options"), target)
		assert.Equal(t, "no-referrer", h.Get("Referrer-Policy"), target)
		assert.Equal(t, "same-origin", h.Get("Cross-Origin-Opener-Policy"), target)
		assert.Equal(t, "same-origin", h.Get("Cross-Origin-Resource-Policy"), target)
		csp := h.Get("Content-Security-Policy")
		assert.Contains(t, csp, "default-src 'none'", target)
		assert.NotContains(t, csp, "unsafe", target)
		head := httptest.NewRecorder()
		p.ServeHTTP(head, httptest.NewRequest(http.MethodHead, target, nil))
		assert.Equal(t, want.status, head.Code, target)
		assert.Equal(t, h, head.Header(), target)
		assert.Empty(t, head.Body.String(), target)
	}
}

func TestNothingAtThePath(t *testing.T) {
	p := newTestPage(newJournal())
	for _, target := range []string{
		"/favicon.ico", "/index.html", "/group", "/group/1/2", "/api", "/api/v1", "/api/v1/", "/api/v1/status/", "/api/v2/status",
		"/assets/", "/assets/style", "/assets/../page.go", "/assets/templates/list.html",
	} {
		req := httptest.NewRequest(http.MethodGet, "/", nil)
		req.URL.Path = target
		res := httptest.NewRecorder()
		p.ServeHTTP(res, req)
		assert.Equal(t, http.StatusTeapot, res.Code, target)
	}
}

func TestAssetsAreKeptByBrowsers(t *testing.T) {
	p := newTestPage(newJournal())
	first := get(t, p, "/assets/style.css")
	req := httptest.NewRequest(http.MethodGet, "/assets/style.css", nil)
	req.Header.Set("If-None-Match", first.Header().Get("ETag"))
	again := httptest.NewRecorder()
	p.ServeHTTP(again, req)
	assert.Equal(t, http.StatusNotModified, again.Code)
	assert.Empty(t, again.Body.String())
}

// Each link of each page leads to something, from wherever the page was opened, and stays where the page is.
func TestLinks(t *testing.T) {
	j := newJournal()
	refused := journal.Push{At: begin, Outcome: journal.Refused, Cause: journal.Cause{Status: 400, Reason: "syntax"}}
	for i := range 250 {
		j.Add(uint64(i+1), key("backup"), &refused)
	}
	p := newTestPage(j)
	for _, from := range []string{
		"/", "/?job=b&page=2&refusals=3", "/pushgateway", "/pushgateway/", "/group/0000000000000001", "/pushgateway/group/0000000000000001",
		"/group/unknown",
	} {
		base, err := url.Parse("http://gateway" + from)
		require.NoError(t, err)
		body, _ := io.ReadAll(get(t, p, from).Body)
		root, err := html.Parse(strings.NewReader(string(body)))
		require.NoError(t, err)
		n := 0
		for node := range root.Descendants() {
			for _, name := range []string{"href", "src", "action"} {
				link := attribute(node, name)
				if link == "" || strings.HasPrefix(link, "data:") || strings.HasPrefix(link, "#") {
					continue
				}
				n++
				assert.False(t, strings.HasPrefix(link, "/") || strings.Contains(link, ":"), "%s: %s is relative", from, link)
				to, err := base.Parse(link)
				require.NoError(t, err)
				assert.Equal(t, 200, get(t, p, to.RequestURI()).Code, "%s: %s", from, link)
				assert.Equal(t, strings.HasPrefix(from, "/pushgateway"), strings.HasPrefix(to.Path, "/pushgateway"), "%s: %s", from, link)
			}
		}
		assert.Greater(t, n, 5, from)
	}
}

// Nothing that is inline would be let in by the policy.
func TestNothingInline(t *testing.T) {
	p := newTestPage(newJournal())
	d := getDocument(t, p, "/", 200)
	assert.Empty(t, d.all("style"))
	for n := range d.Descendants() {
		for _, a := range n.Attr {
			assert.NotEqual(t, "style", a.Key)
			assert.False(t, strings.HasPrefix(a.Key, "on"), a.Key)
		}
	}
	assert.Empty(t, d.one(t, "script").text())
}
