package pushgatewayreceiver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
)

// withButton turns on a status page on which groups may be deleted, with changes to its settings.
func withButton(changes ...func(*StatusPage)) func(*Config) {
	return withPage(append(changes, func(p *StatusPage) { p.AllowDelete = true })...)
}

// holdingWithPage has groups too.
func holdingWithPage(changes ...func(*StatusPage)) func(*Config) {
	return func(c *Config) {
		holding(nil)(c)
		withButton(changes...)(c)
	}
}

func TestMetricsAPIIsThereWithGroups(t *testing.T) {
	r := start(t, consumertest.NewNop(), holding(nil))
	r.send(t, 200, "PUT", groupA, "x 1\n")
	for _, path := range []string{"/api/v1/metrics", "/pushgateway/api/v1/metrics", "//api/v1/metrics"} {
		a := r.do(t, "GET", path, "")
		assert.Equal(t, 200, a.StatusCode, path)
		assert.Contains(t, a.body, `"x":{"time_stamp":"20`, path)
		assert.Equal(t, 200, r.do(t, "HEAD", path, "").StatusCode, path)
		assert.Equal(t, 404, r.do(t, "POST", path, "").StatusCode, path)
	}
	for _, path := range []string{"/", "/held", "/api/v1/status", "/api/v1/metrics/", "/api/v1/pushes", "/assets/style.css"} {
		assert.Equal(t, 404, r.do(t, "GET", path, "").StatusCode, "there is no page: %s", path)
	}
	without := start(t, consumertest.NewNop(), withPage())
	for _, path := range []string{"/api/v1/metrics", "/held"} {
		assert.Equal(t, 404, without.do(t, "GET", path, "").StatusCode, "nothing is held: %s", path)
	}
	assert.Contains(t, without.do(t, "GET", "/api/v1/status", "").body, `"held":null`)
}

// Where the page is, what is held is too, and nowhere else.
func TestHeldGroupsAtAnEndpointOfTheirOwn(t *testing.T) {
	address := freeAddress(t)
	d := newDatabase(t)
	r := start(t, d, holdingWithPage(func(p *StatusPage) { p.Server.GetOrInsertDefault().ServerConfig.NetAddr.Endpoint = address }))
	r.send(t, 200, "PUT", groupA, "x 1\n")
	own := running{url: "http://" + address}
	for _, path := range []string{"/api/v1/metrics", "/held", "/pushgateway/held"} {
		assert.Equal(t, 404, r.do(t, "GET", path, "").StatusCode, path)
		assert.Equal(t, 200, own.do(t, "GET", path, "").StatusCode, path)
	}
	group, token := own.form(t)
	assert.Equal(t, 404, r.post(t, group+"/delete", token, nil).StatusCode)
	d.requireVisible("x{job=a} 1")
	assert.Equal(t, 303, own.post(t, group+"/delete", token, nil).StatusCode)
	d.requireVisible()
}

func TestHeldGroupsAreBehindAuthentication(t *testing.T) {
	r := start(t, consumertest.NewNop(), func(c *Config) {
		holdingWithPage()(c)
		require.NoError(t, c.Unmarshal(confFrom(map[string]any{"auth": map[string]any{"authenticator": "nobody"}})))
	})
	for _, path := range []string{"/api/v1/metrics", "/held"} {
		assert.Equal(t, 401, r.do(t, "GET", path, "").StatusCode, path)
	}
	assert.Equal(t, 401, r.post(t, "/group/0000000000000001/delete", "", nil).StatusCode)
}

func TestHeldGroupsAreNotForOtherNames(t *testing.T) {
	d := newDatabase(t)
	r := start(t, d, holdingWithPage())
	r.send(t, 200, "PUT", groupA, "x 1\n")
	group, token := r.form(t)
	rebound := func(req *http.Request) { req.Host = "evil.example" }
	for _, path := range []string{"/api/v1/metrics", "/held", group} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+path, nil)
		require.NoError(t, err)
		rebound(req)
		res, err := http.DefaultTransport.RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		assert.Equal(t, 404, res.StatusCode, path)
	}
	assert.Equal(t, 404, r.post(t, group+"/delete", token, rebound).StatusCode)
	d.requireVisible("x{job=a} 1")
}

func TestHeldGroupsWithCORS(t *testing.T) {
	r := start(t, consumertest.NewNop(), func(c *Config) {
		holdingWithPage()(c)
		require.NoError(t, c.Unmarshal(confFrom(map[string]any{"cors": map[string]any{"allowed_origins": []string{"https://app.example"}}})))
	})
	r.send(t, 200, "PUT", groupA, "x 1\n")
	group, token := r.form(t)
	fromApp := func(req *http.Request) { req.Header.Set("Origin", "https://app.example") }
	for _, a := range []answered{
		r.do(t, "GET", "/api/v1/metrics", "", "Origin", "https://app.example"), r.post(t, group+"/delete", token, fromApp),
	} {
		assert.Empty(t, a.Header.Get("Access-Control-Allow-Origin"))
	}
	assert.EqualValues(t, 1, r.held.store.Totals().Groups)
	unknown := r.do(t, "POST", "/metrics/jobs/x", "x 1\n", "Origin", "https://app.example")
	assert.Equal(t, "https://app.example", unknown.Header.Get("Access-Control-Allow-Origin"), "who pushes may read why it was refused")
}

