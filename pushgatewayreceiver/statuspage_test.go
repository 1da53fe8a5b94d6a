package pushgatewayreceiver

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/component/componenttest"
	"go.opentelemetry.io/collector/consumer/consumertest"
	"go.opentelemetry.io/collector/receiver/receivertest"
)

// withPage turns the status page on, with changes to its settings.
func withPage(changes ...func(*StatusPage)) func(*Config) {
	return func(c *Config) {
		page := c.Settings.StatusPage.GetOrInsertDefault()
		for _, change := range changes {
			change(page)
		}
	}
}

// pushes is what a test wants of /api/v1/pushes.
type pushes struct {
	Groups []struct {
		ID       string
		Job      string
		Labels   map[string]string
		Pushes   struct{ Accepted, Refused, Failed int }
		LastPush struct {
			Client, Method, Format, Encoding, Outcome string
			Samples                                   int
			CompressedBytes                           *int64  `json:"compressed_bytes"`
			UncompressedBytes                         *int64  `json:"uncompressed_bytes"`
			DurationSeconds                           float64 `json:"duration_seconds"`
			DecodeSeconds                             float64 `json:"decode_seconds"`
			ConsumeSeconds                            float64 `json:"consume_seconds"`
		} `json:"last_push"`
	}
	Refusals []struct {
		Count          int
		Client, Method string
		Path, Job      string
		GroupID        string `json:"group_id"`
		Cause          struct {
			HTTPStatus      int `json:"http_status"`
			Reason, Message string
			Line            int
		}
	}
}

func (r running) pushes(t *testing.T) pushes {
	t.Helper()
	a := r.do(t, http.MethodGet, "/api/v1/pushes", "")
	require.Equal(t, http.StatusOK, a.StatusCode, a.body)
	var got struct{ Data pushes }
	require.NoError(t, json.Unmarshal([]byte(a.body), &got))
	return got.Data
}

func TestStatusPageIsOffUnlessConfigured(t *testing.T) {
	r := start(t, consumertest.NewNop(), nil)
	for _, path := range []string{"/", "/pushgateway", "/pushgateway/", "/api/v1/status", "/api/v1/pushes"} {
		assert.Equal(t, 404, r.do(t, "GET", path, "").StatusCode, path)
	}
}

func TestStatusPageIsAtTheRootAndUnderThePrefix(t *testing.T) {
	r := start(t, consumertest.NewNop(), withPage())
	assert.Equal(t, 200, r.do(t, "PUT", "/metrics/job/some_job", "a 1\n").StatusCode)
	links := regexp.MustCompile(`(?:href|src)="([^"#?]*group/[^"]*|[^"#?]*assets/[^"]*)"`)
	for _, path := range []string{"/", "/pushgateway", "/pushgateway/", "//", "/pushgateway//"} {
		a := r.do(t, "GET", path, "")
		assert.Equal(t, 200, a.StatusCode, path)
		assert.Contains(t, a.body, "some_job", path)
		found := links.FindAllStringSubmatch(a.body, -1)
		assert.GreaterOrEqual(t, len(found), 3, "%s links to style, script and the group", path)
		for _, link := range found {
			target, err := a.Request.URL.Parse(link[1])
			require.NoError(t, err)
			assert.Equal(t, 200, r.do(t, "GET", target.Path, "").StatusCode, "%s links to %s", path, link[1])
			assert.Equal(t, strings.HasPrefix(path, "/pushgateway"), strings.HasPrefix(target.Path, "/pushgateway/"), "%s links to %s", path, link[1])
		}
	}
	for _, path := range []string{"/api/v1/status", "/pushgateway/api/v1/status"} {
		assert.Equal(t, 200, r.do(t, "GET", path, "").StatusCode, path)
		assert.Equal(t, 200, r.do(t, "HEAD", path, "").StatusCode, path)
		assert.Equal(t, 404, r.do(t, "POST", path, "").StatusCode, path)
	}
	for path, status := range map[string]int{
		"/metrics": 404, "/nothing": 404, "/pushgateway/nothing": 404, "/group/1/2": 404, "/metrics/job/x": 405, "/-/ready": 200,
	} {
		assert.Equal(t, status, r.do(t, "GET", path, "").StatusCode, path)
	}
}

