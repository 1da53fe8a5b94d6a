package pushgatewayreceiver

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
)

const refusedMessage = "Refused a request"

// loggedErrors returns what the log has of refused requests since the last call.
func (r running) loggedErrors() []string {
	var all []string
	for _, entry := range r.logs.TakeAll() {
		if entry.Message == refusedMessage {
			all = append(all, entry.ContextMap()["error"].(string))
		}
	}
	return all
}

// loggedCases are typical mistakes, with a secret in each place where there can be one.
var loggedCases = []struct{ name, format, body, want string }{
	{"no value", "text", "hushed\n", `cannot decode text in line 1: expected a number as value, got ""`},
	{"a word as value", "text", "# A comment.\n\npassword hushed\n", `cannot decode text in line 3: expected a number as value, got "..."`},
	{"a decimal comma", "text", "m 1,5\n", `cannot decode text in line 1: expected a number as value, got "..."`},
	{"a name with a dash", "text", "hushed-name 1\n", `cannot decode text in line 1: expected a number as value, got "..."`},
	{"no quotes", "text", "m{l=hushed} 1\n", `cannot decode text in line 1: expected a quote before a label value, got "..."`},
	{"single quotes", "text", "m{l='hushed'} 1\n", `cannot decode text in line 1: expected a quote before a label value, got "..."`},
	{"an open quote", "text", "m{l=\"hushed} 1\n", `cannot decode text in line 1: a quoted string has no quote at its end: "..."`},
	{"a Windows path", "text", `m{path="C:\hushed"} 1` + "\n", `cannot decode text in line 1: bad escape "..."; there are \\, \" and \n`},
	{"Latin-1", "text", "m{l=\"hushed\xe4\"} 1\n", `cannot decode text in line 1: a quoted string is not UTF-8: "..."`},
	{"a label twice", "text", "m{hushed=\"1\",hushed=\"2\"} 1\n", `cannot decode text in line 1: it has label "..." twice`},
	{"a reserved label", "text", "m{__hushed=\"1\"} 1\n", `pushed metrics are invalid or inconsistent: ...: label name "...": names with __ in front are reserved (line 1)`},
	{"a timestamp in seconds", "text", "m 1 1700000000.5\n", `cannot decode text in line 1: expected a whole number as timestamp, got "..."`},
	{"an unknown type", "text", "# TYPE m hushed\n", `cannot decode text in line 1: unknown metric type "..."`},
	{"a second TYPE", "text", "# TYPE hushed gauge\n# TYPE hushed gauge\n", `cannot decode text in line 2: a second TYPE line for metric "...", or one behind its samples`},
	{"a bucket that is none", "text", "# TYPE h histogram\nh_bucket{le=\"hushed\"} 1\n", `cannot decode text in line 2: expected a number as value of label le, got "..."`},
	{"a fractional bucket", "text", "# TYPE h histogram\nh_bucket{le=\"1\"} 1.5\n", `cannot decode text in line 2: the count is 1.5; it must be a whole number from 0 to 2^64`},
	{"buckets that fall", "text", "# TYPE h histogram\nh_bucket{l=\"hushed\",le=\"1\"} 2\nh_bucket{l=\"hushed\",le=\"2\"} 1\nh_bucket{l=\"hushed\",le=\"+Inf\"} 2\n",
		`pushed metrics are invalid or inconsistent: ...: its bucket counts fall: le="2" has 1 after 2 (line 2)`},
	{"a series twice", "text", "m{l=\"hushed\"} 1\nm{l=\"hushed\"} 2\n",
		`pushed metrics are invalid or inconsistent: ...: the same series (after the grouping labels have replaced those of the body) stands in it twice`},
	{"no newline at the end", "text", "hushed 1", "cannot decode text in line 1: the last line has no newline; end the body with one " +
		"(curl keeps newlines with --data-binary, not with -d), or set lenient: true in the receiver's configuration"},
	{"CR LF", "text", "hushed 1\r\n", "cannot decode text in line 1: the line ends in CR LF; end lines with LF alone, " +
		`or set lenient: true in the receiver's configuration (expected a number as value, got "...")`},
	{"gzip without its header", "text", gzipped("hushed 1\n") + "\n", "cannot decode text in line 1: the body is compressed with gzip; " +
		`the request must say so, with Content-Encoding: gzip (expected a metric name, got "...")`},
	{"JSON", "text", "{\"hushed\": 1}\n", `cannot decode text in line 1: expected = behind a label name, got "..."`},
	{"a name that is too long", "text", strings.Repeat("hushed", 20) + " 1\n", `cannot decode text in line 1: 120 bytes in metric name "..."; limits.metric_name_length is 100`},
	{"a value that is too long", "text", "m{hushed=\"" + strings.Repeat("hushed", 20) + "\"} 1\n",
		`cannot decode text in line 1: 120 bytes in the value of label "..."; limits.label_value_length is 100`},

	{"no # EOF", "openmetrics", "hushed 1\n", `cannot decode openmetrics in line 2: the body does not end with # EOF: part of it may be missing`},
	{"a comment", "openmetrics", "# hushed comment\n# EOF\n", `cannot decode openmetrics in line 1: expected TYPE, UNIT, HELP or EOF behind #, got "..."; there are no comments in OpenMetrics`},
	{"two spaces", "openmetrics", "# TYPE  hushed gauge\n# EOF\n", `cannot decode openmetrics in line 1: expected a metric name, got "..."`},
	{"a unit that is no suffix", "openmetrics", "# UNIT m hushed\n# EOF\n", `cannot decode openmetrics in line 1: metric "..." does not end in _..., its unit`},
	{"a timestamp in milliseconds", "openmetrics", "m 1 1700000000123\n# EOF\n",
		`cannot decode openmetrics in line 1: time ... s is outside the years 1970 to 2262, which OTLP can express`},
	{"an exemplar with a word as value", "openmetrics", "# TYPE m counter\nm_total 1 # {l=\"hushed\"} hushed\n# EOF\n",
		`cannot decode openmetrics in line 2: exemplar: expected a number as value, got "..."`},
	{"a family in two places", "openmetrics", "hushed 1\nm 1\nhushed 2\n# EOF\n",
		`cannot decode openmetrics in line 3: metric "..." stands in two places; its metadata and samples must stand together`},

	{"text as protobuf", "protobuf", "hushed 1\n", "cannot decode protobuf at byte 0: the body ends before the message does"},
	{"an unknown type", "protobuf", "\x0a\x0a\x06hushed\x18\x07", `cannot decode protobuf at byte 0: metric "...": its type (7) cannot be translated to OTLP`},
	{"a point without a value", "protobuf", "\x0a\x0a\x06hushed\x22\x00",
		"cannot decode protobuf at byte 0: ...: it is a counter, but a point of it has no counter value"},
}

