package access

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A door is a receiver, and what it asks for beside TLS.
type door string

const (
	tlsDoor       door = "tls"
	mtlsDoor      door = "mtls"      // a certificate
	basicDoor     door = "basic"     // a user and a password
	tokenDoor     door = "token"     // one of two tokens
	tokenFileDoor door = "tokenfile" // the token that is in a file
)

var doors = []door{tlsDoor, mtlsDoor, basicDoor, tokenDoor, tokenFileDoor}

const (
	username, password   = "user", "right"
	token, secondToken   = "right-token", "second-token"
	tokenFile            = "token"
	goodCert             = "good"
	expiredCert          = "expired"
	foreignCert          = "foreign"
	serverCA, clientsCA  = "server-ca", "clients-ca"
	firstToken, newToken = "first-token", "new-token"
)

// A gateway is a collector with a receiver for each door, and the files of those who push.
type gateway struct {
	*testbed.Process
	dir  string
	urls map[door]string
	sink *testbed.OTLPRecorder
}

func (g gateway) file(name string) string { return filepath.Join(g.dir, name) }

func startGateway(t *testing.T) gateway {
	t.Helper()
	g := gateway{dir: t.TempDir(), urls: map[door]string{}, sink: testbed.StartOTLPRecorder(t)}
	now := time.Now()
	newAuthority(t, g.dir, serverCA).issue(t, "server", now.Add(time.Hour))
	clients := newAuthority(t, g.dir, clientsCA)
	clients.issue(t, goodCert, now.Add(time.Hour))
	clients.issue(t, expiredCert, now.Add(-time.Hour))
	newAuthority(t, g.dir, "another-ca").issue(t, foreignCert, now.Add(time.Hour))
	require.NoError(t, os.WriteFile(g.file("htpasswd"), []byte(username+":"+testbed.PasswordHash(t, password)+"\n"), 0o600))
	require.NoError(t, os.WriteFile(g.file(tokenFile), []byte(firstToken+"\n"), 0o600))

	var receivers strings.Builder
	for _, d := range doors {
		address := testbed.FreeAddress(t)
		g.urls[d] = "https://" + address
		fmt.Fprintf(&receivers, "  pushgateway/%s:\n    endpoint: %s\n    tls: {cert_file: %s, key_file: %s%s}\n%s",
			d, address, g.file("server.pem"), g.file("server.key"), map[door]string{mtlsDoor: ", client_ca_file: " + g.file(clientsCA+".pem")}[d],
			map[door]string{
				basicDoor:     "    auth: {authenticator: basicauth}\n",
				tokenDoor:     "    auth: {authenticator: bearertokenauth}\n",
				tokenFileDoor: "    auth: {authenticator: bearertokenauth/file}\n",
			}[d])
	}
	c := testbed.StartCollectorWith(t, g.config(receivers.String()))
	g.Process = c.Process
	client := g.httpClient(t, credential{certificate: goodCert})
	for _, d := range doors {
		testbed.WaitUntilReady(t, c.Process, client, g.urls[d]+"/-/ready", testbed.ToStart)
	}
	return g
}

func (g gateway) config(receivers string) string {
	return fmt.Sprintf(`
extensions:
  basicauth:
    htpasswd: {file: %s}
  bearertokenauth:
    tokens: [%s, %s]
  bearertokenauth/file:
    filename: %s
receivers:
  pushgateway:
    endpoint: ${env:PUSHGATEWAY_ENDPOINT}
%sexporters:
  otlp_http:
    endpoint: %s
    sending_queue: {enabled: false}
service:
  extensions: [basicauth, bearertokenauth, bearertokenauth/file]
  pipelines:
    metrics:
      receivers: [pushgateway, pushgateway/tls, pushgateway/mtls, pushgateway/basic, pushgateway/token, pushgateway/tokenfile]
      exporters: [otlp_http]
`, g.file("htpasswd"), token, secondToken, g.file(tokenFile), receivers, g.sink.URL)
}

// requireArrived requires that a push of the job has arrived, and nothing else; of the job "" that nothing has.
func (g gateway) requireArrived(t *testing.T, job string) {
	t.Helper()
	exports := g.sink.Take()
	if job == "" {
		require.Empty(t, exports, "a push that is refused has arrived")
		return
	}
	require.Len(t, exports, 1)
	assert.Equal(t, []string{job}, exports[0].ResourceAttributes("service.name"))
}
