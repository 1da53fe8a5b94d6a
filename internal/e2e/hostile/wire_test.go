package hostile

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// head is the head of a push. The headers say how long the body is.
func head(target string, headers ...string) string {
	return "POST " + target + " HTTP/1.1\r\nHost: x\r\n" + strings.Join(append(headers, "\r\n"), "\r\n")
}

// push is a request that nothing is wrong with.
func push(target, body string, headers ...string) string {
	return head(target, append(headers, "Content-Length: "+strconv.Itoa(len(body)))...) + body
}

// A connection is one to the collector.
type connection struct {
	net.Conn
	in *bufio.Reader
}

func dial(t *testing.T, address string) connection {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	return connection{Conn: conn, in: bufio.NewReader(conn)}
}

// A reply is an answer as it comes.
type reply struct {
	status int
	body   string
}

// read returns the next reply, or false if there is none.
func (c connection) read() (reply, bool) {
	res, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return reply{}, false
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	return reply{status: res.StatusCode, body: string(body)}, err == nil
}

// ask sends bytes as they are, and returns so many replies, or fewer if the server closes the connection. It says whether the server
// takes another request then, and answers no more than that.
func ask(t *testing.T, address, request string, replies int) (got []reply, kept bool) {
	t.Helper()
	conn := dial(t, address)
	_, _ = io.WriteString(conn, request) // a server that has heard enough closes the connection
	for range replies {
		r, ok := conn.read()
		if !ok {
			return got, false
		}
		got = append(got, r)
	}
	_, _ = io.WriteString(conn, "GET /-/healthy HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	for {
		r, ok := conn.read()
		switch {
		case !ok:
			return got, kept
		case !kept && r == (reply{status: http.StatusOK, body: "OK"}):
			kept = true
		default:
			got = append(got, r)
		}
	}
}
