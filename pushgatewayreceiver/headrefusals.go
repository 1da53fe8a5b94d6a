package pushgatewayreceiver

import (
	"context"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
)

// headRefusals finds requests that net/http refuses by itself, before there is a handler to ask: malformed ones, heads that are
// too large, and heads that do not come to their end. The connection becomes active, and is closed, or idle again, before a handler
// began. A malformed head behind a request on the same connection is not found if it comes in one piece: net/http has read it by
// then, and does not call the connection active.
type headRefusals struct {
	count func()   // is called for each of them
	conns sync.Map // net.Conn -> *watchedConn
}

// A watchedConn is what is known of a connection.
type watchedConn struct {
	unasked atomic.Bool // no handler began since the connection became active
	opened  atomic.Bool // it has been idle
}

// connKey is the key of the context for the *watchedConn.
type connKey struct{}

// watch must be called before the server serves.
func (h *headRefusals) watch(server *http.Server) {
	server.ConnContext = func(ctx context.Context, conn net.Conn) context.Context {
		watched := new(watchedConn)
		h.conns.Store(conn, watched)
		return context.WithValue(ctx, connKey{}, watched)
	}
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		if watched, ok := h.conns.Load(conn); ok {
			h.changed(conn, watched.(*watchedConn), state)
		}
	}
}

func (h *headRefusals) changed(conn net.Conn, watched *watchedConn, state http.ConnState) {
	switch state {
	case http.StateActive:
		watched.unasked.Store(true)
	case http.StateIdle:
		unasked := watched.unasked.Swap(false)
		if again := watched.opened.Swap(true); unasked && again { // HTTP/2 begins with active and idle
			h.count()
		}
	case http.StateClosed, http.StateHijacked:
		h.conns.Delete(conn)
		if watched.unasked.Load() {
			h.count()
		}
	}
}

// handlerBegins says that the request is not refused by net/http.
func handlerBegins(ctx context.Context) {
	if watched, ok := ctx.Value(connKey{}).(*watchedConn); ok {
		watched.unasked.Store(false)
	}
}
