package hostile

import (
	"cmp"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A bodyCase is a body that is made to take time or memory, or to be taken for something that it is not.
type bodyCase struct {
	name        string
	contentType string // default: text
	body        string
	want        int
	says        string // part of the answer to what is refused
}

const (
	// largest is what a body may have: max_request_body_size.
	largest     = 20 * mebibyte
	openMetrics = "application/openmetrics-text; version=1.0.0"
	// tooMuch is said of a push that takes more memory than it may have.
	tooMuch        = "limits.in_flight_mib"
	timeOfBody     = 2 * time.Second
	memoryOfBodies = 256 * mebibyte // with the default limits, whatever comes
)

// The bodies come one at a time, so that each has the time for itself. They are made when they are needed: together they would take
// more memory than the machine has.
func TestBodies(t *testing.T) {
	s := &server{Collector: testbed.StartCollectorWith(t, testbed.NopConfig)}
	s.address = strings.TrimPrefix(s.URL, "http://")
	for _, cases := range []func(*testing.T) []bodyCase{
		longTextCases, manyTextCases, seriesCases, numberCases, textHistogramCases, openMetricsCases,
		wireCases, protobufValueCases, protobufHistogramCases, nativeHistogramCases, protobufFloodCases,
	} {
		for _, c := range cases(t) {
			t.Run(c.name, func(t *testing.T) { c.run(t, s) })
		}
	}
	peak := s.Memory(t, "VmHWM")
	t.Logf("resident memory: %d MiB at its peak", peak/mebibyte)
	assert.Less(t, peak, int64(memoryOfBodies))
}

func (c bodyCase) run(t *testing.T, s *server) {
	require.LessOrEqual(t, len(c.body), largest)
	begin := time.Now()
	status, answer := s.post(t, c.contentType, strings.NewReader(c.body))
	took := time.Since(begin)
	t.Logf("%d MiB took %v, peak %d MiB: %d %s", len(c.body)/mebibyte, took.Round(time.Millisecond), s.Memory(t, "VmHWM")/mebibyte, status, answer)
	assert.Equal(t, c.want, status, answer)
	assert.Less(t, took, timeOfBody)
	if status == http.StatusOK {
		assert.Empty(t, answer)
	} else {
		assert.Regexp(t, `^[^\n]{15,600}\n$`, answer, "one line that says what is wrong")
		assert.Contains(t, answer, c.says)
		assert.NotEmpty(t, c.says, "the case says what must be said")
	}
	s.RequireAlive(t)
	good, answer := s.post(t, "", strings.NewReader("m 1\n"))
	assert.Equal(t, http.StatusOK, good, answer)
}

func (s *server) post(t *testing.T, contentType string, body io.Reader) (status int, answer string) {
	t.Helper()
	res, err := s.Client.Post(s.URL+"/metrics/job/x", cmp.Or(contentType, "text/plain"), body)
	require.NoError(t, err, "there must be an answer")
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	require.NoError(t, err)
	return res.StatusCode, string(text)
}

func TestManyChunks(t *testing.T) {
	s := startServer(t)
	const million = 1_000_000
	for name, c := range map[string]struct {
		chunks string
		want   int
	}{
		"a comment in chunks of one byte":          {strings.Repeat("1\r\n#\r\n", million) + "1\r\n\n\r\n4\r\nm 1\n\r\n0\r\n\r\n", http.StatusOK},
		"an empty line in each chunk":              {strings.Repeat("1\r\n\n\r\n", million) + "4\r\nm 1\n\r\n0\r\n\r\n", http.StatusOK},
		"one line that is no sample":               {strings.Repeat("1\r\n \r\n", million) + "1\r\n{\r\n0\r\n\r\n", http.StatusBadRequest},
		"sizes with as many zeros as there may be": {strings.Repeat("000000000000001\r\n\n\r\n", million/4) + "0\r\n\r\n", http.StatusOK},
	} {
		begin := time.Now()
		replies, _ := ask(t, s.address, head(path, te)+c.chunks, 1)
		if assert.Len(t, replies, 1, name) {
			assert.Equal(t, c.want, replies[0].status, "%s: %v", name, replies)
		}
		assert.Less(t, time.Since(begin), timeOfBody, name)
	}
	s.takeJobs()
	s.requireGood(t)
	assert.Less(t, s.Memory(t, "VmHWM"), int64(memoryOfBodies))
}

// filled is a body of the largest size that consists of copies of the piece, between the two others.
func filled(before, piece, behind string) string {
	return before + strings.Repeat(piece, (largest-len(before)-len(behind))/len(piece)) + behind
}

func longTextCases(*testing.T) []bodyCase {
	return []bodyCase{
		{name: "a line without newline", body: filled("", "a", ""), want: 400, says: "no newline"},
		{name: "a sample with a name of 20 MiB", body: filled("", "a", " 1\n"), want: 413, says: "limits.metric_name_length"},
		{name: "blanks", body: filled("", " ", ""), want: 200},
		{name: "blanks in front of a sample", body: filled("", " ", "m 1\n"), want: 200},
		{name: "tabs", body: filled("m", "\t", "1\n"), want: 200},
		{name: "newlines", body: filled("", "\n", ""), want: 200},
		{name: "carriage returns", body: filled("", "\r", "\n"), want: 400, says: "in line 1"},
		{name: "NULs", body: filled("", "\x00", "\n"), want: 400, says: "in line 1"},
		{name: "a label value of 20 MiB", body: filled(`m{a="`, "a", "\"} 1\n"), want: 413, says: "limits.label_value_length"},
		{name: "a label value of 20 MiB of escapes", body: filled(`m{a="`, `\\`, "\"} 1\n"), want: 413, says: "limits.label_value_length"},
		{name: "a label value without end", body: filled(`m{a="`, "a\n", ""), want: 400, says: "in line 1"},
		{name: "a label name of 20 MiB", body: filled("m{", "a", "=\"\"} 1\n"), want: 413, says: "limits.label_name_length"},
		{name: "a quoted name of 20 MiB", body: filled(`{"`, "a", "\"} 1\n"), want: 413, says: "limits.metric_name_length"},
		{name: "a help text of 20 MiB", body: filled("# HELP m ", "a", "\nm 1\n"), want: 200},
		{name: "a help text of 20 MiB of escapes", body: filled("# HELP m ", `\n`, "\nm 1\n"), want: 200},
		{name: "a help text of 20 MiB without a metric", body: filled("# HELP m ", "a", "\n"), want: 200},
		{name: "a type of 20 MiB", body: filled("# TYPE m ", "a", "\nm 1\n"), want: 400, says: "in line 1"},
		{name: "a comment of 20 MiB", body: filled("# ", "a", "\nm 1\n"), want: 200},
		{name: "opening braces", body: filled("", "{", "\n"), want: 400, says: "in line 1"},
		{name: "opening braces behind a name", body: filled("m", "{", "\n"), want: 400, says: "in line 1"},
		{name: "quotes", body: filled("", `"`, "\n"), want: 400, says: "in line 1"},
		{name: "quotes in braces", body: filled("m{", `"`, "\n"), want: 400, says: "in line 1"},
		{name: "backslashes", body: filled("", `\`, "\n"), want: 400, says: "in line 1"},
		{name: "hashes", body: filled("", "#", ""), want: 400, says: "in line 1"},
		{name: "hashes with a newline", body: filled("", "#", "\n"), want: 200},
		{name: "commas", body: filled("m{", ",", "} 1\n"), want: 400, says: "in line 1"},
		{name: "what is not UTF-8", body: filled("", "\xff", "\n"), want: 400, says: "in line 1"},
		{name: "a label value that is not UTF-8", body: filled(`m{a="`, "\xff", "\"} 1\n"), want: 400, says: "UTF-8"},
		{name: "a help text that is not UTF-8", body: filled("# HELP m ", "\xc0\xaf", "\nm 1\n"), want: 400, says: "UTF-8"},
		{name: "a comment that is not UTF-8", body: filled("# ", "\xff", "\nm 1\n"), want: 200},
	}
}

func manyTextCases(*testing.T) []bodyCase {
	return []bodyCase{
		{name: "a million comments", body: strings.Repeat("#\n", 1_000_000), want: 200},
		{name: "types without metrics", body: distinct("# TYPE m%d counter\n", 700_000), want: 413, says: tooMuch},
		{name: "help texts without metrics", body: distinct("# HELP m%d \n", 900_000), want: 413, says: tooMuch},
		{name: "the same type again", body: filled("", "# TYPE m counter\n", ""), want: 400, says: "in line 2"},
		{name: "a million samples", body: distinct("m%d 1\n", 1_000_000), want: 413, says: tooMuch},
		{name: "a million samples of one name", body: distinct("m{a=\"%d\"} 1\n", 1_000_000), want: 413, says: "limits.samples_per_push"},
		{name: "a million times the same sample", body: strings.Repeat("m 1\n", 1_000_000), want: 413, says: "limits.samples_per_push"},
		{name: "labels without end", body: filled("m{", `a="",`, "} 1\n"), want: 413, says: "limits.labels_per_sample"},
		{name: "different labels without end", body: "m{" + distinct(`a%d="",`, 1_000_000) + "} 1\n", want: 413, says: "limits.labels_per_sample"},
	}
}
