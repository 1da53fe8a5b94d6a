package hostile

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A headCase is a request with a head that is odd or large.
type headCase struct {
	name    string
	target  string // default: that of a good push
	headers []string
	want    int
	says    string // part of the answer
	job     string // that arrives, if it is not x
}

const (
	kibibyte = 1 << 10
	mebibyte = 1 << 20
	// maxHead is what a head may have: 32 KiB, and what net/http allows beyond that.
	maxHead = 36 * kibibyte
)

func TestHeads(t *testing.T) {
	s := startServer(t)
	s.requireGood(t)
	for _, c := range append(targetCases(), floodCases()...) {
		t.Run(c.name, func(t *testing.T) {
			begin := time.Now()
			replies, kept := ask(t, s.address, push(cmp.Or(c.target, path), body, c.headers...), 1)
			assert.Less(t, time.Since(begin), time.Second)
			if !assert.Len(t, replies, 1) {
				return
			}
			assert.Equal(t, c.want, replies[0].status, "%v", replies)
			assert.Contains(t, replies[0].body, c.says)
			assert.Less(t, len(replies[0].body), 700)
			if c.want == http.StatusOK {
				assert.Equal(t, []string{cmp.Or(c.job, "x")}, s.takeJobs())
			} else {
				assert.Empty(t, s.takeJobs())
			}
			assert.Equal(t, c.want != http.StatusRequestHeaderFieldsTooLarge && c.says != "Bad Request", kept)
		})
	}
	s.requireGood(t)
	peak := s.Memory(t, "VmHWM")
	t.Logf("resident memory: %d MiB at its peak", peak/mebibyte)
	assert.Less(t, peak, int64(128*mebibyte))
}

