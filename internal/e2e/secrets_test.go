package e2e

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// All secrets begin with hushed, which in base64, behind a user of two letters and a colon, is the second text.
const (
	hushed       = "hushed"
	hushedBase64 = "aHVzaGVk"
	// hushedScript is as long as the script: a protobuf keeps its lengths.
	hushedScript = "<hushed>hushed()</hushed>"
)

// secretsConfig logs all that it can, and has secrets of its own.
const secretsConfig = `
extensions:
  basicauth:
    htpasswd: {file: "${env:HTPASSWD_FILE}"}
  bearertokenauth:
    token: hushed-token
  bearertokenauth/query:
    header: token
    scheme: ""
    token: hushed-query
receivers:
  pushgateway:
    endpoint: ${env:PUSHGATEWAY_ENDPOINT}
    include_metadata: true
  pushgateway/basic:
    endpoint: ${env:BASIC_ENDPOINT}
    include_metadata: true
    auth: {authenticator: basicauth}
  pushgateway/token:
    endpoint: ${env:TOKEN_ENDPOINT}
    include_metadata: true
    auth: {authenticator: bearertokenauth}
  pushgateway/query:
    endpoint: ${env:QUERY_ENDPOINT}
    include_metadata: true
    auth: {authenticator: bearertokenauth/query, request_params: [token]}
  pushgateway/away:
    endpoint: ${env:AWAY_ENDPOINT}
    include_metadata: true
exporters:
  nop:
  otlp_http:
    endpoint: http://${env:NOWHERE}
    headers: {Authorization: Bearer hushed-backend}
    sending_queue: {enabled: false}
    retry_on_failure: {enabled: false}
service:
  extensions: [basicauth, bearertokenauth, bearertokenauth/query]
  telemetry:
    logs:
      level: debug
      sampling: {enabled: false} # which leaves most out of many lines that are alike
  pipelines:
    metrics:
      receivers: [pushgateway, pushgateway/basic, pushgateway/token, pushgateway/query]
      exporters: [nop]
    metrics/away:
      receivers: [pushgateway/away]
      exporters: [otlp_http]
`

func inBasic(userAndPassword string) string {
	return "Authorization: Basic " + base64.StdEncoding.EncodeToString([]byte(userAndPassword))
}

// A secretCase is a request with a secret.
type secretCase struct {
	name    string
	to      string // the receiver
	request rawRequest
	want    string // status
	// quoted: the answer may quote the secret to the one who sent it.
	quoted bool
}

// secretCases have it where users put one, and where they put one by mistake.
var secretCases = []secretCase{
	{"the right password", "basic", rawRequest{headers: []string{inBasic("us:hushed-right")}}, "200", false},
	{"a wrong password", "basic", rawRequest{headers: []string{inBasic("us:hushed-wrong")}}, "401", false},
	{"a secret user", "basic", rawRequest{headers: []string{inBasic("hushed:wrong")}}, "401", false},
	{"a password without a colon", "basic", rawRequest{headers: []string{inBasic("hushed")}}, "401", false},
	{"a password that is not in base64", "basic", rawRequest{headers: []string{"Authorization: Basic us:hushed-right"}}, "401", false},
	{"a password without a scheme", "basic", rawRequest{headers: []string{"Authorization: hushed-right"}}, "401", false},
	{"a password with another scheme", "basic", rawRequest{headers: []string{"Authorization: Hushed us:hushed-right"}}, "401", false},
	{"a password twice", "basic", rawRequest{headers: []string{inBasic("us:hushed-wrong"), inBasic("us:hushed-right")}}, "401", false},
	{"a password for a proxy", "basic", rawRequest{headers: []string{"Proxy-" + inBasic("us:hushed-right")}}, "401", false},
	{"a wrong password for no path", "basic", rawRequest{target: "/hush?token=hushed", headers: []string{inBasic("us:hushed-wrong")}}, "401", false},
	{"the right password with a bad body", "basic", rawRequest{headers: []string{inBasic("us:hushed-right")}, body: "m\n"}, "400", false},
	{"the right password for no path", "basic", rawRequest{target: "/hush", headers: []string{inBasic("us:hushed-right")}}, "404", false},

	{"the right token", "token", rawRequest{headers: []string{"Authorization: Bearer hushed-token"}}, "200", false},
	{"a wrong token", "token", rawRequest{headers: []string{"Authorization: Bearer hushed-wrong"}}, "401", false},
	{"a token without its scheme", "token", rawRequest{headers: []string{"Authorization: hushed-token"}}, "401", false},
	{"a token as a password", "token", rawRequest{headers: []string{inBasic("us:hushed-token")}}, "401", false},
	{"a token in the query that nobody looks for", "token", rawRequest{target: goodPath + "?token=hushed-token"}, "401", false},

	{"the right token in the query", "query", rawRequest{target: goodPath + "?token=hushed-query"}, "200", false},
	{"a wrong token in the query", "query", rawRequest{target: goodPath + "?token=hushed-wrong"}, "401", false},
	{"the right token in the query with a bad body", "query", rawRequest{target: goodPath + "?token=hushed-query", body: "m\n"}, "400", false},

	{"credentials that nobody asks for", "", rawRequest{headers: []string{inBasic("us:hushed"), "Cookie: session=hushed", "X-Api-Key: hushed"}}, "200", false},
	{"they come with a bad body", "", rawRequest{headers: []string{inBasic("us:hushed"), "Cookie: session=hushed", "X-Scope-OrgID: hushed"}, body: "m\n"}, "400", false},
	{"they come with a bad path", "", rawRequest{target: "/hush?token=hushed&x=hushed", headers: []string{"Cookie: session=hushed"}}, "404", false},
	{"they come with a bad method", "", rawRequest{method: "PATCH", target: goodPath + "?token=hushed", headers: []string{"Cookie: session=hushed"}}, "405", false},
	{"a query where the body is bad", "", rawRequest{target: goodPath + "?password=hushed", body: "m\n"}, "400", false},
	{"a query that cannot be parsed", "", rawRequest{target: goodPath + "?hushed=%zz;hushed", body: "m\n"}, "400", false},
	{"user and password in the URL", "", rawRequest{target: "http://us:hushed@pushgateway" + goodPath, body: "m\n"}, "400", false},
	{"a Content-Type", "", rawRequest{headers: []string{"Content-Type: text/plain; boundary=hushed"}, body: "m\n"}, "400", false},

	{"a label in a bad line", "", rawRequest{body: "m{password=\"hushed\"} x\n"}, "400", true},
	{"a value in a bad line", "", rawRequest{body: "password hushed\n"}, "400", true},
	{"a label twice", "", rawRequest{body: "m{l=\"hushed\"} 1\nm{l=\"hushed\"} 2\n"}, "400", true},
	{"a name in OpenMetrics", "", rawRequest{headers: []string{"Content-Type: application/openmetrics-text"}, body: "hushed 1\nhushed 2\n# EOF\n"}, "400", true},
	{"a name in protobuf", "", rawRequest{headers: []string{"Content-Type: " + testbed.ProtobufType}, body: "\x09\x0a\x06hushed\x18\x07"}, "400", true},
	{"a bucket", "", rawRequest{body: "# TYPE h histogram\nh_bucket{le=\"hushed\"} 1\n"}, "400", true},
	{"a Content-Encoding", "", rawRequest{headers: []string{"Content-Encoding: hushed"}, body: "m 1\n"}, "415", true},
	{"a body that is no gzip", "", rawRequest{headers: []string{"Content-Encoding: gzip"}, body: "hushed"}, "400", false},

	{"with the backend away", "away", rawRequest{headers: []string{inBasic("us:hushed"), "Cookie: session=hushed"}, body: "m{l=\"hushed\"} 1\n"}, "503", false},
}

