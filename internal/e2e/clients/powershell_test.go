package clients

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const powerShellNote = "There is no PowerShell where the tests run: they imitate what `Invoke-RestMethod` sends. What it shows of a " +
	"refusal, and TLS, are not tested. A here-string in a script with Windows line ends has CR LF in it: write " +
	"``$body -replace \"`r`n\", \"`n\"``, or set `lenient: true` in the receiver. The last line needs its line end, too. With " +
	"`-ContentType 'text/plain; charset=utf-8'` the body is UTF-8. `-Credential` sends the password when asked for it, so each push goes twice. " +
	"Encode values with `[uri]::EscapeDataString`."

// formType is what Invoke-RestMethod -Method Post announces if it is not told a content type.
const formType = "application/x-www-form-urlencoded"

// powerShell7 and windowsPowerShell send what Invoke-RestMethod sends.
func powerShell7(t *testing.T, r request) string {
	return pushAsPowerShell(t, r, http.Header{
		"User-Agent":      {"Mozilla/5.0 (Windows NT 10.0; Microsoft Windows 10.0.19045; en-US) PowerShell/7.4.6"},
		"Accept-Encoding": {"gzip, deflate, br"},
	})
}

func windowsPowerShell(t *testing.T, r request) string {
	return pushAsPowerShell(t, r, http.Header{
		"User-Agent": {"Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.1"},
		"Expect":     {"100-continue"},
		"Connection": {"Keep-Alive"},
	})
}

// powerShellBody is what a here-string holds, with the line end that is added behind it.
const powerShellBody = `# TYPE backup_files_total counter
backup_files_total 3
# TYPE backup_size_bytes gauge
backup_size_bytes{disk="sda"} 4096
`

func pushAsPowerShell(t *testing.T, r request, header http.Header) string {
	t.Helper()
	method := map[string]string{"push": http.MethodPut, "add": http.MethodPost, "delete": http.MethodDelete}[r.operation]
	body := powerShellBody
	switch {
	case method == http.MethodDelete:
		body = ""
		header.Del("Expect")
	case slices.Contains(r.env, "PUSH_CRLF=1"):
		body = strings.ReplaceAll(body, "\n", "\r\n")
	}
	address := r.url + "/metrics/job/" + url.PathEscape(r.job)
	for _, part := range r.grouping {
		address += "/" + url.PathEscape(part)
	}
	if method == http.MethodPost {
		header.Set("Content-Type", formType)
	}
	req, err := http.NewRequest(method, address, strings.NewReader(body))
	require.NoError(t, err)
	req.Header = header
	// -Credential has to be asked for; a header is there at once.
	withPassword, onDemand := slices.Contains(r.env, "PUSH_USERNAME="+username), slices.Contains(r.env, "PUSH_ON_DEMAND=1")
	if withPassword && !onDemand {
		req.SetBasicAuth(username, password)
	}
	status, answer, challenge := send(t, req)
	if withPassword && onDemand && status == http.StatusUnauthorized && strings.HasPrefix(challenge, "Basic") {
		req.Body = io.NopCloser(strings.NewReader(body))
		req.SetBasicAuth(username, password)
		status, answer, _ = send(t, req)
	}
	if status/100 != 2 {
		return fmt.Sprintf("%s %d %s", saidError, status, answer)
	}
	return saidOK
}

func send(t *testing.T, req *http.Request) (status int, answer, challenge string) {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(text), res.Header.Get("WWW-Authenticate")
}