func targetCases() []headCase {
	return []headCase{
		{name: "dots out of the job", target: "/metrics/job/x/../../../etc/passwd", want: 400, says: `label "passwd" has no value`},
		{name: "dots as job", target: "/metrics/job/../..", want: 400, says: `label ".." has no value`},
		{name: "escaped dots", target: "/metrics/job/%2e%2e/l/%2E%2e%2f%2e%2e%2f", want: 200, job: ".."},
		{name: "dots in front of the route", target: "/../metrics/job/x", want: 404},
		{name: "dots into the route", target: "/-/healthy/../../metrics/job/x", want: 404},
		{name: "an escaped route", target: "/%6detrics/%6Aob/x", want: 200},
		{name: "an escaped slash in the route", target: "/metrics%2Fjob/x", want: 404},
		{name: "a route that is escaped twice", target: "/%256detrics/job/x", want: 404},
		{name: "a job that is escaped twice", target: "/metrics/job/%2525", want: 200, job: "%25"},
		{name: "a NUL", target: "/metrics/job/x%00y", want: 200, job: "x\x00y"},
		{name: "a NUL as label name", target: "/metrics/job/x/%00/v", want: 200},
		{name: "line breaks", target: "/metrics/job/x%0d%0aSet-Cookie:%20a", want: 200, job: "x\r\nSet-Cookie: a"},
		{name: "line breaks in what is refused", target: "/metrics/job/x/a%0d%0aSet-Cookie:%20a", want: 400, says: `label "a%0d%0aSet-Cookie:%20a" has no value`},
		{name: "markup in what is refused", target: "/metrics/job/x/<script>", want: 400, says: `label "<script>" has no value`},
		{name: "15,000 slashes", target: strings.Repeat("/", 15_000) + "metrics/job/x", want: 200},
		{name: "15,000 slashes in the key", target: path + strings.Repeat("/", 15_000), want: 200},
		{name: "backslashes", target: `/metrics\job\x`, want: 404},
		{name: "backslashes are data", target: `/metrics/job/\..\`, want: 200, job: `\..\`},
		{name: "overlong UTF-8 of a slash", target: "/metrics/job/x%c0%af", want: 400, says: "not UTF-8"},
		{name: "overlong UTF-8 of a dot", target: "/metrics/job/%e0%80%ae", want: 400, says: "not UTF-8"},
		{name: "half a surrogate", target: "/metrics/job/x/l/%ed%a0%80", want: 400, says: "not UTF-8"},
		{name: "beyond Unicode", target: "/metrics/job/x/l/%f4%90%80%80", want: 400, says: "not UTF-8"},
		{name: "a broken escape", target: "/metrics/job/%zz", want: 400, says: "Bad Request"},
		{name: "half an escape", target: "/metrics/job/x%2", want: 400, says: "Bad Request"},
		{name: "a query of 30 KiB", target: path + "?" + strings.Repeat("a=b&", 30*kibibyte/4), want: 200},
		{name: "a query with another path", target: path + "?path=/metrics/job/y&_method=DELETE", want: 200},
		{name: "a fragment", target: path + "#/../y", want: 200, job: "x#"},
		{name: "a value of 16 KiB", target: path + "/l/" + strings.Repeat("v", 16*kibibyte), want: 200},
		{name: "a value of more than 16 KiB", target: path + "/l/" + strings.Repeat("v", 16*kibibyte+1), want: 413, says: "limits.label_value_length"},
		{name: "a job of 30 KiB", target: "/metrics/job/" + strings.Repeat("j", 30*kibibyte), want: 413, says: "limits.label_value_length"},
		{name: "a name of 30 KiB", target: path + "/" + strings.Repeat("l", 30*kibibyte) + "/v", want: 413, says: "limits.label_name_length"},
		{name: "thousands of labels", target: path + distinct("/l%d/v", 3000), want: 413, says: "limits.grouping_labels_per_key"},
		{name: "a label thousands of times", target: path + strings.Repeat("/l/v", 7000), want: 200},
		{name: "a head below the limit", target: path + "?" + strings.Repeat("a", 32*kibibyte-200), want: 200},
		{name: "a head above the limit", target: path + "?" + strings.Repeat("a", maxHead), want: 431},
		{name: "a head of a MiB", target: path + "?" + strings.Repeat("a", mebibyte), want: 431},
	}
}

// distinct writes a number into each copy.
func distinct(format string, copies int) string {
	var b strings.Builder
	for i := range copies {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func repeated(header string, times int) []string {
	headers := make([]string, times)
	for i := range headers {
		headers[i] = header
	}
	return headers
}

func floodCases() []headCase {
	contentType := func(value string) []string { return []string{"Content-Type: " + value} }
	return []headCase{
		{name: "6,000 tiny headers", headers: repeated("a:", 6000), want: 200},
		{name: "10,000 tiny headers", headers: repeated("a:", 10_000), want: 431},
		{name: "3,000 different headers", headers: strings.Split(distinct("a%d:\n", 3000)+"z:", "\n"), want: 200},
		{name: "a header of 30 KiB", headers: []string{"A: " + strings.Repeat("a", 30*kibibyte)}, want: 200},
		{name: "a header of 40 KiB", headers: []string{"A: " + strings.Repeat("a", 40*kibibyte)}, want: 431},
		{name: "a header of 30 KiB of folds", headers: []string{"A: b" + strings.Repeat("\r\n ", 10*kibibyte)}, want: 200},
		{name: "a header's name of 30 KiB", headers: []string{strings.Repeat("a", 30*kibibyte) + ": b"}, want: 200},
		{name: "1,000 encodings", headers: repeated("Content-Encoding: gzip", 1000), want: 415, says: "cannot decode Content-Encoding"},
		{name: "1,000 encodings that are none", headers: repeated("Content-Encoding: identity", 1000), want: 415, says: "cannot decode"},
		{name: "an encoding of 30 KiB", headers: []string{"Content-Encoding: " + strings.Repeat("gzip,", 6*kibibyte)}, want: 415, says: "cannot decode"},
		{name: "empty encodings", headers: repeated("Content-Encoding:", 1000), want: 415, says: "cannot decode"},
		{name: "a content type of 30 KiB", headers: contentType(strings.Repeat("a", 30*kibibyte)), want: 200},
		{name: "parameters of 30 KiB", headers: contentType("text/plain" + strings.Repeat("; a=b", 6*kibibyte)), want: 200},
		{name: "different parameters", headers: contentType("text/plain" + distinct("; a%d=b", 3000)), want: 200},
		{name: "parameters in pieces", headers: contentType("text/plain" + distinct("; a*%d*=%%62", 2000)), want: 200},
		{name: "a parameter of quotes", headers: contentType(`text/plain; a="` + strings.Repeat(`\"`, 15*kibibyte)), want: 200},
		{name: "600 content types", headers: repeated("Content-Type: application/openmetrics-text", 600), want: 400, says: "# EOF"},
		{name: "a protobuf type with parameters", want: 400, says: "protobuf",
			headers: contentType(testbed.ProtobufType + distinct("; a%d=b", 2000))},
		{name: "1,000 lengths that are the same", headers: repeated("Content-Length: 4", 1000), want: 200},
	}
}
