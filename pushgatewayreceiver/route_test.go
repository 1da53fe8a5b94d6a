package pushgatewayreceiver

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func testRouter(onDelete string) router {
	return newRouter(&Settings{PathPrefix: "/push/gateway/", OnDelete: onDelete})
}

func TestPushRoutes(t *testing.T) {
	f := func(path, wantKeyPath string) {
		t.Helper()
		for method, want := range map[string]kind{"PUT": replace, "POST": add, "DELETE": remove, "OPTIONS": options} {
			op, err := testRouter(onDeleteAccept).route(method, path)
			require.NoError(t, err, path)
			assert.Equal(t, operation{kind: want, keyPath: wantKeyPath}, op, "%s %s", method, path)
		}
	}
	f("/metrics/job/x", "job/x")
	f("/metrics/job/x/", "job/x/")
	f("/metrics/job/", "job/")
	f("/metrics/job//", "job//")
	f("/metrics/job/x/l/v", "job/x/l/v")
	f("/metrics/job/a%2Fb", "job/a%2Fb")
	f("/metrics/job/..", "job/..")
	f("/metrics/job@base64/eA", "job@base64/eA")
	f("/metrics/job%40base64/eA", "job%40base64/eA")
	f("/m%65trics/j%6Fb/x", "j%6Fb/x")
	f("//metrics/job/x", "job/x")
	f("/metrics//job/x", "job/x")
	f("/push/gateway/metrics/job/x", "job/x")
	f("//push//gateway//metrics//job/x", "job/x")
}

func TestUnknownRoutes(t *testing.T) {
	for _, path := range []string{"", "/", "*", "/metrics", "/metrics/", "/metrics/job", "/metrics/jobs/x", "/metrics/foo/x", "/Metrics/Job/x",
		"/metrics/job@BASE64/x", "/push/metrics/job/x", "/gateway/metrics/job/x", "/../metrics/job/x", "/metrics%2Fjob/x", "/-/quit",
		"/-/healthy/x", "/api/v1/metrics"} {
		_, err := testRouter(onDeleteAccept).route("PUT", path)
		assert.Equal(t, errNoRoute, err, path)
	}
}

func TestMethodsThatAreNotAllowed(t *testing.T) {
	f := func(onDelete, method, path, wantAllow string) {
		t.Helper()
		_, err := testRouter(onDelete).route(method, path)
		var e *routeError
		require.ErrorAs(t, err, &e)
		assert.Equal(t, wantAllow, e.allow)
	}
	for _, method := range []string{"GET", "HEAD", "PATCH", "TRACE", "put", "FOO"} {
		f(onDeleteAccept, method, "/metrics/job/x", "DELETE, OPTIONS, POST, PUT")
		f(onDeleteReject, method, "/metrics/job/x", "OPTIONS, POST, PUT")
	}
	f(onDeleteReject, "DELETE", "/metrics/job/x", "OPTIONS, POST, PUT")
	f(onDeleteReject, "PUT", "/-/healthy", "GET, HEAD, OPTIONS")
	f(onDeleteReject, "POST", "/push/gateway/-/ready", "GET, HEAD, OPTIONS")
}

func TestHealthRoutes(t *testing.T) {
	for path, want := range map[string]kind{
		"/-/healthy": healthy, "/-/ready": ready, "/push/gateway/-/healthy": healthy, "//-/ready": ready,
	} {
		op, err := testRouter(onDeleteReject).route("GET", path)
		require.NoError(t, err)
		assert.Equal(t, operation{kind: want}, op, path)
		op, err = testRouter(onDeleteReject).route("OPTIONS", path)
		require.NoError(t, err)
		assert.Equal(t, "GET, HEAD, OPTIONS", testRouter(onDeleteReject).allow(op), path)
	}
}

func TestWithoutPrefix(t *testing.T) {
	_, err := newRouter(&Settings{}).route("PUT", "/metrics/job/x")
	require.NoError(t, err)
	_, err = newRouter(&Settings{}).route("PUT", "/pushgateway/metrics/job/x")
	assert.Equal(t, errNoRoute, err)
}
