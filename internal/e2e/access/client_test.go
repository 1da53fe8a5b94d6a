package access

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
	"github.com/stretchr/testify/require"
)

// A credential is what a client shows, and whether it believes what it is shown.
type credential struct {
	distrusts          bool   // the authority of the server's certificate
	certificate        string // empty: none
	username, password string
	authorization      string // the whole header
}

// What a client says came of a push: a status, or that there was no answer.
const (
	accepted     = "200"
	unauthorized = "401"
	refused      = "refused"
)

// clients push a metric for a job, and say what came of it.
var clients = []struct {
	name string
	push func(t *testing.T, g gateway, url, job string, c credential) string
}{
	{"curl", byCurl},
	{"wget", byWget},
	{"client_golang (Go)", byClientGolang},
	{"prometheus_client (Python)", byProgram("/usr/bin/python3", "push.py")},
	{"HTTP::Tiny (Perl)", byProgram("/usr/bin/perl", "push.pl")},
}

const body = "m 1\n"

func byCurl(t *testing.T, g gateway, url, job string, c credential) string {
	t.Helper()
	args := []string{"-sS", "--data-binary", body, "-o", filepath.Join(t.TempDir(), "answer"), "-w", "%{http_code}"}
	if !c.distrusts {
		args = append(args, "--cacert", g.file(serverCA+".pem"))
	}
	if c.certificate != "" {
		args = append(args, "--cert", g.file(c.certificate+".pem"), "--key", g.file(c.certificate+".key"))
	}
	if c.username != "" {
		args = append(args, "-u", c.username+":"+c.password)
	}
	if c.authorization != "" {
		args = append(args, "-H", "Authorization: "+c.authorization)
	}
	out := run(t, nil, "curl", append(args, url+"/metrics/job/"+job)...)
	if status := out[max(0, len(out)-3):]; status != "000" {
		return status
	}
	return refused
}

func byWget(t *testing.T, g gateway, url, job string, c credential) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "body")
	require.NoError(t, os.WriteFile(file, []byte(body), 0o600))
	args := []string{"--tries=1", "--server-response", "--auth-no-challenge", "--output-document=-", "--post-file=" + file}
	if !c.distrusts {
		args = append(args, "--ca-certificate="+g.file(serverCA+".pem"))
	}
	if c.certificate != "" {
		args = append(args, "--certificate="+g.file(c.certificate+".pem"), "--private-key="+g.file(c.certificate+".key"))
	}
	if c.username != "" {
		args = append(args, "--user="+c.username, "--password="+c.password)
	}
	if c.authorization != "" {
		args = append(args, "--header=Authorization: "+c.authorization)
	}
	out := run(t, nil, "wget", append(args, url+"/metrics/job/"+job)...)
	if status := regexp.MustCompile(`HTTP/1\.1 ([0-9]{3})`).FindStringSubmatch(out); status != nil {
		return status[1]
	}
	return refused
}

func byClientGolang(t *testing.T, g gateway, url, job string, c credential) string {
	t.Helper()
	client := g.httpClient(t, c)
	defer client.CloseIdleConnections()
	pusher := push.New(url, job).Client(client).Collector(prometheus.NewGauge(prometheus.GaugeOpts{Name: "m"}))
	if c.username != "" {
		pusher.BasicAuth(c.username, c.password)
	}
	if c.authorization != "" {
		pusher.Header(http.Header{"Authorization": {c.authorization}})
	}
	err := pusher.Push()
	if err == nil {
		return accepted
	}
	if status := regexp.MustCompile(`unexpected status code ([0-9]{3})`).FindStringSubmatch(err.Error()); status != nil {
		return status[1]
	}
	return refused
}

func (g gateway) httpClient(t *testing.T, c credential) *http.Client {
	t.Helper()
	settings := &tls.Config{MinVersion: tls.VersionTLS12}
	if !c.distrusts {
		text, err := os.ReadFile(g.file(serverCA + ".pem"))
		require.NoError(t, err)
		settings.RootCAs = x509.NewCertPool()
		require.True(t, settings.RootCAs.AppendCertsFromPEM(text))
	}
	if c.certificate != "" {
		pair, err := tls.LoadX509KeyPair(g.file(c.certificate+".pem"), g.file(c.certificate+".key"))
		require.NoError(t, err)
		// It is sent whatever authorities the server names, as by the other clients.
		settings.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
	}
	return &http.Client{Transport: &http.Transport{TLSClientConfig: settings}}
}

// byProgram runs a program that prints the status, or refused.
func byProgram(interpreter, program string) func(*testing.T, gateway, string, string, credential) string {
	return func(t *testing.T, g gateway, url, job string, c credential) string {
		t.Helper()
		env := []string{"PUSH_USERNAME=" + c.username, "PUSH_PASSWORD=" + c.password, "PUSH_AUTHORIZATION=" + c.authorization}
		if !c.distrusts {
			env = append(env, "SSL_CERT_FILE="+g.file(serverCA+".pem"))
		}
		if c.certificate != "" {
			env = append(env, "PUSH_CERT_FILE="+g.file(c.certificate+".pem"), "PUSH_KEY_FILE="+g.file(c.certificate+".key"))
		}
		return strings.TrimSpace(run(t, env, interpreter, program, url, job))
	}
}

// run returns what a program writes, even if it fails. If it cannot be run at all, the test fails.
func run(t *testing.T, env []string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	if !errors.As(err, new(*exec.ExitError)) {
		require.NoError(t, err, "`make test-clients` installs all clients")
	}
	return string(out)
}
