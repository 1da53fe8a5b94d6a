package pushgatewayreceiver

import (
	"errors"
	"fmt"
	"net/textproto"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// routeError is a request that there is no operation for. allow is empty if the path is unknown.
type routeError struct{ allow, reason string }

func (e *routeError) Error() string { return e.reason }

var errNoRoute = &routeError{reason: "404 page not found: metrics are pushed to /metrics/job/<job>{/<label>/<value>}"}

// The answers of the status page.
var (
	errNoPage  = &routeError{reason: "404 page not found"}
	errRebound = &routeError{reason: "404 page not found: without auth, a page on localhost is shown for that name alone; a proxy must set it as Host"}
)

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

// Redacted is Error without the header, in which a secret may stand by mistake.
func (e *encodingError) Redacted() string {
	return "cannot decode the Content-Encoding; it may be one of " + e.accepted
}

// bodyError is a body that cannot be read to its end: too large, cut, or not in its encoding.
type bodyError struct{ err error }

func (e *bodyError) Error() string {
	if errors.As(e.err, new(textproto.ProtocolError)) {
		return "cannot read body: malformed trailer" // the error has a line of it, however long
	}
	return "cannot read body: " + e.err.Error()
}

// Redacted is Error. The decompressors do not quote what they read, and the connection has its addresses in its errors alone.
func (e *bodyError) Redacted() string { return e.Error() }

func (e *bodyError) Unwrap() error { return e.err }

// tooLargeError is a body beyond the limit. The size is 0 if it is not known.
type tooLargeError struct{ size, limit int64 }

func (e *tooLargeError) Error() string {
	if e.size > 0 {
		return fmt.Sprintf("the body has %d bytes; it must not be larger than max_request_body_size, %d bytes", e.size, e.limit)
	}
	return fmt.Sprintf("the body is larger than max_request_body_size, %d bytes (decompressed)", e.limit)
}

// lineOf returns the line of the body that is to blame for an error, 0 if none is, or it is not known.
func lineOf(err error) int {
	var (
		syntax *exposition.SyntaxError
		point  *exposition.PointError
	)
	switch {
	case errors.As(err, &syntax):
		return syntax.Line
	case errors.As(err, &point):
		return point.Line
	default:
		return 0
	}
}

// consumeError is the pipeline's refusal, of a push or of what is republished. Its text is for the log only.
type consumeError struct{ err error }

func (e *consumeError) Error() string { return "the pipeline did not take it: " + e.err.Error() }
func (e *consumeError) Unwrap() error { return e.err }
