package pushgatewayreceiver

import (
	"net/http"
	"net/url"
	"strings"
)

// operation is what a request asks for.
type operation struct {
	kind kind
	// keyPath is the grouping key in its escaped form, from "job" on; for add, replace and remove.
	keyPath string
}

type kind uint8

// The kinds of operations. Without groups, add and replace are the same.
const (
	add     kind = iota // POST
	replace             // PUT
	remove              // DELETE
	options             // OPTIONS on any known path
	healthy
	ready
)

func (op operation) isPush() bool { return op.kind == add || op.kind == replace }

// pattern returns the path with the names of what changes instead of the values.
func (op operation) pattern() string {
	if op.keyPath == "" {
		return "" // there is no such path that something is known of
	}
	return "/metrics/job/{job}"
}

// router tells operations from paths and methods. It never redirects: clients lose a push on a redirect.
type router struct {
	prefix       []string // segments of path_prefix
	acceptDelete bool
}

func newRouter(s *Settings) router {
	return router{
		prefix:       strings.FieldsFunc(s.PathPrefix, func(c rune) bool { return c == '/' }),
		acceptDelete: s.OnDelete == onDeleteAccept || s.Groups.HasValue(),
	}
}

// route returns the operation, or a *routeError.
func (rt router) route(method, escapedPath string) (operation, error) {
	for _, prefix := range [...][]string{nil, rt.prefix} {
		path, ok := matchSegments(escapedPath, prefix...)
		if !ok {
			continue
		}
		if keyPath, ok := pushPath(path); ok {
			return rt.pushOperation(method, keyPath)
		}
		if k, ok := healthPath(path); ok {
			return healthOperation(method, k)
		}
	}
	return operation{}, errNoRoute
}

func (rt router) pushOperation(method, keyPath string) (operation, error) {
	op := operation{keyPath: keyPath}
	switch {
	case method == http.MethodPost:
		op.kind = add
	case method == http.MethodPut:
		op.kind = replace
	case method == http.MethodDelete && rt.acceptDelete:
		op.kind = remove
	case method == http.MethodOptions:
		op.kind = options
	case method == http.MethodDelete:
		return op, &routeError{allow: rt.pushMethods(),
			reason: "DELETE is not allowed: nothing is kept of a push, so there is nothing to delete; on_delete: accept would answer it with 202, and groups would keep pushes"}
	default:
		return op, methodNotAllowed(rt.pushMethods())
	}
	return op, nil
}

func (rt router) pushMethods() string {
	if rt.acceptDelete {
		return "DELETE, OPTIONS, POST, PUT"
	}
	return "OPTIONS, POST, PUT"
}

const healthMethods = "GET, HEAD, OPTIONS"

func healthOperation(method string, k kind) (operation, error) {
	switch method {
	case http.MethodGet, http.MethodHead:
		return operation{kind: k}, nil
	case http.MethodOptions:
		return operation{kind: options}, nil
	default:
		return operation{}, methodNotAllowed(healthMethods)
	}
}

// allow returns the methods of the path of an OPTIONS request.
func (rt router) allow(op operation) string {
	if op.keyPath == "" {
		return healthMethods
	}
	return rt.pushMethods()
}

// pushPath returns what follows /metrics/ if that begins with a job segment and has more behind it.
func pushPath(path string) (keyPath string, ok bool) {
	rest, ok := matchSegments(path, "metrics")
	if !ok {
		return "", false
	}
	keyPath = strings.TrimLeft(rest, "/")
	job, _, hasMore := strings.Cut(keyPath, "/")
	return keyPath, hasMore && (isSegment(job, "job") || isSegment(job, "job@base64"))
}

func healthPath(path string) (kind, bool) {
	if rest, ok := matchSegments(path, "-", "healthy"); ok && rest == "" {
		return healthy, true
	}
	if rest, ok := matchSegments(path, "-", "ready"); ok && rest == "" {
		return ready, true
	}
	return 0, false
}

// matchSegments returns what follows the given segments, if the path begins with them. Leading and doubled slashes
// are passed over: they come from base URLs with a slash at the end.
func matchSegments(path string, segments ...string) (rest string, ok bool) {
	for _, want := range segments {
		var segment string
		segment, path, _ = strings.Cut(strings.TrimLeft(path, "/"), "/")
		if !isSegment(segment, want) {
			return "", false
		}
	}
	return path, true
}

func isSegment(escaped, want string) bool {
	segment, err := url.PathUnescape(escaped)
	return err == nil && segment == want
}
