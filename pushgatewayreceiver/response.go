package pushgatewayreceiver

import (
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// routeError is a request that there is no operation for. allow is empty if the path is unknown.
type routeError struct{ allow, reason string }

func (e *routeError) Error() string { return e.reason }

var errNoRoute = &routeError{reason: "404 page not found: metrics are pushed to /metrics/job/<job>{/<label>/<value>}"}

func methodNotAllowed(allow string) error {
	return &routeError{allow: allow, reason: "Method Not Allowed: this path takes " + allow}
}

// authError is the refusal of the configured authenticator. challenge says how to authenticate, if that is known.
type authError struct{ reason, challenge string }

// Error is for the log only. What an authenticator says may quote what the client sent; those whose challenge is known do not
// quote credentials.
func (e *authError) Error() string {
	if e.challenge == "" {
		return notAuthenticated
	}
	return e.reason
}

const notAuthenticated = "not authenticated: the credentials are missing or wrong"

// encodingError is a Content-Encoding that the server does not decode.
type encodingError struct {
	encoding string
	accepted string
}

func (e *encodingError) Error() string {
	return fmt.Sprintf("cannot decode Content-Encoding %s; it may be one of %s", exposition.Quote(e.encoding), e.accepted)
}

// bodyError is a body that cannot be read to its end: too large, cut, or not in its encoding.
type bodyError struct{ err error }

func (e *bodyError) Error() string { return "cannot read body: " + e.err.Error() }
func (e *bodyError) Unwrap() error { return e.err }

// consumeError is the pipeline's refusal. Its text is for the log only.
type consumeError struct{ err error }

func (e *consumeError) Error() string { return "the pipeline refused the push: " + e.err.Error() }
func (e *consumeError) Unwrap() error { return e.err }

// defaultRetryAfter is what a client is told to wait if the pipeline does not say: some intervals of the memory
// limiter's checks, which are usually one second.
const defaultRetryAfter = 5 * time.Second

// answer is what the client gets for an error.
type answer struct {
	status     int
	message    string
	allow      string        // Allow, with 405
	challenge  string        // WWW-Authenticate, with 401
	retryAfter time.Duration // Retry-After, with 429 and 503
}

// answerFor is the only place where an error becomes a status.
func answerFor(err error) answer {
	var (
		route        *routeError
		encoding     *encodingError
		auth         *authError
		tooLarge     *http.MaxBytesError
		body         *bodyError
		limit        *exposition.LimitError
		keyLimit     *groupingkey.LimitError
		syntax       *exposition.SyntaxError
		key          *groupingkey.Error
		inconsistent *translate.InconsistentError
		consume      *consumeError
	)
	switch {
	case errors.As(err, &consume):
		return answerForConsumer(consume.err)
	case errors.As(err, &route) && route.allow == "":
		return answer{status: http.StatusNotFound, message: err.Error()}
	case errors.As(err, &route):
		return answer{status: http.StatusMethodNotAllowed, message: err.Error(), allow: route.allow}
	case errors.As(err, &auth):
		return answer{status: http.StatusUnauthorized, message: notAuthenticated, challenge: auth.challenge}
	case errors.As(err, &encoding):
		return answer{status: http.StatusUnsupportedMediaType, message: err.Error()}
	case errors.As(err, &tooLarge):
		return answer{status: http.StatusRequestEntityTooLarge,
			message: fmt.Sprintf("the body is larger than max_request_body_size, %d bytes (decompressed)", tooLarge.Limit)}
	case errors.As(err, &limit), errors.As(err, &keyLimit):
		return answer{status: http.StatusRequestEntityTooLarge, message: err.Error()}
	case errors.As(err, &body), errors.As(err, &key), errors.As(err, &syntax), errors.As(err, &inconsistent):
		return answer{status: http.StatusBadRequest, message: err.Error()}
	default:
		return answer{status: http.StatusInternalServerError, message: "internal error"}
	}
}

// forLog returns what the log has of an error: where the fault is in a body, but nothing of the body, in which a secret may stand.
// The client has the rest.
func forLog(err error) string {
	const told = "the answer says what is wrong"
	var (
		syntax       *exposition.SyntaxError
		point        *exposition.PointError
		inconsistent *translate.InconsistentError
	)
	switch {
	case errors.As(err, &syntax):
		position := *syntax
		position.Text, position.Err = "", errors.New(told)
		return position.Error()
	case errors.As(err, &point):
		position := exposition.PointError{Line: point.Line, Err: errors.New(told)}
		return "pushed metrics are invalid or inconsistent: " + position.Error()
	case errors.As(err, &inconsistent):
		return "pushed metrics are invalid or inconsistent: " + told
	default:
		return err.Error()
	}
}

// answerForConsumer follows otlpreceiver: a gRPC status in the error decides; without one the push may be repeated
// unless the error is permanent. consumererror.ToHTTPStatus would not do: it has the memory limiter's and the queue's
// refusals as 500.
func answerForConsumer(err error) answer {
	s, ok := status.FromError(err)
	if !ok {
		s = status.New(codes.Unavailable, "")
		if consumererror.IsPermanent(err) {
			s = status.New(codes.Internal, "")
		}
	}
	switch s.Code() {
	case codes.Canceled, codes.DeadlineExceeded, codes.Aborted, codes.OutOfRange, codes.Unavailable, codes.DataLoss:
		return answer{status: http.StatusServiceUnavailable, retryAfter: retryAfter(s),
			message: "the pipeline cannot take the push now; push it again later"}
	case codes.ResourceExhausted:
		return answer{status: http.StatusTooManyRequests, retryAfter: retryAfter(s),
			message: "the pipeline has too much to do; push it again later"}
	case codes.InvalidArgument:
		return answer{status: http.StatusBadRequest, message: "the pipeline refused the push as invalid; the backend may have newer samples of the same series"}
	case codes.Unauthenticated:
		return answer{status: http.StatusUnauthorized, message: "the pipeline refused the push as unauthenticated"}
	case codes.PermissionDenied:
		return answer{status: http.StatusForbidden, message: "the pipeline refused the push as forbidden"}
	case codes.Unimplemented:
		return answer{status: http.StatusNotFound, message: "the pipeline has no place for the push"}
	default:
		return answer{status: http.StatusInternalServerError, message: "the pipeline refused the push for good; the Collector's log says why"}
	}
}

func retryAfter(s *status.Status) time.Duration {
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok && info.GetRetryDelay().AsDuration() > 0 {
			return info.GetRetryDelay().AsDuration()
		}
	}
	return defaultRetryAfter
}

// write sends the answer. The body is one line of text, as the Pushgateway's.
func (a answer) write(w http.ResponseWriter) {
	if a.allow != "" {
		w.Header().Set("Allow", a.allow)
	}
	if a.challenge != "" {
		w.Header().Set("WWW-Authenticate", a.challenge)
	}
	if a.retryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(a.retryAfter.Seconds()))))
	}
	http.Error(w, a.message, a.status)
}
