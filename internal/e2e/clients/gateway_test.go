package clients

import (
	"crypto/tls"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

const (
	username   = "user"
	password   = "right"
	pathPrefix = "/pushgateway"
)

// A door is a way to be reached; there is one receiver and one Pushgateway for each.
type door int

const (
	plainDoor    door = iota
	deletesDoor       // answers DELETE with 202, as the Pushgateway always does
	lenientDoor       // takes CR LF; the Pushgateway never does
	prefixDoor        // under a path
	passwordDoor      // wants a password
	tlsDoor           // wants a password over TLS
)

// A server takes pushes and can say what arrived.
type server struct {
	urls [tlsDoor + 1]string
	// deletes: what is deleted is gone.
	deletes bool
	// arrived returns what there is of a job behind a door.
	arrived func(t *testing.T, d door, job string) arrival
}

// credentials are files that both servers use.
type credentials struct {
	dir    string
	hash   string       // of the password
	client *http.Client // trusts the certificate and sends the password
}

func writeCredentials(t *testing.T) credentials {
	t.Helper()
	dir := t.TempDir()
	c := credentials{dir: dir, hash: testbed.PasswordHash(t, password), client: &http.Client{Transport: authenticated{&http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: testbed.WriteCertificate(t, dir), MinVersion: tls.VersionTLS12},
	}}}}
	require.NoError(t, os.WriteFile(c.file("htpasswd"), []byte(username+":"+c.hash+"\n"), 0o600))
	return c
}

func (c credentials) file(name string) string { return filepath.Join(c.dir, name) }

// authenticated sends the password with every request.
type authenticated struct{ http.RoundTripper }

func (a authenticated) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.SetBasicAuth(username, password)
	return a.RoundTripper.RoundTrip(req)
}

// collectorConfig has a receiver for each door. Without a queue, 200 means that Prometheus has the push.
const collectorConfig = `
extensions:
  basicauth/server:
    htpasswd:
      file: ${env:HTPASSWD_FILE}
receivers:
  pushgateway:
    endpoint: ${env:PUSHGATEWAY_ENDPOINT}
  pushgateway/deletes:
    endpoint: ${env:DELETES_ENDPOINT}
    on_delete: accept
  pushgateway/lenient:
    endpoint: ${env:LENIENT_ENDPOINT}
    lenient: true
  pushgateway/password:
    endpoint: ${env:PASSWORD_ENDPOINT}
    auth:
      authenticator: basicauth/server
  pushgateway/tls:
    endpoint: ${env:TLS_ENDPOINT}
    auth:
      authenticator: basicauth/server
    tls:
      cert_file: ${env:TLS_CERT_FILE}
      key_file: ${env:TLS_KEY_FILE}
exporters:
  otlp_http:
    endpoint: ${env:OTLP_ENDPOINT}
    sending_queue:
      enabled: false
service:
  extensions: [basicauth/server]
  pipelines:
    metrics:
      receivers: [pushgateway, pushgateway/deletes, pushgateway/lenient, pushgateway/password, pushgateway/tls]
      exporters: [otlp_http]
`

// startReceiver runs the collector, with Prometheus behind it.
func startReceiver(t *testing.T, c credentials) server {
	t.Helper()
	p := testbed.StartPrometheus(t)
	config := c.file("collector.yaml")
	require.NoError(t, os.WriteFile(config, []byte(collectorConfig), 0o600))
	s := server{arrived: func(t *testing.T, _ door, job string) arrival {
		t.Helper()
		series, types := p.Query(t, `{job=`+strconv.Quote(job)+`}`)
		return newArrival(series, types)
	}}
	env := []string{
		"OTLP_ENDPOINT=" + p.OTLPURL(), "HTPASSWD_FILE=" + c.file("htpasswd"),
		"TLS_CERT_FILE=" + c.file("cert.pem"), "TLS_KEY_FILE=" + c.file("key.pem"),
	}
	for d, variable := range map[door]string{
		deletesDoor: "DELETES_ENDPOINT", lenientDoor: "LENIENT_ENDPOINT", passwordDoor: "PASSWORD_ENDPOINT", tlsDoor: "TLS_ENDPOINT",
	} {
		address := testbed.FreeAddress(t)
		env = append(env, variable+"="+address)
		s.urls[d] = "http://" + address
	}
	s.urls[tlsDoor] = strings.Replace(s.urls[tlsDoor], "http:", "https:", 1)
	collector := testbed.StartCollector(t, testbed.CollectorSettings{Config: config, Env: env})
	s.urls[plainDoor] = collector.URL
	s.urls[prefixDoor] = collector.URL + pathPrefix
	for d, url := range s.urls {
		if door(d) != prefixDoor {
			testbed.WaitUntilReady(t, collector.Process, c.client, url+"/-/ready", testbed.ToStart)
		}
	}
	return s
}

// startPushgateways runs Pushgateways that have nothing. Each client gets new ones: they refuse metrics whose types
// differ from those of another push.
func startPushgateways(t *testing.T, c credentials) server {
	t.Helper()
	webConfig := func(name, settings string) string {
		text := settings + "basic_auth_users: {" + username + ": '" + c.hash + "'}\n"
		require.NoError(t, os.WriteFile(c.file(name), []byte(text), 0o600))
		return "--web.config.file=" + c.file(name)
	}
	plain := startPushgateway(t, c, "http://%s")
	s := server{deletes: true, urls: [tlsDoor + 1]string{
		plainDoor: plain, deletesDoor: plain, lenientDoor: plain,
		prefixDoor:   startPushgateway(t, c, "http://%s"+pathPrefix, "--web.route-prefix="+pathPrefix),
		passwordDoor: startPushgateway(t, c, "http://%s", webConfig("password.yaml", "")),
		tlsDoor: startPushgateway(t, c, "https://%s", webConfig("tls.yaml",
			"tls_server_config: {cert_file: "+c.file("cert.pem")+", key_file: "+c.file("key.pem")+"}\n")),
	}}
	s.arrived = func(t *testing.T, d door, job string) arrival {
		t.Helper()
		return onPage(t, testbed.Get(t, c.client, s.urls[d]+"/metrics"), job)
	}
	return s
}

// startPushgateway returns the address of a Pushgateway that has nothing.
func startPushgateway(t *testing.T, c credentials, url string, args ...string) string {
	t.Helper()
	return testbed.StartPushgatewayWith(t, testbed.PushgatewaySettings{URL: url, Client: c.client, Args: args}).URL
}
