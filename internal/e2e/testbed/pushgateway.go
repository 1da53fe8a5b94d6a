package testbed

import (
	"net/http"
	"os/exec"
	"testing"
)

// A Pushgateway is a running Prometheus Pushgateway: the one in the PATH, which is Debian's.
type Pushgateway struct {
	*Process
	URL string
}

// StartPushgateway runs a Pushgateway without data.
func StartPushgateway(t *testing.T, args ...string) *Pushgateway {
	t.Helper()
	path, err := exec.LookPath("prometheus-pushgateway")
	if err != nil {
		t.Fatal("prometheus-pushgateway is not installed: `make deps` installs it")
	}
	address := FreeAddress(t)
	p := &Pushgateway{URL: "http://" + address}
	p.Process = StartProcess(t, exec.Command(path, append([]string{
		"--web.listen-address=" + address, "--log.level=error",
		"--persistence.file=", // Debian's keeps what was pushed from one run to the next
	}, args...)...))
	WaitUntilReady(t, p.Process, http.DefaultClient, p.URL+"/-/ready", ToStart)
	return p
}
