package protocol

import (
	"testing"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// pushTimeCases say which times a request leaves behind. What accepted pushes leave is compared in all tables.
func pushTimeCases(*testing.T) []protocolCase {
	accepted, failed := testbed.Series{`push_time_seconds{job="x",l="v"}`: ""}, testbed.Series{`push_failure_time_seconds{job="x",l="v"}`: ""}
	none := testbed.Series{}
	return []protocolCase{
		{name: "an accepted push", request: body("x/l/v", "m 1\n"), want: answer{status: 200, times: accepted}},
		{name: "an empty push", request: body("x/l/v", ""), want: answer{status: 200, times: accepted}},
		{name: "a push that contradicts itself", request: body("x/l/v", "m 1\nm 2\n"),
			want: answer{status: 400, times: failed}, says: "twice"},
		{name: "a push that cannot be read", request: body("x/l/v", "m\n"), because: pushTimes,
			want: answer{status: 400, times: none}, here: answer{status: 400, times: failed}, says: "in line 1"},
		{name: "a bad grouping key", request: body("x/l", "m 1\n"), want: answer{status: 400, times: none}, says: "has no value"},
		{name: "an unknown path", request: push("/metrics/foo/x", "m 1\n"), want: answer{status: 404, times: none}},
		{name: "a push of such a time", request: body("x/l/v", "push_time_seconds 0\n"), want: answer{status: 200, times: accepted}},
	}
}
