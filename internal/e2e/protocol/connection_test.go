package protocol

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func connectionCases(*testing.T) []protocolCase {
	return append(framingCases(), versionCases()...)
}

// framingCases say in their own ways where a body ends.
func framingCases() []protocolCase {
	const path = "/metrics/job/x"
	one := taken(`m{job="x"} 1`)
	raw := func(headers, content string) string { return head("POST", path, headers) + content }
	const chunkedHeader = "Transfer-Encoding: chunked"
	closing, cut := answer{status: 400, closes: true}, answer{status: 400, closes: true}
	return []protocolCase{
		{name: "chunks", request: chunked(path, []string{"m ", "1", "\n"}), want: one},
		{name: "many small chunks", request: chunked(path, strings.Split(strings.Repeat("#\n", 2000)+"m 1\n", "")), want: one},
		{name: "chunks with extensions", request: raw(chunkedHeader, "4;a=b;c=\"d\"\r\nm 1\n\r\n0;last\r\n\r\n"), want: one},
		{name: "chunks with trailers", request: raw(chunkedHeader+"\r\nTrailer: X-Sum", "4\r\nm 1\n\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n"),
			want: one},
		{name: "a chunk's length with zeros in front", request: raw(chunkedHeader, "0004\r\nm 1\n\r\n000\r\n\r\n"), want: one},
		{name: "a chunk's length in capitals", request: raw(chunkedHeader, "A\r\nm 1\nn 2.0\n\r\n0\r\n\r\n"), want: status(200)},
		{name: "Chunked in capitals", request: raw("Transfer-Encoding: CHUNKED", "4\r\nm 1\n\r\n0\r\n\r\n"), want: one},
		{name: "chunks and an equal length", request: raw(chunkedHeader+"\r\nContent-Length: 4", "4\r\nm 1\n\r\n0\r\n\r\n"), want: one},
		{name: "chunks and another length", request: raw(chunkedHeader+"\r\nContent-Length: 1", "4\r\nm 1\n\r\n0\r\n\r\n"), want: one},
		{name: "chunks without an end", request: raw(chunkedHeader, "4\r\nm 1\n\r\n"), cut: true,
			want: cut, debian: answer{status: 200, closes: true}, says: "cannot read body"},
		{name: "a chunk that is cut", request: raw(chunkedHeader, "100\r\nm 1\n"), cut: true,
			want: cut, debian: answer{status: 200, closes: true}, says: "cannot read body"},
		{name: "a chunk's length that is no number", request: raw(chunkedHeader, "4\r\nm 1\n\r\nxyz\r\n\r\n"),
			want: closing, debian: answer{status: 200, closes: true}, says: "cannot read body"},
		{name: "a chunk that is longer than it says", request: raw(chunkedHeader, "2\r\nm 1\n\r\n0\r\n\r\n"),
			want: closing, says: "cannot read body"},
		{name: "a body that is cut", request: raw("Content-Length: 100", "m 1\n"), cut: true,
			want: cut, debian: answer{status: 200, closes: true}, says: "cannot read body"},
		{name: "a body in the middle of a line", request: raw("Content-Length: 100", "m 1"), cut: true,
			want: cut, says: "cannot read body"},
		{name: "a body that is longer than it says", request: raw("Content-Length: 4\r\nConnection: close", "m 1\nn 2\n"),
			want: answer{status: 200, closes: true, series: one.series}},
		{name: "a length twice", request: raw("Content-Length: 4\r\nContent-Length: 4", "m 1\n"), want: one},
		{name: "two lengths", request: raw("Content-Length: 4\r\nContent-Length: 5", "m 1\n"), want: closing},
		{name: "a negative length", request: raw("Content-Length: -4", "m 1\n"), want: closing},
		{name: "a length that is no number", request: raw("Content-Length: four", "m 1\n"), want: closing},
		{name: "a length of 2^64", request: raw("Content-Length: 18446744073709551616", "m 1\n"), want: closing},
		{name: "an unknown transfer coding", request: raw("Transfer-Encoding: xor", "m 1\n"), want: answer{status: 501, closes: true}},
		{name: "two transfer codings", request: raw("Transfer-Encoding: gzip, chunked", "0\r\n\r\n"),
			want: answer{status: 501, closes: true}},
	}
}

