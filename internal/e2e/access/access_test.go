package access

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func basic(userAndPassword string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(userAndPassword))
}

// accessCases are for all clients.
var accessCases = []struct {
	name string
	to   door
	with credential
	want string
}{
	{"TLS", tlsDoor, credential{}, accepted},
	{"TLS, by a client that does not trust the server", tlsDoor, credential{distrusts: true}, refused},

	{"a certificate", mtlsDoor, credential{certificate: goodCert}, accepted},
	{"no certificate", mtlsDoor, credential{}, refused},
	{"a certificate of another authority", mtlsDoor, credential{certificate: foreignCert}, refused},
	{"a certificate that has expired", mtlsDoor, credential{certificate: expiredCert}, refused},
	{"a password instead of a certificate", mtlsDoor, credential{username: username, password: password}, refused},

	{"the password", basicDoor, credential{username: username, password: password}, accepted},
	{"no password", basicDoor, credential{}, unauthorized},
	{"a wrong password", basicDoor, credential{username: username, password: "wrong"}, unauthorized},
	{"the beginning of its hash", basicDoor, credential{username: username, password: "$2a$04$"}, unauthorized},
	{"a user that is not there", basicDoor, credential{username: "nobody", password: password}, unauthorized},
	{"a password without a user", basicDoor, credential{authorization: basic(":" + password)}, unauthorized},
	{"a user without a colon", basicDoor, credential{authorization: basic(username)}, unauthorized},
	{"a password that is not in base64", basicDoor, credential{authorization: "Basic " + username + ":" + password}, unauthorized},
	{"a token instead of a password", basicDoor, credential{authorization: "Bearer " + token}, unauthorized},

	{"the token", tokenDoor, credential{authorization: "Bearer " + token}, accepted},
	{"the other token", tokenDoor, credential{authorization: "Bearer " + secondToken}, accepted},
	{"no token", tokenDoor, credential{}, unauthorized},
	{"a wrong token", tokenDoor, credential{authorization: "Bearer wrong"}, unauthorized},
	{"the beginning of the token", tokenDoor, credential{authorization: "Bearer " + token[:len(token)-1]}, unauthorized},
	{"the token without its scheme", tokenDoor, credential{authorization: token}, unauthorized},
	{"both tokens", tokenDoor, credential{authorization: "Bearer " + token + ", Bearer " + secondToken}, unauthorized},
	{"the token as a password", tokenDoor, credential{username: username, password: token}, unauthorized},
}

func TestAccess(t *testing.T) {
	g := startGateway(t)
	for _, client := range clients {
		t.Run(client.name, func(t *testing.T) {
			for i, tt := range accessCases {
				t.Run(tt.name, func(t *testing.T) {
					job := fmt.Sprintf("access%d", i)
					assert.Equal(t, tt.want, client.push(t, g, g.urls[tt.to], job, tt.with))
					if tt.want != accepted {
						job = ""
					}
					g.requireArrived(t, job)
				})
			}
		})
	}
	t.Run("a token is replaced", func(t *testing.T) { testTokenIsReplaced(t, g) })
	t.Run("TLS versions", func(t *testing.T) { testVersions(t, g) })
	t.Run("HTTP without TLS", func(t *testing.T) { testWithoutTLS(t, g) })
	t.Run("what is asked for", func(t *testing.T) { testChallenge(t, g) })
	t.Run("health checks", func(t *testing.T) { testHealthChecks(t, g) })
	g.Stop(t)
	for line := range strings.Lines(g.Written()) {
		// bearertokenauth warns so if the kernel was first to drop the watch of the file that was replaced; it reads it all the same.
		if !strings.Contains(line, "failed to remove watcher") {
			assert.NotRegexp(t, "\t(warn|error)\t", line, "clients that are refused are no trouble of ours")
		}
	}
}
