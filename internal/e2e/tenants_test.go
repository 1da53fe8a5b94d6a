package e2e

import (
	"crypto/tls"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A routed push is where a push has ended, and as whose.
type routed struct{ backend, tenant, pushedBy string }

// testTenants tests the example that has tenants: what they cannot do above all.
func testTenants(t *testing.T, config string) {
	sink, dir := testbed.StartOTLPRecorder(t), t.TempDir()
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: testbed.WriteCertificate(t, dir), MinVersion: tls.VersionTLS12}}}
	htpasswd := filepath.Join(dir, "htpasswd")
	hash := testbed.PasswordHash(t, "right")
	require.NoError(t, os.WriteFile(htpasswd, []byte("user-a:"+hash+"\nuser-b:"+hash+"\n"), 0o600))
	c := testbed.StartCollector(t, testbed.CollectorSettings{Config: config, Client: client, Env: []string{
		"TLS_CERT_FILE=" + filepath.Join(dir, "cert.pem"), "TLS_KEY_FILE=" + filepath.Join(dir, "key.pem"),
		"HTPASSWD_FILE=" + htpasswd, "OTLP_ENDPOINT=" + sink.URL,
	}})
	for _, tt := range []struct {
		name    string
		user    string
		tenants []string // values of X-Scope-OrgID
		labels  string   // grouping labels
		info    string   // labels of target_info
		want    routed
	}{
		{"a tenant", "user-a", []string{"team-a"}, "", "", routed{"team-a", "team-a", "user-a"}},
		{"another tenant", "user-b", []string{"team-b"}, "", "", routed{"team-b", "team-b", "user-b"}},
		{"the tenant of others", "user-a", []string{"team-b"}, "", "", routed{"unassigned", "team-b", "user-a"}},
		{"an unknown tenant", "user-a", []string{"team-c"}, "", "", routed{"unassigned", "team-c", "user-a"}},
		{"no tenant", "user-a", nil, "", "", routed{"unassigned", "", "user-a"}},
		{"two tenants", "user-a", []string{"team-a", "team-b"}, "", "", routed{"unassigned", "team-a;team-b", "user-a"}},
		{"a tenant as grouping label", "user-a", nil, "/tenant/team-a", "", routed{"unassigned", "", "user-a"}},
		{"another user as grouping label", "user-a", []string{"team-b"}, "/pushed_by/user-b", "", routed{"unassigned", "team-b", "user-a"}},
		{"a tenant in target_info", "user-a", nil, "", `tenant="team-a"`, routed{"unassigned", "", "user-a"}},
		{"no password", "", []string{"team-a"}, "", "", routed{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			args := []string{"--data-binary", "@-", "--cacert", filepath.Join(dir, "cert.pem")}
			wantStatus := "401"
			if tt.user != "" {
				args, wantStatus = append(args, "-u", tt.user+":right"), "200"
			}
			for _, tenant := range tt.tenants {
				args = append(args, "-H", "X-Scope-OrgID: "+tenant)
			}
			sink.Take()
			status, body := testbed.Curl(t, "target_info{"+tt.info+"} 1\nm 1\n", append(args, c.URL+"/metrics/job/tenants"+tt.labels)...)
			require.Equal(t, wantStatus, status, body)
			exports := sink.Take()
			if tt.want == (routed{}) {
				assert.Empty(t, exports)
				return
			}
			require.Len(t, exports, 1, "a push belongs to one tenant")
			got := routed{backend: exports[0].Header.Get("X-Scope-OrgID")}
			got.tenant, got.pushedBy = exports[0].ResourceAttributes("tenant")[0], exports[0].ResourceAttributes("pushed_by")[0]
			assert.Equal(t, tt.want, got)
		})
	}
}