// bodySecrets are the bodies of TestErrorBodies that have the secret in the place of the script.
func bodySecrets(t *testing.T) []secretCase {
	bodies := map[string][]string{"text/plain": badBodies, "application/openmetrics-text": badOpenMetrics}
	for _, body := range badProtobuf(t) {
		bodies[testbed.ProtobufType] = append(bodies[testbed.ProtobufType], body)
	}
	var cases []secretCase
	for contentType, all := range bodies {
		for i, body := range all {
			cases = append(cases, secretCase{name: fmt.Sprintf("%s %d", contentType, i), want: "400", quoted: true,
				request: rawRequest{headers: []string{"Content-Type: " + contentType}, body: strings.ReplaceAll(body, script, hushedScript)}})
		}
	}
	return cases
}

func TestSecrets(t *testing.T) {
	htpasswd := filepath.Join(t.TempDir(), "htpasswd")
	require.NoError(t, os.WriteFile(htpasswd, []byte("us:"+testbed.PasswordHash(t, "hushed-right")+"\n"), 0o600))
	c, addresses := startReceivers(t, secretsConfig, []string{"HTPASSWD_FILE=" + htpasswd, "NOWHERE=" + testbed.FreeAddress(t)},
		"basic", "token", "query", "away")
	refused := 0
	for _, tt := range append(bodySecrets(t), secretCases...) {
		t.Run(tt.name, func(t *testing.T) {
			answer := tt.request.send(t, addresses[tt.to])
			require.Equal(t, "HTTP/1.1 "+tt.want, answer[:min(len(answer), len("HTTP/1.1 200"))])
			head, _, _ := strings.Cut(answer, "\r\n\r\n")
			assertNoSecret(t, head)
			if !tt.quoted {
				assertNoSecret(t, answer)
			}
		})
		if tt.want != "200" {
			refused++
		}
	}
	c.Stop(t)
	log := c.Written()
	assert.Equal(t, refused, strings.Count(log, "Refused a request"), "every refusal is in the log at this level")
	assert.Contains(t, log, fmt.Sprintf("%q: %q", "path", goodPath), "the log has the path")
	assert.Contains(t, log, `it has label \"...\" twice`, "the log says what is wrong")
	for line := range strings.Lines(log) {
		assertNoSecret(t, line)
	}
}

func assertNoSecret(t *testing.T, text string) {
	t.Helper()
	assert.NotContains(t, strings.ToLower(text), hushed)
	assert.NotContains(t, text, hushedBase64)
}
