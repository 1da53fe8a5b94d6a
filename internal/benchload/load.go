package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"time"
)

// patience is how long a client waits for an answer. It is long, as the servers may have large pushes of several
// clients in hand.
const patience = 2 * time.Minute

// A connection is a client that pushes again and again.
type connection struct {
	conn   net.Conn
	reader *bufio.Reader
	head   []byte
	body   []byte
	// group are the digits of anyGroup in the head, which count up from push to push.
	group []byte
}

func dial(ctx context.Context, address string) (*connection, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &connection{conn: conn, reader: bufio.NewReader(conn)}, nil
}

// repeat sets the request that is pushed.
func (c *connection) repeat(request []byte) {
	head, body, _ := bytes.Cut(request, []byte("\r\n\r\n"))
	c.head, c.body, c.group = append(bytes.Clone(head), "\r\n\r\n"...), body, nil
	if i := bytes.Index(head, []byte(anyGroup)); i >= 0 {
		c.group = c.head[i+len(anyGroup)-groupDigits:][:groupDigits]
	}
}

// nextGroup counts up.
func (c *connection) nextGroup() {
	for i := len(c.group) - 1; i >= 0; i-- {
		if c.group[i]++; c.group[i] <= '9' {
			return
		}
		c.group[i] = '0'
	}
}

// push returns when the server has answered.
func (c *connection) push() error {
	if err := c.conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	c.nextGroup()
	request := net.Buffers{c.head, c.body}
	_, writeErr := request.WriteTo(c.conn)
	// A server that does not want the request to its end may say why.
	if err := readAnswer(c.reader); err != nil {
		if writeErr != nil {
			return fmt.Errorf("cannot send: %w, and the answer: %w", writeErr, err)
		}
		return err
	}
	return writeErr
}

// close does nothing more than close: all answers have been read.
func (c *connection) close() { _ = c.conn.Close() }

func closeAll(connections []*connection) {
	for _, c := range connections {
		c.close()
	}
}

// A load is what the clients saw.
type load struct {
	latencies []time.Duration // of all pushes, sorted
	elapsed   time.Duration   // until the last answer
}

// drive pushes on all connections for some time, each as fast as it gets answers. Pushes that have begun by then are
// finished. The first error ends it.
func drive(ctx context.Context, connections []*connection, duration time.Duration) (load, error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	defer context.AfterFunc(ctx, func() { closeAll(connections) })()
	latencies := make([][]time.Duration, len(connections))
	start := time.Now()
	var clients sync.WaitGroup
	for i, c := range connections {
		clients.Go(func() {
			l := make([]time.Duration, 0, 1<<17)
			for before := start; before.Sub(start) < duration; {
				if err := c.push(); err != nil {
					fail(err)
					break
				}
				now := time.Now()
				l = append(l, now.Sub(before))
				before = now
			}
			latencies[i] = l
		})
	}
	clients.Wait()
	if err := context.Cause(ctx); err != nil {
		return load{}, err
	}
	l := load{elapsed: time.Since(start), latencies: slices.Concat(latencies...)}
	slices.Sort(l.latencies)
	return l, nil
}