// versionCases are about the request line and the headers that HTTP itself knows.
func versionCases() []protocolCase {
	const path = "/metrics/job/x"
	one := taken(`m{job="x"} 1`)
	takenAndClosed := answer{status: 200, closes: true, series: one.series}
	closing := answer{status: 400, closes: true}
	return []protocolCase{
		{name: "HTTP/1.0", request: "POST " + path + " HTTP/1.0\r\nContent-Length: 4\r\n\r\nm 1\n", want: takenAndClosed},
		{name: "HTTP/1.0 without a length: the body is lost", request: "POST " + path + " HTTP/1.0\r\n\r\nm 1\n",
			want: answer{status: 200, closes: true, series: map[string]string{}}},
		{name: "HTTP/1.0 that keeps the connection",
			request: "POST " + path + " HTTP/1.0\r\nConnection: keep-alive\r\nContent-Length: 4\r\n\r\nm 1\n", want: one},
		{name: "HTTP/1.1 without Host", request: "POST " + path + " HTTP/1.1\r\nContent-Length: 4\r\n\r\nm 1\n", want: closing},
		{name: "an empty Host", request: "POST " + path + " HTTP/1.1\r\nHost:\r\nContent-Length: 4\r\n\r\nm 1\n", want: one},
		{name: "two Hosts", request: push(path, "m 1\n", "Host: other"), want: closing},
		{name: "a Host that is none", request: "POST " + path + " HTTP/1.1\r\nHost: a b\r\nContent-Length: 4\r\n\r\nm 1\n", want: closing},
		{name: "HTTP/1.2", request: "POST " + path + " HTTP/1.2\r\nHost: x\r\nContent-Length: 4\r\n\r\nm 1\n", want: one},
		{name: "HTTP/2 without TLS", request: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", because: nothingToShow,
			want: answer{status: 400, closes: true}, here: answer{status: 404, closes: true}},
		{name: "HTTP/3", request: "POST " + path + " HTTP/3.0\r\nHost: x\r\n\r\n", want: answer{status: 505, closes: true}},
		{name: "no version", request: "POST " + path + "\r\n\r\n", want: closing},
		{name: "nothing that is HTTP", request: "m 1\n\r\n\r\n", want: closing},
		{name: "line feeds alone in the head", request: "POST " + path + " HTTP/1.1\nHost: x\nContent-Length: 4\n\nm 1\n", want: one},
		{name: "a header without colon", request: push(path, "m 1\n", "nonsense"), want: closing},
		{name: "a header with a blank in its name", request: push(path, "m 1\n", "A B: c"), want: closing},
		{name: "a header with a control character", request: push(path, "m 1\n", "A: b\x01c"), want: closing},
		{name: "Connection: close", request: push(path, "m 1\n", "Connection: close"), want: takenAndClosed},
		{name: "Connection: close of a refused push", request: push(path, "m\n", "Connection: close"), want: closing, says: "in line 1"},
		{name: "a refused push keeps the connection", request: push(path, "m\n"), want: refused(), says: "in line 1"},
		{name: "a bad grouping key with an unread body keeps the connection", request: push(path+"/l", strings.Repeat("m 1\n", 10000)),
			want: refused(), says: "has no value"},
		{name: "a bad grouping key with a long body", because: readsOn,
			request: push(path+"/l", strings.Repeat("m 1\n", 100000)), want: closing, here: refused(), says: "has no value"},
		{name: "a GET with a body", request: with("GET", path, "m 1\n"), to: closest, want: notAllowed(pushMethodsClosest)},
		{name: "an upgrade to HTTP/2 is passed over",
			request: push(path, "m 1\n", "Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAAP__"), want: one},
		{name: "an upgrade to WebSocket is passed over", request: push(path, "m 1\n", "Connection: Upgrade", "Upgrade: websocket"),
			want: one},
		{name: "a preflight without CORS", request: bare("OPTIONS", path, "Origin: http://a", "Access-Control-Request-Method: PUT"),
			to: closest, want: answer{status: 200, allow: pushMethodsClosest}},
		{name: "Range says nothing", request: push(path, "m 1\n", "Range: bytes=0-1", "If-None-Match: *"), want: one},
		{name: "an unknown Expect", request: push(path, "m 1\n", "Expect: 200-ok"), want: answer{status: 417, closes: true}},
		{name: "an empty Expect", request: push(path, "m 1\n", "Expect:"), want: one},
	}
}

// A turn is what a client sends, and the statuses that it waits for then.
type turn struct {
	send string
	want []int
}

