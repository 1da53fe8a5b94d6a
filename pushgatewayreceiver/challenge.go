package pushgatewayreceiver

import "go.opentelemetry.io/collector/config/confighttp"

// challenges are those of the authenticators by their types, as an authenticator does not say what it wants.
var challenges = map[string]string{ //nolint:gosec // these ask for a password, they are none
	"basicauth":       `Basic realm="pushgateway", charset="UTF-8"`,
	"bearertokenauth": `Bearer realm="pushgateway"`,
	"oidc":            `Bearer realm="pushgateway"`,
}

// challengeOf returns what asks a client of the server to authenticate (RFC 9110, section 11.6.1), or nothing if that is not known.
func challengeOf(server *confighttp.ServerConfig) string {
	if !server.Auth.HasValue() {
		return ""
	}
	return challenges[server.Auth.Get().Config.AuthenticatorID.Type().String()]
}