// Each link of the pages of what is held leads to something, and stays under the prefix.
func TestLinksOfHeldGroups(t *testing.T) {
	r := start(t, consumertest.NewNop(), holdingWithPage())
	r.send(t, 200, "PUT", groupA, "x 1\n")
	group, _ := r.form(t)
	links := regexp.MustCompile(`(?:href|src)="([^"#d][^"]*)"`)
	for _, path := range []string{"/held", "/pushgateway/held", group, "/pushgateway" + group, "/pushgateway"} {
		a := r.do(t, "GET", path, "")
		require.Equal(t, 200, a.StatusCode, path)
		found := links.FindAllStringSubmatch(a.body, -1)
		assert.Greater(t, len(found), 5)
		for _, link := range found {
			target, err := a.Request.URL.Parse(link[1])
			require.NoError(t, err)
			assert.Equal(t, 200, r.do(t, "GET", target.RequestURI(), "").StatusCode, "%s links to %s", path, link[1])
			assert.Equal(t, strings.HasPrefix(path, "/pushgateway"), strings.HasPrefix(target.Path, "/pushgateway"), "%s links to %s", path, link[1])
		}
	}
}

var (
	linkToGroup = regexp.MustCompile(`href="\.(/group/[0-9a-f]{16})"`)
	tokenOfForm = regexp.MustCompile(`name="token" value="([^"]+)"`)
)

// form returns the path of the page of the first group that is held, and the token of the form there.
func (r running) form(t *testing.T) (group, token string) {
	t.Helper()
	link := linkToGroup.FindStringSubmatch(r.do(t, "GET", "/held", "").body)
	require.NotNil(t, link)
	form := tokenOfForm.FindStringSubmatch(r.do(t, "GET", link[1], "").body)
	require.NotNil(t, form)
	return link[1], form[1]
}

// post sends the form, and follows no redirect.
func (r running) post(t *testing.T, path, token string, change func(*http.Request)) answered {
	t.Helper()
	form := url.Values{"token": {token}}.Encode()
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, r.url+path, strings.NewReader(form))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if change != nil {
		change(req)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return answered{res, string(body)}
}

// The button does what DELETE does: markers go out, and the group leaves the storage.
func TestDeleteButton(t *testing.T) {
	d, s := newDatabase(t), newTestStorage()
	r, stop := startHolding(t, d, s, nil, withButton())
	defer stop()
	r.send(t, 200, "PUT", groupA, "x 1\n")
	require.Equal(t, 1, s.len())
	group, token := r.form(t)
	a := r.post(t, "/pushgateway"+group+"/delete", token, nil)
	assert.Equal(t, 303, a.StatusCode, a.body)
	to, err := a.Request.URL.Parse(a.Header.Get("Location"))
	require.NoError(t, err)
	assert.Equal(t, "/pushgateway/held", to.Path)
	assert.Contains(t, r.do(t, "GET", to.RequestURI(), "").body, "Deleted")
	d.requireVisible()
	assert.Equal(t, "stale", d.get("push_time_seconds{job=a}").value)
	assert.Zero(t, s.len())
	assert.Zero(t, r.held.store.Totals())
}

// What the pipeline refuses is not deleted, and the page says so.
func TestDeleteButtonWhenThePipelineRefuses(t *testing.T) {
	d := newDatabase(t)
	m := startMeasured(t, d, holdingWithPage())
	m.send(t, 200, "PUT", groupA, "x 1\n")
	group, token := m.form(t)
	d.refuseAll(errors.New("a secret of the backend"))
	a := m.post(t, group+"/delete", token, nil)
	assert.Equal(t, 503, a.StatusCode)
	assert.Contains(t, a.body, "Not deleted")
	assert.NotContains(t, a.body, "secret")
	m.requireRefused(t, "pipeline_unavailable", 1)
	d.refuseAll(nil)
	d.requireVisible("x{job=a} 1")
	assert.Equal(t, 303, m.post(t, group+"/delete", token, nil).StatusCode)
}

func TestDeleteButtonIsOffUnlessConfigured(t *testing.T) {
	d := newDatabase(t)
	r := start(t, d, func(c *Config) {
		holding(nil)(c)
		withPage()(c)
	})
	r.send(t, 200, "PUT", groupA, "x 1\n")
	group := linkToGroup.FindStringSubmatch(r.do(t, "GET", "/held", "").body)[1]
	assert.NotContains(t, r.do(t, "GET", group, "").body, "token")
	for _, method := range []string{"GET", "POST", "DELETE"} {
		assert.Equal(t, 404, r.do(t, method, group+"/delete", "token=", "Content-Type", "application/x-www-form-urlencoded").StatusCode, method)
	}
	d.requireVisible("x{job=a} 1")
}

// A group that was held before the start has a page, though nothing is known of its pushes.
func TestHeldGroupsOnThePageBehindARestart(t *testing.T) {
	d, s := newDatabase(t), newTestStorage()
	r, stop := startHolding(t, d, s, nil, withButton())
	r.send(t, 200, "PUT", groupB, "some_metric 1\n")
	stop()
	r, stop = startHolding(t, d, s, nil, withButton())
	defer stop()
	group, _ := r.form(t)
	assert.Equal(t, fmt.Sprintf("/group/%016x", r.held.store.All()[0].ID), group)
	assert.Contains(t, r.do(t, "GET", group, "").body, "some_metric")
	r.send(t, 200, "PUT", groupB, "some_metric 1\n")
	assert.Contains(t, r.do(t, "GET", group, "").body, "All pushes", "it is the same in the journal")
	assert.Contains(t, r.do(t, "GET", "/api/v1/pushes", "").body, `"id":"`+strings.TrimPrefix(group, "/group/"))
}
