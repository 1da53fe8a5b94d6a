package access

import (
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// testTokenIsReplaced writes another token into the file while the collector runs.
func testTokenIsReplaced(t *testing.T, g gateway) {
	push := func(token string) string {
		return byClientGolang(t, g, g.urls[tokenFileDoor], "rotated", credential{authorization: "Bearer " + token})
	}
	require.Equal(t, accepted, push(firstToken))
	require.Equal(t, unauthorized, push(newToken))
	// As Kubernetes does it: the file is another one from one moment to the next.
	require.NoError(t, os.WriteFile(g.file("token.new"), []byte(newToken+"\n"), 0o600))
	require.NoError(t, os.Rename(g.file("token.new"), g.file(tokenFile)))
	require.Eventually(t, func() bool { return push(newToken) == accepted }, 20*time.Second, 50*time.Millisecond)
	require.Equal(t, unauthorized, push(firstToken))
	g.sink.Take()
}

func testVersions(t *testing.T, g gateway) {
	for version, want := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		t.Run(tls.VersionName(version), func(t *testing.T) {
			settings := g.httpClient(t, credential{}).Transport.(*http.Transport).TLSClientConfig
			settings.MinVersion, settings.MaxVersion = version, version
			conn, err := tls.Dial("tcp", strings.TrimPrefix(g.urls[tlsDoor], "https://"), settings)
			if !want {
				require.ErrorContains(t, err, "protocol version not supported")
				return
			}
			require.NoError(t, err)
			_ = conn.Close()
		})
	}
}

// testWithoutTLS pushes as a job does whose address begins with http by mistake.
func testWithoutTLS(t *testing.T, g gateway) {
	for _, d := range doors {
		t.Run(string(d), func(t *testing.T) {
			url := strings.Replace(g.urls[d], "https:", "http:", 1) + "/metrics/job/plain"
			a := testbed.Post(t, http.DefaultClient, url, body)
			assert.Equal(t, http.StatusBadRequest, a.Status)
			assert.Equal(t, "Client sent an HTTP request to an HTTPS server.\n", a.Body)
			g.requireArrived(t, "")
		})
	}
}

// testChallenge looks at what a client is told that shows nothing.
func testChallenge(t *testing.T, g gateway) {
	client := g.httpClient(t, credential{})
	for d, want := range map[door]string{
		basicDoor:     `Basic realm="pushgateway", charset="UTF-8"`,
		tokenDoor:     `Bearer realm="pushgateway"`,
		tokenFileDoor: `Bearer realm="pushgateway"`,
	} {
		res, err := client.Post(g.urls[d]+"/metrics/job/x", "text/plain", strings.NewReader(body))
		require.NoError(t, err)
		_ = res.Body.Close()
		assert.Equal(t, http.StatusUnauthorized, res.StatusCode)
		assert.Equal(t, want, res.Header.Get("WWW-Authenticate"))
	}
}

// testHealthChecks asks without a password, and without a certificate, which is shown before anything can be asked.
func testHealthChecks(t *testing.T, g gateway) {
	client, withCertificate := g.httpClient(t, credential{}), g.httpClient(t, credential{certificate: goodCert})
	for _, d := range doors {
		for _, path := range []string{"/-/healthy", "/-/ready"} {
			assert.Equal(t, d != mtlsDoor, testbed.AnswersOK(client, g.urls[d]+path), "%s%s", d, path)
			assert.True(t, testbed.AnswersOK(withCertificate, g.urls[d]+path), "%s%s", d, path)
		}
	}
	// What a load balancer can do at a door that wants a certificate is to open a connection.
	conn, err := net.Dial("tcp", strings.TrimPrefix(g.urls[mtlsDoor], "https://"))
	require.NoError(t, err)
	_ = conn.Close()
}
