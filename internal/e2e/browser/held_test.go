package browser

import (
	"fmt"
	"strings"
	"testing"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// holding is config with groups.
func holding(settings string) string {
	return strings.Replace(config(settings, "nop"), "    status_page:", "    groups: {}\n    status_page:", 1)
}

// Each scenario has a collector to which nothing was pushed.
func TestHeldGroups(t *testing.T) {
	for _, scenario := range []string{
		"held", "hostileHeld", "deleteWithKeyboard", "deleteWithoutScript", "deleteFromElsewhere",
		"heldLightScreen", "heldDarkScreen", "heldLightTablet", "heldDarkTablet", "heldLightPhone", "heldDarkPhone",
	} {
		t.Run(scenario, func(t *testing.T) {
			c := testbed.StartCollectorWith(t, holding(", allow_delete: true"))
			look(t, scenario, c.URL+"/", c.URL)
		})
	}
}

func TestNothingCanBeDeletedUnlessConfigured(t *testing.T) {
	c := testbed.StartCollectorWith(t, holding(""))
	look(t, "noDelete", c.URL+"/", c.URL)
}

// By a name and without TLS, a browser says less about where a form comes from.
func TestDeleteByName(t *testing.T) {
	address := testbed.FreeAddress(t)
	server := fmt.Sprintf(`, allow_delete: true, server: {endpoint: "%s", auth: {authenticator: basicauth}}`, address)
	c := testbed.StartCollectorWith(t, strings.Replace(holding(server), "service:\n", fmt.Sprintf(`extensions:
  basicauth:
    htpasswd: {inline: "user:%s"}
service:
  extensions: [basicauth]
`, strings.ReplaceAll(testbed.PasswordHash(t, "right"), "$", "$$")), 1)) // a single one begins a variable
	_, port, _ := strings.Cut(address, ":")
	look(t, "deleteByName", "http://gateway.test:"+port+"/", c.URL)
}
