package protocol

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

const user, password = "user", "right"

func passwordCases(*testing.T) []protocolCase {
	const path = "/metrics/job/x"
	basic := func(password string) string {
		return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	denied := func(name, request string) protocolCase {
		return protocolCase{name: name, request: request, to: withPassword, want: answer{status: 401, challenge: "Basic"}}
	}
	return []protocolCase{
		denied("none", push(path, "m 1\n")),
		denied("a wrong one", push(path, "m 1\n", basic("wrong"))),
		denied("another scheme", push(path, "m 1\n", "Authorization: Bearer right")),
		denied("nothing behind the scheme", push(path, "m 1\n", "Authorization: Basic")),
		denied("none, for an unknown path", push("/metrics/foo/x", "m 1\n")),
		denied("none, for another method", bare("PATCH", path)),
		denied("none, for a bad grouping key", push(path+"/l", "m 1\n")),
		{name: "the right one", request: push(path, "m 1\n", basic(password)), to: withPassword, want: taken(`m{job="x"} 1`)},
		{name: "the right one, the scheme in capitals",
			request: push(path, "m 1\n", "AUTHORIZATION: BASIC"+basic(password)[len("Authorization: Basic"):]), to: withPassword,
			want: taken(`m{job="x"} 1`)},
		{name: "the right one, for a bad body", request: push(path, "m\n", basic(password)), to: withPassword,
			want: refused(), says: "in line 1"},
		{name: "a health check needs none", request: bare("GET", "/-/ready"), to: withPassword, because: healthChecks,
			want: answer{status: 401, challenge: "Basic"}, here: status(200)},
		{name: "one that nobody asks for", request: push(path, "m 1\n", basic("wrong")), want: taken(`m{job="x"} 1`)},
	}
}

// startGuardedPushgateway runs one that wants the password. It is in the URL.
func startGuardedPushgateway(t *testing.T) *testbed.Pushgateway {
	t.Helper()
	config := filepath.Join(t.TempDir(), "web.yaml")
	require.NoError(t, os.WriteFile(config, []byte("basic_auth_users: {"+user+": "+testbed.PasswordHash(t, password)+"}\n"), 0o600))
	return testbed.StartPushgatewayWith(t, testbed.PushgatewaySettings{
		URL: "http://" + user + ":" + password + "@%s", Args: []string{"--web.config.file=" + config},
	})
}