func TestRootOf(t *testing.T) {
	f := func(path, rest, want string) {
		t.Helper()
		assert.Equal(t, want, rootOf(path, rest))
	}
	f("", "", "./")
	f("/", "", "./")
	f("/pushgateway", "", "./pushgateway/")
	f("/pushgateway/", "", "./")
	f("/a/b:c", "", "./b:c/")
	f("/group/1", "group/1", "./../")
	f("/pushgateway/group/1", "group/1", "./../")
	f("/api/v1/status", "api/v1/status", "./../../")
}

func TestStatusPageAtAnEndpointOfItsOwn(t *testing.T) {
	address := freeAddress(t)
	r := start(t, consumertest.NewNop(), withPage(func(p *StatusPage) {
		p.Server.GetOrInsertDefault().ServerConfig.NetAddr.Endpoint = address
	}))
	assert.Equal(t, 404, r.do(t, "GET", "/", "").StatusCode)
	own := running{url: "http://" + address}
	a := own.do(t, "GET", "/", "")
	assert.Equal(t, 200, a.StatusCode)
	assert.Contains(t, a.body, r.url+"/metrics/job/", "it says where to push to")
	assert.Equal(t, 200, own.do(t, "GET", "/pushgateway/", "").StatusCode)
	assert.Equal(t, 404, own.do(t, "PUT", "/metrics/job/x", "a 1\n").StatusCode, "pushes go to the other one")
	assert.Equal(t, 200, own.do(t, "GET", "/", "", "Content-Encoding", "gzip").StatusCode, "there is nothing to decompress")
}

func TestStatusPageIsBehindAuthentication(t *testing.T) {
	nobodyMayCome := map[string]any{"auth": map[string]any{"authenticator": "nobody"}}
	r := start(t, consumertest.NewNop(), func(c *Config) {
		withPage()(c)
		require.NoError(t, c.Unmarshal(confFrom(nobodyMayCome)))
	})
	for _, path := range []string{"/", "/api/v1/pushes", "/pushgateway/"} {
		assert.Equal(t, 401, r.do(t, "GET", path, "").StatusCode, path)
	}
	address := freeAddress(t)
	nobodyMayCome["endpoint"] = address
	start(t, consumertest.NewNop(), withPage(func(p *StatusPage) {
		require.NoError(t, p.Server.GetOrInsertDefault().Unmarshal(confFrom(nobodyMayCome)))
	}))
	assert.Equal(t, 401, running{url: "http://" + address}.do(t, "GET", "/", "").StatusCode)
}

// A web page whose owner lets its name lead to 127.0.0.1 must not read what jobs push.
func TestStatusPageIsNotForOtherNames(t *testing.T) {
	status := func(r running, host, path string) int {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.url+path, nil)
		require.NoError(t, err)
		req.Host = host
		res, err := http.DefaultTransport.RoundTrip(req)
		require.NoError(t, err)
		require.NoError(t, res.Body.Close())
		return res.StatusCode
	}
	r := start(t, consumertest.NewNop(), withPage())
	for _, path := range []string{"/", "/pushgateway/", "/api/v1/pushes", "/group/0000000000000001"} {
		for _, host := range []string{"evil.example", "evil.example:9091", "localhost.evil.example", "10.0.0.1:9091"} {
			assert.Equal(t, 404, status(r, host, path), "%s%s", host, path)
		}
	}
	for _, host := range []string{"localhost", "localhost:1", "pushgateway.localhost", "127.0.0.1:9091", "127.1.2.3", "[::1]:9091"} {
		assert.Equal(t, 200, status(r, host, "/"), host)
	}
	assert.Equal(t, 200, r.do(t, "PUT", "/metrics/job/x", "a 1\n", "Host", "evil.example").StatusCode, "pushes are not asked for it")
	guarded := start(t, consumertest.NewNop(), func(c *Config) {
		withPage()(c)
		require.NoError(t, c.Unmarshal(confFrom(map[string]any{"auth": map[string]any{"authenticator": "nobody"}})))
	})
	assert.Equal(t, 401, status(guarded, "push.example", "/"), "with a password, it is for whatever name")
}

