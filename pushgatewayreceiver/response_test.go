package pushgatewayreceiver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumererror"
	"go.yaml.in/yaml/v3"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

func TestStatusOfErrors(t *testing.T) {
	secret := errors.New("secret of the backend")
	throttled, err := status.New(codes.ResourceExhausted, "x").WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(1500 * time.Millisecond)})
	require.NoError(t, err)
	for _, tc := range []struct {
		name           string
		err            error
		wantStatus     int
		wantRetryAfter string
	}{
		{"unknown path", errNoRoute, 404, ""},
		{"wrong method", methodNotAllowed("PUT"), 405, ""},
		{"not authenticated", &authError{reason: "no"}, 401, ""},
		{"unknown encoding", &encodingError{encoding: "br"}, 415, ""},
		{"body too large", &bodyError{err: &http.MaxBytesError{Limit: 7}}, 413, ""},
		{"too many labels", &exposition.SyntaxError{Err: &exposition.LimitError{What: "labels", Actual: 8, Limit: 7, Setting: "labels_per_sample"}}, 413, ""},
		{"too many labels in the path", &groupingkey.Error{Err: &groupingkey.LimitError{What: "labels", Actual: 8, Limit: 7, Setting: "grouping_labels_per_key"}}, 413, ""},
		{"body too large, as its length says", &bodyError{err: &tooLargeError{size: 8, limit: 7}}, 413, ""},
		{"push that takes too much memory", &exposition.SyntaxError{Err: &pushMemoryError{}}, 413, ""},
		{"too many pushes at once", &exposition.SyntaxError{Err: &overBudgetError{}}, 429, "5"},
		{"job that pushes too often", &rateError{}, 429, "1"},
		{"slow body", &bodyError{err: os.ErrDeadlineExceeded}, 408, ""},
		{"body cut", &bodyError{err: io.ErrUnexpectedEOF}, 400, ""},
		{"bad key", &groupingkey.Error{Err: io.EOF}, 400, ""},
		{"bad syntax", &exposition.SyntaxError{Err: io.EOF}, 400, ""},
		{"inconsistent", &translate.InconsistentError{Err: io.EOF}, 400, ""},
		{"wrapped", fmt.Errorf("x: %w", &exposition.SyntaxError{Err: io.EOF}), 400, ""},
		{"anything else", secret, 500, ""},

		{"pipeline, may be repeated", &consumeError{err: secret}, 503, "5"},
		{"pipeline, deadline", &consumeError{err: context.DeadlineExceeded}, 503, "5"},
		{"pipeline, permanent", &consumeError{err: consumererror.NewPermanent(secret)}, 500, ""},
		{"pipeline, joined with a permanent one", &consumeError{err: errors.Join(secret, consumererror.NewPermanent(secret))}, 500, ""},
		{"gRPC unavailable", &consumeError{err: status.Error(codes.Unavailable, "x")}, 503, "5"},
		{"gRPC deadline", &consumeError{err: status.Error(codes.DeadlineExceeded, "x")}, 503, "5"},
		{"gRPC exhausted", &consumeError{err: status.Error(codes.ResourceExhausted, "x")}, 429, "5"},
		{"gRPC exhausted with a delay, rounded up", &consumeError{err: throttled.Err()}, 429, "2"},
		{"gRPC invalid", &consumeError{err: status.Error(codes.InvalidArgument, "x")}, 400, ""},
		{"gRPC invalid in a permanent error", &consumeError{err: consumererror.NewPermanent(status.Error(codes.InvalidArgument, "x"))}, 400, ""},
		{"gRPC unauthenticated", &consumeError{err: status.Error(codes.Unauthenticated, "x")}, 401, ""},
		{"gRPC forbidden", &consumeError{err: status.Error(codes.PermissionDenied, "x")}, 403, ""},
		{"gRPC unimplemented", &consumeError{err: status.Error(codes.Unimplemented, "x")}, 404, ""},
		{"gRPC internal", &consumeError{err: status.Error(codes.Internal, "x")}, 500, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := httptest.NewRecorder()
			a := answerFor(tc.err)
			a.write(w)
			assert.Contains(t, knownReasons(t), a.reason)
			assert.Equal(t, tc.wantStatus, w.Code)
			assert.Equal(t, tc.wantRetryAfter, w.Header().Get("Retry-After"))
			assert.Equal(t, "text/plain; charset=utf-8", w.Header().Get("Content-Type"))
			assert.Equal(t, "nosniff", w.Header().Get("X-Content-Type-Options"))
			assert.NotContains(t, w.Body.String(), "secret", "the client gets what it can act on")
			assert.Regexp(t, `^.+\n$`, w.Body.String(), "one line of text")
		})
	}
}

