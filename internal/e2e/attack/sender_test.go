package attack

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"
)

// An attack is a request that costs more than it looks.
type attack struct {
	name    string
	path    string // default: a group of its own
	headers []string
	body    func() string
	// slowly sends the body in pieces of that size, with so much time in between.
	slowly pieces
	bytes  []byte // the body
	// whole says that the body has a head of its own.
	whole bool
}

// prepare makes the body, which must not be made while the clock runs.
func (a *attack) prepare() {
	if a.bytes == nil {
		a.bytes = []byte(a.body())
	}
}

type pieces struct {
	size  int
	pause time.Duration
}

// send does one attack and returns what came of it: the status, or what broke.
func (a attack) send(address string, stop <-chan struct{}) string {
	conn, err := net.DialTimeout("tcp", address, 5*time.Second)
	if err != nil {
		return "no connection"
	}
	defer func() { _ = conn.Close() }()
	_ = conn.SetDeadline(time.Now().Add(30 * time.Second))
	ended := make(chan struct{})
	defer close(ended)
	go func() { // an attack that hangs ends with all others
		select {
		case <-stop:
			_ = conn.SetDeadline(time.Now())
		case <-ended:
		}
	}()
	written := make(chan struct{})
	go func() {
		defer close(written)
		a.write(conn, stop)
	}()
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		_ = conn.Close()
		<-written
		return "no answer"
	}
	_, _ = io.Copy(io.Discard, res.Body)
	_ = res.Body.Close()
	_ = conn.Close()
	<-written
	return fmt.Sprint(res.StatusCode)
}

func (a attack) write(conn net.Conn, stop <-chan struct{}) {
	if a.whole {
		a.writeBody(conn, stop)
		return
	}
	path := a.path
	if path == "" {
		path = fmt.Sprintf("/metrics/job/attack/instance/%d", rand.IntN(1000))
	}
	head := append([]string{"PUT " + path + " HTTP/1.1", "Host: x", fmt.Sprintf("Content-Length: %d", len(a.bytes))}, a.headers...)
	if _, err := io.WriteString(conn, strings.Join(head, "\r\n")+"\r\n\r\n"); err == nil {
		a.writeBody(conn, stop)
	}
}

func (a attack) writeBody(conn net.Conn, stop <-chan struct{}) {
	body := a.bytes
	if a.slowly.size == 0 {
		_, _ = conn.Write(body)
		return
	}
	for len(body) > 0 {
		piece := body[:min(a.slowly.size, len(body))]
		if _, err := conn.Write(piece); err != nil {
			return
		}
		body = body[len(piece):]
		select {
		case <-time.After(a.slowly.pause):
		case <-stop:
			return
		}
	}
}