// The log says what is wrong, without anything that the client sent. Who sent it is told all of it.
func TestLogOfTypicalMistakes(t *testing.T) {
	r := start(t, consumertest.NewNop(), func(c *Config) {
		c.Settings.Limits.MetricNameLength, c.Settings.Limits.LabelValueLength = 100, 100
	})
	for _, tc := range loggedCases {
		t.Run(tc.name, func(t *testing.T) {
			res := r.do(t, http.MethodPut, "/metrics/job/x", tc.body, "Content-Type", fuzzContentTypes[tc.format])
			assert.GreaterOrEqual(t, res.StatusCode, http.StatusBadRequest)
			assert.Equal(t, []string{tc.want}, r.loggedErrors())
			beginning, _, _ := strings.Cut(tc.want, "...")
			assert.True(t, strings.HasPrefix(res.body, beginning), res.body)
			if !strings.Contains(tc.want, "...") {
				assert.Equal(t, tc.want, strings.TrimSuffix(strings.Split(res.body, "; the line is ")[0], "\n"))
			}
		})
	}
}

// Headers are told no more than bodies.
func TestLogHasNoHeaders(t *testing.T) {
	r := start(t, consumertest.NewNop(), nil)
	res := r.do(t, http.MethodPut, "/metrics/job/x", "m 1\n", "Content-Encoding", "hushed")
	assert.Contains(t, res.body, "hushed")
	logged := r.loggedErrors()
	require.Len(t, logged, 1)
	assert.Equal(t, "cannot decode the Content-Encoding; it may be one of identity, gzip, zstd, zlib, snappy, deflate, lz4, x-snappy-framed", logged[0])

	answer := r.sendRaw(t, "PUT /metrics/job/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nm 1\n\r\n0\r\nhushed trailer\r\n\r\n", true)
	assert.Contains(t, answer, "HTTP/1.1 400 ")
	assert.Equal(t, []string{"cannot read body: malformed trailer"}, r.loggedErrors())
}
