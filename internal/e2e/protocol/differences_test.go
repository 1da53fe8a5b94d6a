package protocol

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A difference names one that is wanted.
type difference string

// The wanted differences.
const (
	keepsNothing   difference = "nothing is deleted"
	nothingToShow  difference = "pages and API"
	healthChecks   difference = "health checks"
	twoPrefixes    difference = "path_prefix"
	escapedSlash   difference = "%2F"
	slashAtTheEnd  difference = "slash at the end"
	noRedirects    difference = "redirects"
	notUTF8        difference = "not UTF-8"
	utf8Names      difference = "UTF-8 names"
	emptyLabel     difference = "empty label"
	ownLabel       difference = "le and quantile in the path"
	limits         difference = "limits"
	moreEncodings  difference = "encodings"
	openMetrics    difference = "OpenMetrics"
	timestamps     difference = "timestamps"
	protobufNames  difference = "names in protobuf"
	familiesOfName difference = "families of one name"
	gaps           difference = "histograms with gaps"
	samplesOfNone  difference = "samples that say nothing"
	oddSpellings   difference = "odd spellings"
	helpNotUTF8    difference = "help texts"
	leniency       difference = "lenient"
	otherGroups    difference = "consistency"
	pushTimes      difference = "push_failure_time_seconds"
	readsOn        difference = "long bodies"
)

// differences say how the first cell of the row of the README's table begins to which each belongs, and why a client
// that worked with the Pushgateway still works.
var differences = map[difference]struct{ row, reason string }{
	keepsNothing:   {"`DELETE`", "a client that deletes must know that nothing is deleted; who does not care sets on_delete: accept"},
	nothingToShow:  {"`GET /metrics`, the web page and the API", "no client that pushes asks for them, and a scrape of a push receiver should fail loudly"},
	healthChecks:   {"health checks", "HEAD is what many load balancers send, and they have no password"},
	twoPrefixes:    {"`/pushgateway` before the path", "what serves more than it must breaks nobody"},
	escapedSlash:   {"`%2F` in the path", "Node's client means a slash, and lost the push, or pushed to another group"},
	slashAtTheEnd:  {"a slash behind a label value", "it says no more than the path without it"},
	noRedirects:    {"`//`, `.`, `..` in the path", "clients that do not follow a redirect, or follow it with GET, lost the push"},
	notUTF8:        {"what is not UTF-8 in the path", "the status is the same, and others can still push"},
	utf8Names:      {"UTF-8 names", "what was refused is accepted; name_validation: legacy is the old way"},
	emptyLabel:     {"`x` and `x{l=\"\"}`", "Prometheus would take one of the two, and nobody knows which"},
	ownLabel:       {"a grouping label `le` or `quantile` with a histogram or summary", "the Pushgateway shows a page then that Prometheus cannot read"},
	limits:         {"limits", "they are far above what jobs push"},
	moreEncodings:  {"`Content-Encoding`", "a client that sends a plain body under the name of an unknown encoding is told so"},
	openMetrics:    {"`application/openmetrics-text`", "a client that says OpenMetrics sends it, and got untyped metrics or errors for it"},
	timestamps:     {"timestamps", "what was refused is accepted; timestamps: reject is the old way"},
	protobufNames:  {"names in protobuf", "such names made the page unreadable"},
	familiesOfName: {"two protobuf families of one name", "metrics were lost silently"},
	gaps:           {"histograms with gaps in them", "a client library has none; by hand, it is a mistake"},
	samplesOfNone:  {"samples of a histogram or summary that say nothing about it", "they were lost silently"},
	oddSpellings:   {"odd spellings in text", "no client writes them"},
	helpNotUTF8:    {"help texts that are not UTF-8", "OTLP cannot carry them"},
	leniency:       {"CR LF, no newline at the end, a byte order mark", "what was refused may be accepted, but only if it is configured"},
	otherGroups:    {"consistency", "what was refused is accepted"},
	readsOn:        {"a refused push with a long body", "a client that reads the answer last gets it, where its connection was broken"},
	pushTimes:      {"`push_time_seconds`, `push_failure_time_seconds`", "a refused push can be seen whatever is wrong with it"},
}

func TestDifferences(t *testing.T) {
	used := map[difference]bool{}
	for _, topic := range topics {
		for _, c := range topic.cases(t) {
			assert.Equal(t, c.here.status != 0, c.because != "", "%s, %s: what differs has a reason, and only that", topic.name, c.name)
			if c.because != "" {
				used[c.because] = true
				assert.Contains(t, differences, c.because, "%s, %s", topic.name, c.name)
			}
		}
	}
	rows := readmeRows(t)
	for name, d := range differences {
		assert.True(t, used[name], "no case shows the difference %q", name)
		assert.True(t, slices.ContainsFunc(rows, func(row string) bool { return strings.HasPrefix(row, d.row) }),
			"the README has no row about %q that begins with %s", name, d.row)
		assert.NotEmpty(t, d.reason)
	}
}

// readmeRows returns the first cells of the README's table of what differs.
func readmeRows(t *testing.T) []string {
	t.Helper()
	readme, err := os.ReadFile(testbed.Repository + "/README.md")
	require.NoError(t, err)
	_, section, found := strings.Cut(string(readme), "\n## What differs from the Pushgateway\n")
	require.True(t, found)
	section, _, _ = strings.Cut(section, "\n## ")
	var rows []string
	for line := range strings.Lines(section) {
		if cell, _, ok := strings.Cut(strings.TrimPrefix(line, "| "), " | "); ok && strings.HasPrefix(line, "| ") {
			rows = append(rows, cell)
		}
	}
	return rows
}
