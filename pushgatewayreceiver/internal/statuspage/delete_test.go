package statuspage

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
)

// deleting removes groups from a store, unless there is a problem.
func deleting(store *groups.Store, problem *Problem) func(*http.Request, groupingkey.Key) *Problem {
	return func(_ *http.Request, key groupingkey.Key) *Problem {
		for _, g := range store.All() {
			if g.Key.String() == key.String() && problem == nil {
				store.Remove(g.ID).Commit()
			}
		}
		return problem
	}
}

// press sends the form of the page of a group, with changes.
func press(t *testing.T, p *Page, id uint64, change func(form url.Values, req *http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	form := url.Values{"token": {p.token}}
	req := httptest.NewRequest(http.MethodPost, "http://gateway/group/"+formatID(id)+"/delete", nil)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if change != nil {
		change(form, req)
	}
	body := form.Encode()
	req.Body, req.ContentLength = http.NoBody, int64(len(body))
	if body != "" {
		req.Body = httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)).Body
	}
	res := httptest.NewRecorder()
	p.ServeHTTP(res, req)
	return res
}

func TestDelete(t *testing.T) {
	store, push := newTestStore(t)
	push(255, key("backup", "instance", "db1"), "m 1\n", begin)
	push(1, key("report"), "m 1\n", begin)
	p := newHeldPage(store)
	p.options.Held.Delete = deleting(store, nil)
	for _, from := range []string{"/group/00000000000000ff", "/pushgateway/group/00000000000000ff"} {
		d := getDocument(t, p, from, 200).one(t, "details")
		assert.Contains(t, d.text(), "That cannot be undone")
		form := d.one(t, "form").Node
		assert.Equal(t, "post", attribute(form, "method"))
		base, _ := url.Parse(from)
		to, _ := base.Parse(attribute(form, "action"))
		assert.Equal(t, from+"/delete", to.Path)
		input := d.one(t, "input").Node
		assert.Equal(t, "token", attribute(input, "name"))
		assert.Equal(t, p.token, attribute(input, "value"))
	}
	assert.Contains(t, get(t, p, "/group/00000000000000ff").Body.String(), `<meta name="referrer" content="same-origin">`, "or the form has no origin")
	assert.NotContains(t, get(t, p, "/held").Body.String(), `name="referrer"`)

	res := press(t, p, 255, nil)
	assert.Equal(t, http.StatusSeeOther, res.Code)
	assert.Equal(t, "../../held?deleted=00000000000000ff", res.Header().Get("Location"))
	assert.Nil(t, store.Get(255))
	assert.NotNil(t, store.Get(1))
	d := getDocument(t, p, "/held?deleted=00000000000000ff", 200)
	assert.Contains(t, d.text(), "Deleted just now : job backup instance = db1")
	assert.Len(t, d.rows(t, "#held"), 1)
	getDocument(t, p, "/group/00000000000000ff", 404)

	assert.Equal(t, http.StatusSeeOther, press(t, p, 255, nil).Code, "pressed twice")
	assert.Equal(t, http.StatusNotFound, press(t, p, 254, nil).Code)
	assert.NotContains(t, getDocument(t, p, "/held?deleted=00000000000000fe", 200).text(), "Deleted", "links cannot make it say what was not")
}

