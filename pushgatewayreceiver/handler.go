package pushgatewayreceiver

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"go.uber.org/zap"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// beforeConfigHTTP does what must happen before next, which is confighttp's chain of authentication, decompression
// and so on: it answers health checks, which are outside of authentication, and brings Content-Encoding into the one
// spelling that confighttp knows.
func (r *pushgatewayReceiver) beforeConfigHTTP(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		op, err := r.router.route(req.Method, escapedPath(req.URL))
		if err == nil && (op.kind == healthy || op.kind == ready) {
			r.serveHealth(w, op.kind)
			return
		}
		if values := req.Header.Values(contentEncoding); len(values) > 0 {
			encoding := strings.ToLower(strings.TrimSpace(strings.Join(values, ", ")))
			switch encoding {
			case "identity":
				encoding = ""
			case "x-gzip": // RFC 9110, section 8.4.1.3
				encoding = "gzip"
			}
			req.Header.Set(contentEncoding, encoding)
		}
		next.ServeHTTP(w, req)
	})
}

// escapedPath returns the path as the client sent it. URL.EscapedPath would not do: if the client left a character
// unescaped that should not be, it escapes the decoded path anew, and a %2F has become a slash by then.
func escapedPath(u *url.URL) string {
	if u.RawPath != "" {
		return u.RawPath
	}
	return u.EscapedPath()
}

const contentEncoding = "Content-Encoding"

func (r *pushgatewayReceiver) serveHealth(w http.ResponseWriter, k kind) {
	if k == ready && r.shuttingDown.Load() {
		answer{status: http.StatusServiceUnavailable, message: "shutting down"}.write(w)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("OK")) // the client is gone if this fails
}

// serve is the handler behind confighttp.
func (r *pushgatewayReceiver) serve(w http.ResponseWriter, req *http.Request) {
	op, err := r.router.route(req.Method, escapedPath(req.URL))
	if err == nil {
		switch op.kind {
		case options:
			w.Header().Set("Allow", r.router.allow(op))
		case remove:
			err = r.serveDelete(op)
		default:
			err = r.servePush(req, op)
		}
	}
	switch {
	case err != nil:
		r.refuse(w, req, err)
	case op.kind == remove:
		w.WriteHeader(http.StatusAccepted) // client_golang takes no other
	}
}

// serveConfigHTTPError answers what confighttp refuses: it calls this with the text of an error instead of the error.
func (r *pushgatewayReceiver) serveConfigHTTPError(w http.ResponseWriter, req *http.Request, reason string, statusCode int) {
	encoding := req.Header.Get(contentEncoding)
	switch {
	case statusCode == http.StatusUnauthorized:
		r.refuse(w, req, &authError{reason: reason, challenge: r.challenge})
	case !slices.Contains(r.encodings, encoding):
		r.refuse(w, req, &encodingError{encoding: encoding, accepted: acceptedEncodings(r.encodings)})
	default:
		r.refuse(w, req, &bodyError{err: errors.New(reason)})
	}
}

// acceptedEncodings lists encodings for a message; the empty one, which stands for none, is called identity.
func acceptedEncodings(encodings []string) string {
	if len(encodings) == 0 {
		return "identity"
	}
	names := slices.Clone(encodings)
	for i, name := range names {
		if name == "" {
			names[i] = "identity"
		}
	}
	return strings.Join(names, ", ")
}

// refuse answers with an error. The log tells the operator of our own trouble; a bad client must not fill it.
func (r *pushgatewayReceiver) refuse(w http.ResponseWriter, req *http.Request, err error) {
	a := answerFor(err)
	level := zap.DebugLevel
	ours := a.status >= http.StatusInternalServerError || errors.As(err, new(*consumeError))
	if clientGone := req.Context().Err() != nil; ours && !clientGone {
		level = zap.WarnLevel
	}
	if entry := r.logger.Check(level, "Refused a request"); entry != nil {
		entry.Write(zap.String("client", req.RemoteAddr), zap.String("method", req.Method),
			zap.String("path", exposition.Cut(escapedPath(req.URL))), zap.Int("status", a.status), zap.String("error", forLog(err)))
	}
	a.write(w)
}
