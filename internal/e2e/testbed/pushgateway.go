package testbed

import (
	"cmp"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"testing"
)

// A Pushgateway is a running Prometheus Pushgateway: the one in the PATH, which is Debian's.
type Pushgateway struct {
	*Process
	URL     string
	address string
}

// PushgatewaySettings say how to start a Pushgateway, and how to reach it.
type PushgatewaySettings struct {
	URL    string       // with %s for the address; empty: http://%s
	Client *http.Client // nil: http.DefaultClient
	Args   []string
	// Address is where to serve, as an earlier one did. Empty: at a free address.
	Address string
	// Persistence is the file that it begins with, and writes when it is asked to stop. Empty: none.
	Persistence string
}

// StartPushgateway runs a Pushgateway without data.
func StartPushgateway(t *testing.T, args ...string) *Pushgateway {
	t.Helper()
	return StartPushgatewayWith(t, PushgatewaySettings{Args: args})
}

// StartPushgatewayWith runs a Pushgateway with settings.
func StartPushgatewayWith(t *testing.T, s PushgatewaySettings) *Pushgateway {
	t.Helper()
	path, err := exec.LookPath("prometheus-pushgateway")
	if err != nil {
		t.Fatal("prometheus-pushgateway is not installed: `make deps` installs it")
	}
	p := &Pushgateway{address: s.Address}
	if p.address == "" {
		p.address = FreeAddress(t)
	}
	p.URL = fmt.Sprintf(cmp.Or(s.URL, "http://%s"), p.address)
	p.Process = StartProcess(t, exec.Command(path, append([]string{
		"--web.listen-address=" + p.address, "--log.level=error",
		"--persistence.file=" + s.Persistence, // without this flag Debian's keeps what was pushed from one run to the next
	}, s.Args...)...))
	WaitUntilReady(t, p.Process, cmp.Or(s.Client, http.DefaultClient), p.URL+"/-/ready", ToStart)
	return p
}

// ScrapeConfig is a configuration of Prometheus that scrapes the Pushgateway every second, as its README says.
func (p *Pushgateway) ScrapeConfig() string {
	return strings.ReplaceAll(`
global: {scrape_interval: 1s}
scrape_configs:
  - job_name: pushgateway
    honor_labels: true
    static_configs: [{targets: ["ADDRESS"]}]
`, "ADDRESS", p.address)
}