func TestDeletesThatAreRefused(t *testing.T) {
	store, push := newTestStore(t)
	push(255, key("backup"), "m 1\n", begin)
	p := newHeldPage(store)
	p.options.Held.Delete = deleting(store, nil)
	for name, c := range map[string]struct {
		status int
		change func(form url.Values, req *http.Request)
	}{
		"no token":            {403, func(form url.Values, _ *http.Request) { form.Del("token") }},
		"another token":       {403, func(form url.Values, _ *http.Request) { form.Set("token", newHeldPage(store).token) }},
		"a part of the token": {403, func(form url.Values, _ *http.Request) { form.Set("token", p.token[:10]) }},
		"a token in the URL": {403, func(form url.Values, req *http.Request) {
			form.Del("token")
			req.URL.RawQuery = "token=" + p.token
		}},
		"too much":                  {403, func(form url.Values, _ *http.Request) { form.Set("more", strings.Repeat("x", maxForm)) }},
		"no form":                   {403, func(_ url.Values, req *http.Request) { req.Header.Set("Content-Type", "text/plain") }},
		"from another site":         {403, func(_ url.Values, req *http.Request) { req.Header.Set("Sec-Fetch-Site", "cross-site") }},
		"from a neighbour":          {403, func(_ url.Values, req *http.Request) { req.Header.Set("Sec-Fetch-Site", "same-site") }},
		"from another origin":       {403, func(_ url.Values, req *http.Request) { req.Header.Set("Origin", "http://evil.example") }},
		"from another port":         {403, func(_ url.Values, req *http.Request) { req.Header.Set("Origin", "http://gateway:81") }},
		"from nowhere":              {403, func(_ url.Values, req *http.Request) { req.Header.Set("Origin", "null") }},
		"GET":                       {405, func(_ url.Values, req *http.Request) { req.Method = http.MethodGet }},
		"HEAD":                      {405, func(_ url.Values, req *http.Request) { req.Method = http.MethodHead }},
		"an id that is none":        {404, func(_ url.Values, req *http.Request) { req.URL.Path = "/group/ff/delete" }},
		"a group that is not there": {404, func(_ url.Values, req *http.Request) { req.URL.Path = "/group/00000000000000fe/delete" }},
		"no group":                  {418, func(_ url.Values, req *http.Request) { req.URL.Path = "/group/delete" }},
		"more than a group":         {418, func(_ url.Values, req *http.Request) { req.URL.Path = "/group/00000000000000ff/x/delete" }},
	} {
		res := press(t, p, 255, c.change)
		assert.Equal(t, c.status, res.Code, name)
		assert.NotNil(t, store.Get(255), name)
		if c.status == 405 {
			assert.Equal(t, "POST", res.Header().Get("Allow"), name)
		}
	}
	same := func(_ url.Values, req *http.Request) {
		req.Header.Set("Origin", "http://gateway")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	assert.Equal(t, http.StatusSeeOther, press(t, p, 255, same).Code)
}

func TestDeleteThatIsNotAllowed(t *testing.T) {
	store, push := newTestStore(t)
	push(255, key("backup"), "m 1\n", begin)
	p := newHeldPage(store)
	assert.Equal(t, http.StatusTeapot, press(t, p, 255, nil).Code)
	assert.Equal(t, http.StatusTeapot, get(t, p, "/group/00000000000000ff/delete").Code)
	assert.NotNil(t, store.Get(255))
}

func TestDeleteThatFails(t *testing.T) {
	store, push := newTestStore(t)
	push(255, key("<backup>"), "m 1\n", begin)
	p := newHeldPage(store)
	p.options.Held.Delete = deleting(store, &Problem{Status: 503, Message: "the <pipeline> is away"})
	res := press(t, p, 255, nil)
	assert.Equal(t, 503, res.Code)
	d := parse(t, res)
	assert.Contains(t, d.one(t, "main").text(), "Not deleted: job <backup>")
	assert.Contains(t, d.one(t, "main").text(), "503 the <pipeline> is away")
	assert.Equal(t, "../../group/00000000000000ff", d.links()["← The group"])
	assert.Nil(t, p.deletions.find("00000000000000ff", begin))
}

func TestDeletionsAreForgotten(t *testing.T) {
	var d deletions
	for i := range 2 * maxDeletions {
		d.add(heldRow{ID: fmt.Sprint(i)}, begin.Add(time.Duration(i)*time.Second))
	}
	assert.Nil(t, d.find("0", begin))
	assert.NotNil(t, d.find(fmt.Sprint(maxDeletions), begin))
	assert.Nil(t, d.find("", begin))
}