// cors lets web pages push, and not read what others pushed.
func TestStatusPageWithCORS(t *testing.T) {
	r := start(t, consumertest.NewNop(), func(c *Config) {
		withPage()(c)
		require.NoError(t, c.Unmarshal(confFrom(map[string]any{"cors": map[string]any{"allowed_origins": []string{"https://app.example"}}})))
	})
	const allowed = "Access-Control-Allow-Origin"
	assert.Equal(t, "https://app.example", r.do(t, "POST", "/metrics/job/x", "a 1\n", "Origin", "https://app.example").Header.Get(allowed))
	for _, path := range []string{"/", "/api/v1/pushes"} {
		a := r.do(t, "GET", path, "", "Origin", "https://app.example")
		assert.Equal(t, 200, a.StatusCode)
		assert.Empty(t, a.Header.Get(allowed))
		assert.Empty(t, a.Header.Get("Access-Control-Allow-Credentials"))
	}
}

func TestStatusPageWithAnAddressThatIsTaken(t *testing.T) {
	r := start(t, consumertest.NewNop(), nil)
	cfg := createDefaultConfig().(*Config)
	cfg.ServerConfig.NetAddr.Endpoint = freeAddress(t)
	withPage(func(p *StatusPage) { p.Server.GetOrInsertDefault().ServerConfig.NetAddr.Endpoint = r.address() })(cfg)
	second, err := createMetrics(t.Context(), receivertest.NewNopSettings(typ), cfg, consumertest.NewNop())
	require.NoError(t, err)
	require.Error(t, second.Start(t.Context(), componenttest.NewNopHost()))
	_, err = net.Dial("tcp", cfg.ServerConfig.NetAddr.Endpoint)
	require.Error(t, err, "pushes are not taken either")
	require.NoError(t, second.Shutdown(t.Context()))
}

func TestPushesOnTheStatusPage(t *testing.T) {
	r := start(t, consumertest.NewNop(), withPage())
	zipped := gzipped("a 1\nb 2\n")
	r.do(t, "POST", "/metrics/job/x/instance/i", zipped, "Content-Encoding", "x-gzip")
	r.do(t, "PUT", "/metrics/job/y", "a 1\n")
	r.do(t, "PUT", "/metrics/job/y", "a\n")
	all := r.pushes(t)
	require.Len(t, all.Groups, 2)
	assert.Equal(t, "y", all.Groups[0].Job, "the newest comes first")
	assert.Equal(t, "refused", all.Groups[0].LastPush.Outcome)
	x := all.Groups[1]
	assert.Equal(t, map[string]string{"instance": "i"}, x.Labels)
	assert.Equal(t, [5]string{"POST", "text", "gzip", "accepted", "127.0.0.1"},
		[5]string{x.LastPush.Method, x.LastPush.Format, x.LastPush.Encoding, x.LastPush.Outcome, strings.Split(x.LastPush.Client, ":")[0]})
	assert.Equal(t, 2, x.LastPush.Samples)
	assert.Equal(t, int64(len(zipped)), *x.LastPush.CompressedBytes)
	assert.Equal(t, int64(8), *x.LastPush.UncompressedBytes)
	assert.Positive(t, x.LastPush.DecodeSeconds)
	assert.Positive(t, x.LastPush.ConsumeSeconds)
	assert.Less(t, x.LastPush.DecodeSeconds+x.LastPush.ConsumeSeconds, x.LastPush.DurationSeconds)
}

