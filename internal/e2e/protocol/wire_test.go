package protocol

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// push is a POST with a body, framed by its length.
func push(path, body string, headers ...string) string { return with("POST", path, body, headers...) }

// with is a request with a body, framed by its length.
func with(method, path, body string, headers ...string) string {
	return head(method, path, append(headers, fmt.Sprintf("Content-Length: %d", len(body)))...) + body
}

// bare is a request without a body, and without a word about its length.
func bare(method, path string, headers ...string) string { return head(method, path, headers...) }

// chunked is a POST whose body comes in these chunks.
func chunked(path string, chunks []string, headers ...string) string {
	var b strings.Builder
	b.WriteString(head("POST", path, append(headers, "Transfer-Encoding: chunked")...))
	for _, chunk := range chunks {
		fmt.Fprintf(&b, "%x\r\n%s\r\n", len(chunk), chunk)
	}
	b.WriteString("0\r\n\r\n")
	return b.String()
}

func head(method, path string, headers ...string) string {
	return method + " " + path + " HTTP/1.1\r\n" + strings.Join(append([]string{"Host: pushgateway"}, headers...), "\r\n") + "\r\n\r\n"
}

// A connection is one to either server.
type connection struct {
	net.Conn
	in *bufio.Reader
}

func dial(t *testing.T, address string) *connection {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	return &connection{Conn: conn, in: bufio.NewReader(conn)}
}

// send writes all, unless the server does not want to hear it.
func (c *connection) send(t *testing.T, request string) {
	t.Helper()
	if _, err := io.WriteString(c, request); !isClosed(err) {
		require.NoError(t, err)
	}
}

func isClosed(err error) bool {
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// A reply is an answer as it comes.
type reply struct {
	status int
	header http.Header
	body   string
}

// read returns the next reply, be it 100 Continue.
func (c *connection) read(method string) (reply, error) {
	res, err := http.ReadResponse(c.in, &http.Request{Method: method})
	if err != nil {
		return reply{}, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return reply{status: res.StatusCode, header: res.Header, body: string(body)}, err
}

// isKept says whether the server takes another request.
func (c *connection) isKept(t *testing.T) bool {
	t.Helper()
	c.send(t, bare("GET", "/-/healthy"))
	_, err := c.read("GET")
	if isClosed(err) {
		return false
	}
	require.NoError(t, err)
	return true
}

// ask sends the request of a case and returns what was seen of the answer.
func (c protocolCase) ask(t *testing.T, address string) outcome {
	t.Helper()
	method, _, _ := strings.Cut(c.request, " ")
	conn := dial(t, address)
	conn.send(t, c.request)
	if c.cut {
		require.NoError(t, conn.Conn.(*net.TCPConn).CloseWrite())
	}
	r, err := conn.read(method)
	if isClosed(err) {
		return outcome{Method: method}
	}
	require.NoError(t, err, "there must be an answer")
	o := outcome{
		Method: method, Status: r.status, Allow: r.header.Get("Allow"), ContentType: r.header.Get("Content-Type"),
		NoSniff: r.header.Get("X-Content-Type-Options") == "nosniff", Location: r.header.Get("Location"),
		body: r.body,
	}
	o.Challenge, _, _ = strings.Cut(r.header.Get("Www-Authenticate"), " ")
	if o.Status == http.StatusOK {
		o.Body = r.body
	}
	o.Kept = !c.cut && conn.isKept(t)
	return o
}