// conversations are connections on which a client waits in the middle of a request, or does not wait at all.
var conversations = []struct {
	name   string
	turns  []turn
	closes bool
}{
	{name: "Expect: the body is asked for", turns: []turn{
		{head("POST", "/metrics/job/x", "Expect: 100-continue", "Content-Length: 4"), []int{100}}, {"m 1\n", []int{200}}}},
	{name: "Expect in capitals", turns: []turn{
		{head("PUT", "/metrics/job/x", "expect: 100-Continue", "Content-Length: 4"), []int{100}}, {"m 1\n", []int{200}}}},
	{name: "Expect: chunks are asked for", turns: []turn{
		{head("POST", "/metrics/job/x", "Expect: 100-continue", "Transfer-Encoding: chunked"), []int{100}}, {"4\r\nm 1\n\r\n0\r\n\r\n", []int{200}}}},
	{name: "Expect: gzip is asked for", turns: []turn{
		{head("POST", "/metrics/job/x", "Expect: 100-continue", "Content-Encoding: gzip", "Content-Length: 4"), []int{100}}, {"m 1\n", []int{400}}}},
	{name: "Expect: a bad grouping key is refused before", closes: true, turns: []turn{
		{head("POST", "/metrics/job/x/l", "Expect: 100-continue", "Content-Length: 4"), []int{400}}}},
	{name: "Expect: an unknown path is refused before", closes: true, turns: []turn{
		{head("POST", "/metrics/foo/x", "Expect: 100-continue", "Content-Length: 4"), []int{404}}}},
	{name: "Expect: another method is refused before", closes: true, turns: []turn{
		{head("PATCH", "/metrics/job/x", "Expect: 100-continue", "Content-Length: 4"), []int{405}}}},
	{name: "Expect: a bad body is refused behind", turns: []turn{
		{head("POST", "/metrics/job/x", "Expect: 100-continue", "Content-Length: 2"), []int{100}}, {"m\n", []int{400}}}},
	{name: "Expect: nothing is asked for if there is nothing", turns: []turn{
		{head("POST", "/metrics/job/x", "Expect: 100-continue", "Content-Length: 0"), []int{200}}}},
	{name: "a body that comes in pieces", turns: []turn{
		{head("POST", "/metrics/job/x", "Content-Length: 8"), nil}, {"m 1", nil}, {"\nn 2\n", []int{200}}}},
	{name: "a head that comes in pieces", turns: []turn{
		{"PO", nil}, {"ST /metrics/job/x HTTP/1.1\r\nHo", nil}, {"st: x\r\nContent-Length: 4\r\n\r", nil}, {"\nm 1\n", []int{200}}}},
	{name: "pushes one after the other", turns: []turn{
		{push("/metrics/job/x", "m 1\n"), []int{200}}, {push("/metrics/job/y", "m 2\n"), []int{200}}, {bare("GET", "/-/ready"), []int{200}}}},
	{name: "a push behind refused ones", turns: []turn{
		{push("/metrics/job/x", "m\n"), []int{400}}, {push("/metrics/job/x/l", "m 1\n"), []int{400}}, {push("/metrics/foo/x", "m 1\n"), []int{404}},
		{bare("PATCH", "/metrics/job/x"), []int{405}}, {push("/metrics/job/x", "m 1\n"), []int{200}}}},
	{name: "pipelined pushes", turns: []turn{
		{push("/metrics/job/x", "m 1\n") + push("/metrics/job/y", "m 2\n") +
			chunked("/metrics/job/z", []string{"m", " 3\n"}) + bare("GET", "/-/healthy"), []int{200, 200, 200, 200}}}},
	{name: "pipelined pushes, one of them refused", turns: []turn{
		{push("/metrics/job/x", "m 1\n") + push("/metrics/job/y", "m\n") +
			push("/metrics/job/z/l", "m 3\n") + push("/metrics/job/w", "m 4\n"), []int{200, 400, 400, 200}}}},
	{name: "an empty line between pushes", turns: []turn{
		{push("/metrics/job/x", "m 1\n") + "\r\n" + push("/metrics/job/y", "m 2\n"), []int{200, 200}}}},
	{name: "what follows a body is the next request", closes: true, turns: []turn{
		{push("/metrics/job/x", "m 1\n") + "n 2\n\r\n", []int{200, 400}}}},
}

func TestConversations(t *testing.T) {
	s := startServers(t)
	for _, c := range conversations {
		t.Run(c.name, func(t *testing.T) {
			wipe(t, s.pushgateway)
			s.sink.take()
			for server, address := range map[string]string{"the Pushgateway": addressOf(s.pushgateway.URL), "the receiver": s.addresses[closest]} {
				conn := dial(t, address)
				for i, turn := range c.turns {
					conn.send(t, turn.send)
					if turn.want == nil {
						time.Sleep(20 * time.Millisecond) // else it might arrive with the next piece
					}
					for _, want := range turn.want {
						r, err := conn.read(http.MethodPost)
						require.NoError(t, err, "%s, turn %d", server, i)
						assert.Equal(t, want, r.status, "%s, turn %d: %s", server, i, r.body)
					}
				}
				assert.Equal(t, !c.closes, conn.isKept(t), "whether %s keeps the connection", server)
			}
			assert.Equal(t, page(t, s.pushgateway).Series, s.sink.take().Series)
		})
	}
}

// A client may send many pushes before it reads an answer.
func TestManyPipelinedPushes(t *testing.T) {
	s := startServers(t)
	const pushes = 500
	var requests strings.Builder
	for i := range pushes {
		requests.WriteString(push("/metrics/job/x", fmt.Sprintf("m%d %d\n", i, i)))
	}
	for server, address := range map[string]string{"the Pushgateway": addressOf(s.pushgateway.URL), "the receiver": s.addresses[withDefaults]} {
		conn := dial(t, address)
		conn.send(t, requests.String())
		for i := range pushes {
			r, err := conn.read(http.MethodPost)
			require.NoError(t, err, "%s, push %d", server, i)
			require.Equal(t, http.StatusOK, r.status, "%s, push %d: %s", server, i, r.body)
		}
	}
	assert.Equal(t, page(t, s.pushgateway).Series, s.sink.take().Series)
}