// A job that is refused finds out why, with nothing of its body shown unless the operator wants that.
func TestRefusalsOnTheStatusPage(t *testing.T) {
	const secret = "hunter2hunter2"
	broken := map[string]string{
		"bad-line":    "good 1\nbad " + secret + "\n",
		"wrong-type":  "# TYPE h histogram\nh_bucket{le=\"1\",l=\"" + secret + "\"} 2\nh_bucket{le=\"+Inf\",l=\"" + secret + "\"} 1\nh_sum{l=\"" + secret + "\"} 1\nh_count{l=\"" + secret + "\"} 2\n",
		"odd-path/l":  "a 1\n",
		"too-large":   strings.Repeat("#\n", 600),
		"compression": secret,
	}
	for _, excerpts := range []bool{false, true} {
		r := start(t, consumertest.NewNop(), func(c *Config) {
			withPage(func(p *StatusPage) { p.ShowExcerpts = excerpts })(c)
			c.ServerConfig.MaxRequestBodySize = 1000
		})
		for job, body := range broken {
			encoding := ""
			if job == "compression" {
				encoding = secret
			}
			r.do(t, "PUT", "/metrics/job/"+job, body, "Content-Encoding", encoding)
		}
		causes := map[string]string{}
		for _, refusal := range r.pushes(t).Refusals {
			causes[refusal.Job] = fmt.Sprint(refusal.Cause.HTTPStatus, " ", refusal.Cause.Reason, " ", refusal.Cause.Line)
			shown := strings.Contains(refusal.Cause.Message, secret)
			wanted := excerpts && (refusal.Job == "bad-line" || refusal.Job == "wrong-type")
			assert.Equal(t, wanted, shown, "%s: %s", refusal.Job, refusal.Cause.Message)
			assert.NotEmpty(t, refusal.Cause.Message)
		}
		assert.Equal(t, map[string]string{
			"bad-line": "400 syntax 2", "wrong-type": "400 inconsistent 2", "": "400 grouping_key 0",
			"too-large": "413 max_request_body_size 0", "compression": "415 content_encoding 0",
		}, causes)
		page := r.do(t, "GET", "/", "").body
		assert.Equal(t, excerpts, strings.Contains(page, secret))
	}
}

func TestOtherRefusalsOnTheStatusPage(t *testing.T) {
	r := start(t, consumertest.NewErr(errors.New("secret of the backend")), withPage())
	for range 3 {
		r.do(t, "PUT", "/metrics/job/x", "a 1\n")
	}
	r.do(t, "PUT", "/metrics/jobs/y", "a 1\n")
	r.do(t, "DELETE", "/metrics/job/x", "")
	r.do(t, "GET", "/favicon.ico", "")
	r.do(t, "GET", "/metrics/job/x", "")
	got := r.pushes(t).Refusals
	require.Len(t, got, 3, "who only looks has pushed nothing")
	assert.Equal(t, "DELETE /metrics/job/x 405", fmt.Sprint(got[0].Method, " ", got[0].Path, " ", got[0].Cause.HTTPStatus))
	assert.Equal(t, "PUT /metrics/jobs/y 404", fmt.Sprint(got[1].Method, " ", got[1].Path, " ", got[1].Cause.HTTPStatus))
	assert.Equal(t, "x 503 3", fmt.Sprint(got[2].Job, " ", got[2].Cause.HTTPStatus, " ", got[2].Count))
	assert.NotContains(t, got[2].Cause.Message, "secret")
}

func TestRefusalsOfStrangersOnTheStatusPage(t *testing.T) {
	address := freeAddress(t)
	r := start(t, consumertest.NewNop(), func(c *Config) {
		withPage(func(p *StatusPage) { p.Server.GetOrInsertDefault().ServerConfig.NetAddr.Endpoint = address })(c)
		require.NoError(t, c.Unmarshal(confFrom(map[string]any{"auth": map[string]any{"authenticator": "nobody"}})))
	})
	r.do(t, "PUT", "/metrics/job/x", "a 1\n", "Authorization", "Basic c2VjcmV0")
	got := running{url: "http://" + address}.pushes(t)
	assert.Empty(t, got.Groups)
	require.Len(t, got.Refusals, 1)
	assert.Equal(t, "x unauthenticated", got.Refusals[0].Job+" "+got.Refusals[0].Cause.Reason)
}
