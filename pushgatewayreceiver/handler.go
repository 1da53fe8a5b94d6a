package pushgatewayreceiver

import (
	"errors"
	"net/http"
	"net/url"

	"go.uber.org/zap"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// beforeConfigHTTP does what must happen before next, which is confighttp's chain of authentication, CORS
// and so on: it answers health checks, which are outside of authentication.
func (r *pushgatewayReceiver) beforeConfigHTTP(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		handlerBegins(req.Context())
		if req.Method == http.MethodOptions && req.RequestURI == "*" {
			return // 200, as net/http would answer by itself: of the server as a whole there is nothing to say
		}
		op, err := r.router.route(req.Method, escapedPath(req.URL))
		if err == nil && (op.kind == healthy || op.kind == ready) {
			r.serveHealth(w, op.kind)
			return
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
		readOn(req)
		r.refuse(w, req, err)
	case op.kind == remove:
		w.WriteHeader(http.StatusAccepted) // client_golang takes no other
	}
}

// serveUnauthorized answers what confighttp refuses, which is what the authenticator does.
func (r *pushgatewayReceiver) serveUnauthorized(w http.ResponseWriter, req *http.Request, reason string, _ int) {
	r.refuse(w, req, &authError{reason: reason, challenge: r.challenge})
}

// readOn reads what is left of the body and forgets it, because most clients read no answer before they have sent all: they would
// see a broken connection instead. Those that ask before they send are told at once.
func readOn(req *http.Request) {
	if req.Header.Get("Expect") == "" {
		discard(req.Body) // it ends with the body, max_request_body_size, or read_timeout
	}
}

// refuse answers with an error. The log tells the operator of our own trouble; a bad client must not fill it.
func (r *pushgatewayReceiver) refuse(w http.ResponseWriter, req *http.Request, err error) {
	a := answerFor(err)
	countRefused(req.Context(), r.metrics, a.reason)
	level := zap.DebugLevel
	ours := a.status >= http.StatusInternalServerError || errors.As(err, new(*consumeError))
	if clientGone := req.Context().Err() != nil; ours && !clientGone {
		level = zap.WarnLevel
	}
	if entry := r.logger.Check(level, "Refused a request"); entry != nil {
		entry.Write(zap.String("client", req.RemoteAddr), zap.String("method", req.Method),
			zap.String("path", exposition.Cut(escapedPath(req.URL))), zap.Int("status", a.status),
			zap.String("reason", a.reason), zap.String("error", forLog(err)))
	}
	a.write(w)
}
