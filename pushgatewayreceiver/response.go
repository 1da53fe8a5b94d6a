package pushgatewayreceiver

import (
	"errors"
	"math"
	"net/http"
	"os"
	"strconv"
	"time"

	"go.opentelemetry.io/collector/consumer/consumererror"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// defaultRetryAfter is what a client is told to wait if the pipeline does not say: some intervals of the memory
// limiter's checks, which are usually one second.
const defaultRetryAfter = 5 * time.Second

// fullRetryAfter is for a group for which there is no room. That changes when others expire.
const fullRetryAfter = time.Minute

// answer is what the client gets for an error, and what is counted.
type answer struct {
	status     int
	reason     string // of the metric of refused requests: see metadata.yaml
	message    string
	allow      string        // Allow, with 405
	challenge  string        // WWW-Authenticate, with 401
	retryAfter time.Duration // Retry-After, with 429 and 503
}

// answerFor is the only place where an error becomes a status.
func answerFor(err error) answer {
	var consume *consumeError
	if errors.As(err, &consume) {
		return answerForConsumer(consume.err)
	}
	if a, ok := answerForLimit(err); ok {
		return a
	}
	var (
		route *routeError
		auth  *authError
	)
	a := answer{status: http.StatusBadRequest, message: err.Error()}
	switch {
	case errors.As(err, &route) && route.allow == "":
		a.status, a.reason = http.StatusNotFound, "not_found"
	case errors.As(err, &route):
		a.status, a.reason, a.allow = http.StatusMethodNotAllowed, "method", route.allow
	case errors.As(err, &auth):
		a.status, a.reason, a.message, a.challenge = http.StatusUnauthorized, "unauthenticated", notAuthenticated, auth.challenge
	case errors.As(err, new(*encodingError)):
		a.status, a.reason = http.StatusUnsupportedMediaType, "content_encoding"
	case errors.Is(err, os.ErrDeadlineExceeded):
		a.status, a.reason, a.message = http.StatusRequestTimeout, "slow_body", "the body did not arrive within read_timeout; push it again"
	case errors.As(err, new(*bodyError)):
		a.reason = "unreadable_body"
	case errors.As(err, new(*groupingkey.Error)):
		a.reason = "grouping_key"
	case errors.As(err, new(*exposition.SyntaxError)):
		a.reason = "syntax"
	case errors.As(err, new(*translate.InconsistentError)), errors.As(err, new(*groups.ConflictError)):
		a.reason = "inconsistent"
	case errors.As(err, new(*storageError)):
		return answer{status: http.StatusServiceUnavailable, reason: "storage", retryAfter: defaultRetryAfter,
			message: "the group cannot be written to the storage now; push it again later"}
	default:
		return answer{status: http.StatusInternalServerError, reason: "internal", message: "internal error"}
	}
	return a
}

// answerForLimit is for what is beyond a limit of ours: for good (413), or for now (429). The reason is the setting.
func answerForLimit(err error) (answer, bool) {
	var (
		overBudget   *overBudgetError
		tooOften     *rateError
		full         *groups.FullError
		wireTooLarge *http.MaxBytesError // from confighttp
		tooLarge     *tooLargeError
		limit        *exposition.LimitError
		keyLimit     *groupingkey.LimitError
	)
	a := answer{status: http.StatusRequestEntityTooLarge, message: err.Error()}
	switch {
	case errors.As(err, &overBudget):
		return answer{status: http.StatusTooManyRequests, reason: "in_flight_mib", message: overBudget.Error(), retryAfter: defaultRetryAfter}, true
	case errors.As(err, &tooOften):
		return answer{status: http.StatusTooManyRequests, reason: "pushes_per_second_per_job", message: tooOften.Error(), retryAfter: time.Second}, true
	case errors.As(err, &full):
		return answer{status: http.StatusTooManyRequests, reason: full.Setting, message: full.Error(), retryAfter: fullRetryAfter}, true
	case errors.As(err, &wireTooLarge):
		a.reason, a.message = "max_request_body_size", (&tooLargeError{limit: wireTooLarge.Limit}).Error()
	case errors.As(err, &tooLarge):
		a.reason, a.message = "max_request_body_size", tooLarge.Error()
	case errors.As(err, &limit):
		a.reason = limit.Setting
	case errors.As(err, &keyLimit):
		a.reason = keyLimit.Setting
	case errors.As(err, new(*pushMemoryError)):
		a.reason = "memory_per_push"
	default:
		return answer{}, false
	}
	return a, true
}

// ours says whether the trouble is ours, or the pipeline's, and not the client's.
func (a answer) ours(err error) bool {
	return a.status >= http.StatusInternalServerError || errors.As(err, new(*consumeError))
}

// forPage returns what the status page has of an error: what the log has, but nothing of what the pipeline and the authenticator
// say. With excerpts it is what the client has, if that is about the body.
func (a answer) forPage(err error, excerpts bool) string {
	aboutBody := errors.As(err, new(*exposition.SyntaxError)) || errors.As(err, new(*translate.InconsistentError)) ||
		errors.As(err, new(*groups.ConflictError))
	if a.ours(err) || a.reason == "unauthenticated" || excerpts && aboutBody {
		return a.message
	}
	return forLog(err)
}

// forLog returns what the log has of an error: in full what is about the path, the pipeline or the credentials, and all else
// without what the client sent, in which a secret may stand. The client has the rest.
func forLog(err error) string {
	switch {
	case errors.As(err, new(*consumeError)), errors.As(err, new(*authError)), errors.As(err, new(*routeError)),
		errors.As(err, new(*groupingkey.Error)), errors.As(err, new(*rateError)):
		return err.Error()
	default:
		return exposition.Redact(err)
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
		return answer{status: http.StatusServiceUnavailable, reason: "pipeline_unavailable", retryAfter: retryAfter(s),
			message: "the pipeline cannot take the push now; push it again later"}
	case codes.ResourceExhausted:
		return answer{status: http.StatusTooManyRequests, reason: "pipeline_busy", retryAfter: retryAfter(s),
			message: "the pipeline has too much to do; push it again later"}
	}
	a := answer{reason: "pipeline_refused"}
	switch s.Code() {
	case codes.InvalidArgument:
		a.status, a.message = http.StatusBadRequest, "the pipeline refused the push as invalid; the backend may have newer samples of the same series"
	case codes.Unauthenticated:
		a.status, a.message = http.StatusUnauthorized, "the pipeline refused the push as unauthenticated"
	case codes.PermissionDenied:
		a.status, a.message = http.StatusForbidden, "the pipeline refused the push as forbidden"
	case codes.Unimplemented:
		a.status, a.message = http.StatusNotFound, "the pipeline has no place for the push"
	default:
		a.status, a.message = http.StatusInternalServerError, "the pipeline refused the push for good; the Collector's log says why"
	}
	return a
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