// knownReasons are those that metadata.yaml lists, and with it the documentation.
func knownReasons(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile("metadata.yaml")
	require.NoError(t, err)
	var metadata struct {
		Attributes struct{ Reason struct{ Enum []string } }
	}
	require.NoError(t, yaml.Unmarshal(text, &metadata))
	return metadata.Attributes.Reason.Enum
}

func TestMessages(t *testing.T) {
	assert.Equal(t, "the body is larger than max_request_body_size, 7 bytes (decompressed)", answerFor(&http.MaxBytesError{Limit: 7}).message)
	assert.Equal(t, `cannot decode Content-Encoding "br"; it may be one of gzip, zstd`, answerFor(&encodingError{encoding: "br", accepted: "gzip, zstd"}).message)
	assert.Equal(t, "the body has 8 bytes; it must not be larger than max_request_body_size, 7 bytes", answerFor(&tooLargeError{size: 8, limit: 7}).message)
	assert.Equal(t, "too many pushes at once: of limits.in_flight_mib, 64 MiB, 3 KiB are free; push it again later",
		answerFor(&exposition.SyntaxError{Err: &overBudgetError{free: 4000, size: 64 << 20}}).message)
	assert.Equal(t, `job "a" has pushed 12 times within a second; limits.pushes_per_second_per_job is 10; push it again later`,
		answerFor(&rateError{job: "a", pushes: 12, perSecond: 10}).message)
	w := httptest.NewRecorder()
	answerFor(methodNotAllowed("POST, PUT")).write(w)
	assert.Equal(t, "POST, PUT", w.Header().Get("Allow"))
}

// The client is told what is wrong with its input, the log the same without the input.
func TestLogHasNoInput(t *testing.T) {
	secret := errors.New("secret")
	inconsistent := &translate.InconsistentError{Series: `m{l="secret"}`, Err: exposition.Errorf("label %s", exposition.Quote("secret"))}
	for _, tc := range []struct {
		err  error
		want string
	}{
		{&exposition.SyntaxError{Line: 3, Text: "secret", Err: secret}, "cannot decode text in line 3: ... (*errors.errorString)"},
		{&exposition.SyntaxError{Format: exposition.Protobuf, Offset: 7, Err: secret}, "cannot decode protobuf at byte 7: ... (*errors.errorString)"},
		{inconsistent, `pushed metrics are invalid or inconsistent: ...: label "..."`},
		{&exposition.PointError{Line: 3, Err: inconsistent}, `pushed metrics are invalid or inconsistent: ...: label "..." (line 3)`},
		{&encodingError{encoding: "secret", accepted: "gzip"}, "cannot decode the Content-Encoding; it may be one of gzip"},
		{&bodyError{err: io.ErrUnexpectedEOF}, "cannot read body: unexpected EOF"},
		{&bodyError{err: textproto.ProtocolError("malformed MIME header line: secret")}, "cannot read body: malformed trailer"},
		{&bodyError{err: &tooLargeError{size: 8, limit: 7}}, "cannot read body: the body has 8 bytes; it must not be larger than max_request_body_size, 7 bytes"},
		{&exposition.SyntaxError{Line: 3, Text: "secret", Err: &pushMemoryError{needed: 4096, most: 2048, size: 1 << 20}},
			"cannot decode text in line 3: the push takes more memory than a push may: 4 KiB and more, of 2 KiB (three quarters of limits.in_flight_mib, 1 MiB)"},
		{&overBudgetError{free: 4000, size: 64 << 20}, "too many pushes at once: of limits.in_flight_mib, 64 MiB, 3 KiB are free; push it again later"},
		{secret, "... (*errors.errorString)"},
		{errNoRoute, errNoRoute.reason},
		{&rateError{job: "in the path", pushes: 2, perSecond: 1},
			`job "in the path" has pushed 2 times within a second; limits.pushes_per_second_per_job is 1; push it again later`},
		{fmt.Errorf("x: %w", &groupingkey.Error{Err: errors.New("of the path")}), "x: cannot read grouping key: of the path"},
		{&authError{reason: "secret"}, notAuthenticated},
		{&authError{reason: "no password", challenge: "Basic"}, "no password"},
		{&consumeError{err: errors.New("why the pipeline refused")}, "the pipeline did not take it: why the pipeline refused"},
	} {
		assert.Equal(t, tc.want, forLog(tc.err))
	}
	assert.Equal(t, notAuthenticated, answerFor(&authError{reason: "secret", challenge: "Basic"}).message)
}
