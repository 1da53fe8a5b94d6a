package browser

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// config is a collector with a page. The settings are those of the page, the exporter is one that needs none.
func config(settings, exporter string) string {
	return fmt.Sprintf(`
receivers:
  pushgateway:
    endpoint: ${env:PUSHGATEWAY_ENDPOINT}
    max_request_body_size: 65536
    status_page: {show_excerpts: true%s}
exporters:
  nop:
  otlp_http/away:
    endpoint: http://127.0.0.1:1
    sending_queue: {enabled: false}
    retry_on_failure: {enabled: false}
service:
  pipelines:
    metrics:
      receivers: [pushgateway]
      exporters: [%s]
`, settings, exporter)
}

// look runs a scenario of the program.
func look(t *testing.T, scenario, pageURL, pushURL string, args ...string) {
	t.Helper()
	const enough = 4 * time.Minute // the program itself gives up earlier
	ctx, cancel := context.WithTimeout(t.Context(), enough)
	defer cancel()
	program := filepath.Join(testbed.Repository, "bin", "browser", "main.js")
	out, err := exec.CommandContext(ctx, "node", append([]string{program, scenario, pageURL, pushURL}, args...)...).CombinedOutput()
	require.NoErrorf(t, err, "%s wrote: %s; `make test-browser` installs what is needed", scenario, out)
}

// Each scenario has a collector to which nothing was pushed.
func TestPage(t *testing.T) {
	for _, scenario := range []string{
		"emptyPage", "search", "refusals", "hostile", "keyboard", "withoutScript", "serverAway", "prefix",
		"lightScreen", "darkScreen", "lightTablet", "darkTablet", "lightPhone", "darkPhone",
	} {
		t.Run(scenario, func(t *testing.T) {
			c := testbed.StartCollectorWith(t, config("", "nop"))
			look(t, scenario, c.URL+"/", c.URL)
		})
	}
}

// What the page says of pushes that the pipeline did not take.
func TestPipelineThatFails(t *testing.T) {
	c := testbed.StartCollectorWith(t, config("", "otlp_http/away"))
	look(t, "failed", c.URL+"/", c.URL)
}

// A page at an address of its own says where to push.
func TestPageAtAnAddressOfItsOwn(t *testing.T) {
	address := testbed.FreeAddress(t)
	c := testbed.StartCollectorWith(t, config(fmt.Sprintf(`, server: {endpoint: "%s"}`, address), "nop"))
	for _, scenario := range []string{"emptyPage", "refusals"} {
		look(t, scenario, "http://"+address+"/", c.URL)
	}
}
