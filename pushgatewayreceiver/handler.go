package pushgatewayreceiver

import (
	"net/http"
	"net/url"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
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
		if err == nil {
			req.Pattern = op.pattern() // names the span, in which the path of each job would be another name
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
	if err != nil && r.page.isHere() && r.page.serve(w, req) {
		return
	}
	var push *pushRecord
	if err == nil {
		switch op.kind {
		case options:
			w.Header().Set("Allow", r.router.allow(op))
		case remove:
			err = r.serveDelete(req.Context(), op)
		default:
			r.reporter.inFlight.Add(1)
			defer r.reporter.inFlight.Add(-1)
			push = newPushRecord(req)
			err = r.servePush(req, op, push)
		}
	}
	switch {
	case err != nil:
		readOn(req)
		r.refuse(w, req, push, err)
	case push != nil:
		r.reporter.accepted(req.Context(), push)
	case op.kind == remove:
		w.WriteHeader(http.StatusAccepted) // client_golang takes no other
	}
}

// serveUnauthorized answers what confighttp refuses, which is what the authenticator does.
func (r *pushgatewayReceiver) serveUnauthorized(w http.ResponseWriter, req *http.Request, reason string, _ int) {
	var push *pushRecord
	if op, err := r.router.route(req.Method, escapedPath(req.URL)); err == nil && op.isPush() {
		push = newPushRecord(req)
		push.key, _ = groupingkey.Parse(op.keyPath, r.keyOptions) // there is no job if it is none
	}
	r.refuse(w, req, push, &authError{reason: reason, challenge: r.challenge})
}

// readOn reads what is left of the body and forgets it, because most clients read no answer before they have sent all: they would
// see a broken connection instead. Those that ask before they send are told at once.
func readOn(req *http.Request) {
	if req.Header.Get("Expect") == "" {
		discard(req.Body) // it ends with the body, max_request_body_size, or read_timeout
	}
}

// refuse answers with an error. push is nil if the request is no push.
func (r *pushgatewayReceiver) refuse(w http.ResponseWriter, req *http.Request, push *pushRecord, err error) {
	a := answerFor(err)
	if req.Context().Err() != nil && a.ours(err) {
		a.reason = "client_gone" // the pipeline may have stopped because of that
	}
	r.reporter.refused(req, push, a, err)
	a.write(w)
}
