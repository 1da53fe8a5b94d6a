package hostile

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// A smugglingCase is a request that a proxy in front may take to end elsewhere, so that what is hidden in it would come from another
// client.
type smugglingCase struct {
	name    string
	request string
	want    []int    // statuses of all answers
	closes  bool     // the server closes the connection, as it does not know where the next request begins
	taken   []string // jobs whose pushes arrive; the hidden one only if it is a request of its own by all rules
}

const (
	path   = "/metrics/job/x"
	body   = "m 1\n"
	chunks = "4\r\nm 1\n\r\n0\r\n\r\n"
	te     = "Transfer-Encoding: chunked"
)

// hidden is the push that must not arrive.
var hidden = push("/metrics/job/hidden", body)

func TestSmuggling(t *testing.T) {
	s := startServer(t, "read_timeout: 1s", "max_request_body_size: 65536")
	cases := append(transferEncodingCases(), contentLengthCases()...)
	cases = append(append(cases, chunkCases()...), requestLineCases()...)
	cases = append(append(cases, headerCases()...), bodyCases()...)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			begin := time.Now()
			replies, kept := ask(t, s.address, c.request, len(c.want))
			var statuses []int
			for _, r := range replies {
				statuses = append(statuses, r.status)
			}
			assert.Equal(t, c.want, statuses, "%v", replies)
			assert.Equal(t, !c.closes, kept, "whether the connection is kept")
			assert.Less(t, time.Since(begin), 3*time.Second)
			assert.Equal(t, c.taken, s.takeJobs(), "jobs that arrive")
		})
	}
	s.requireGood(t)
}

// one is a request that is taken as a single push.
func one(name, request string) smugglingCase {
	return smugglingCase{name: name, request: request, want: []int{200}, taken: []string{"x"}}
}

// doubtful is a request that ends nobody knows where. What is hidden stands behind it.
func doubtful(name, request string, status int) smugglingCase {
	return smugglingCase{name: name, request: request + hidden, want: []int{status}, closes: true}
}

func transferEncodingCases() []smugglingCase {
	// RFC 9112, section 6.3: chunks win over a length, so that what stands behind them is the next request.
	behindChunks := "0\r\n\r\n" + hidden
	withLength := fmt.Sprintf("Content-Length: %d", len(behindChunks))
	inChunk := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(hidden), hidden)
	cases := []smugglingCase{
		{name: "a length that hides what stands behind chunks", request: head(path, withLength, te) + behindChunks,
			want: []int{200, 200}, taken: []string{"hidden"}},
		{name: "chunks that hide what stands behind the length", request: head(path, "Content-Length: 4", te) + inChunk, want: []int{400}},
		one("a coding in capitals", head(path, "Transfer-Encoding: ChUnKeD")+chunks),
		one("a tab in front of the coding", head(path, "Transfer-Encoding:\tchunked\t")+chunks),
		one("a coding on a line of its own", head(path, "Transfer-Encoding:\r\n chunked")+chunks),
		one("a coding in the fold of another header", push(path, body, "A: b\r\n Transfer-Encoding: chunked")),
		one("a coding in another header's value", push(path, body, "A: Transfer-Encoding: chunked")),
		one("a header that only looks like it", push(path, body, "Transfer_Encoding: chunked", "X-Transfer-Encoding: chunked")),
		doubtful("HTTP/1.0 with chunks", strings.Replace(head(path, te)+chunks, "HTTP/1.1", "HTTP/1.0", 1), 200),
		doubtful("a blank in front of the colon", head(path, "Transfer-Encoding : chunked", "Content-Length: 4")+body, 400),
		doubtful("a tab in front of the colon", head(path, "Transfer-Encoding\t: chunked")+chunks, 400),
		doubtful("a vertical tab in front of the coding", head(path, "Transfer-Encoding: \x0bchunked")+chunks, 400),
		doubtful("a NUL behind the coding", head(path, "Transfer-Encoding: chunked\x00")+chunks, 400),
		doubtful("a carriage return alone in front of it", head(path, "A: b\rTransfer-Encoding: chunked", "Content-Length: 4")+body, 400),
	}
	for _, coding := range []string{
		"xchunked", "chunkedx", "chunked, identity", "identity, chunked", "chunked, chunked", "identity", "gzip, chunked", "chunked,",
		`"chunked"`, "chunked;q=1", "",
	} {
		cases = append(cases, doubtful("coding "+coding, head(path, "Content-Length: 4", "Transfer-Encoding: "+coding)+body, 501))
	}
	for _, second := range []string{"chunked", "identity", "x"} {
		cases = append(cases, doubtful("chunked and then "+second, head(path, te, "Transfer-Encoding: "+second)+chunks, 501))
	}
	return cases
}

func contentLengthCases() []smugglingCase {
	cases := []smugglingCase{
		one("a length with zeros in front", head(path, "Content-Length: 0004")+body),
		one("a length with blanks around it", head(path, "Content-Length: \t 4 \t")+body),
		one("the same length twice", head(path, "Content-Length: 4", "Content-Length: 4")+body),
		one("a length in another header", push(path, body, "Content_Length: 100", "X-Content-Length: 100")),
		{name: "no length", request: head(path) + hidden, want: []int{200, 200}, taken: []string{"hidden"}},
		{name: "a length that is too short", request: head(path, "Content-Length: 4") + body + "n 2\n\r\n", want: []int{200, 400}, closes: true,
			taken: []string{"x"}},
		{name: "a length of 2^63-1", request: head(path, "Content-Length: 9223372036854775807") + body, want: []int{413}, closes: true},
		{name: "a length beyond the limit, with something hidden behind the limit", want: []int{413},
			request: push(path, strings.Repeat("#\n", 40_000)+hidden)},
	}
	for _, length := range []string{
		"+4", "-4", "4, 4", "4,5", "4 5", "0x4", "4.0", "4e0", "4_0", "", "9223372036854775808", "18446744073709551620", "٤", "4;", "4\x00",
		"4\r\n 0", "4\r\nContent-Length: 5", "4\r\nContent-Length: 0", "4\r\nContent-Length: +4",
	} {
		cases = append(cases, doubtful("length "+strings.ReplaceAll(length, "\r\n", "|"), head(path, "Content-Length: "+length)+body, 400))
	}
	return append(cases, doubtful("a blank in front of the colon of a length", head(path, "Content-Length : 4")+body, 400))
}

func chunkCases() []smugglingCase {
	in := func(chunks string) string { return head(path, te) + chunks }
	long := strings.Repeat("a", 5000)
	cases := []smugglingCase{
		one("a chunk with an extension", in("4;a=\"b;c\"\r\nm 1\n\r\n0\r\n\r\n")),
		one("a blank behind a size", in("4 \r\nm 1\n\r\n0\r\n\r\n")),
		one("trailers that say how long the body was", in("4\r\nm 1\n\r\n0\r\nContent-Length: 100\r\nTransfer-Encoding: chunked\r\nHost: y\r\n\r\n")),
		one("trailers that ask for another path", in("4\r\nm 1\n\r\n0\r\nX-Original-URL: /metrics/job/hidden\r\nContent-Encoding: gzip\r\n\r\n")),
		doubtful("a trailer that is announced and must not be one", head(path, te, "Trailer: Content-Length")+chunks, 400),
		doubtful("a trailer without colon", in("4\r\nm 1\n\r\n0\r\nnonsense\r\n\r\n"), 400),
		doubtful("an extension of 5000 bytes", in("4;"+long+"\r\nm 1\n\r\n0\r\n\r\n"), 400),
		doubtful("more extensions than data", in(strings.Repeat("1;"+long[:1000]+"\r\n#\r\n", 100)+"0\r\n\r\n"), 400),
		doubtful("a line feed alone in an extension", in("4;\nm 1\n\r\n0\r\n\r\n"), 400),
		doubtful("a line feed alone behind a chunk", in("4\r\nm 1\n\n0\r\n\r\n"), 400),
		doubtful("a carriage return alone behind a size", in("4\rm 1\n\r\n0\r\n\r\n"), 400),
		doubtful("a chunk that is longer than its size", in("2\r\nm 1\n\r\n0\r\n\r\n"), 400),
		{name: "a chunk that is shorter than its size", request: in("100\r\nm 1\n\r\n0\r\n\r\n" + hidden), want: []int{408}, closes: true},
		{name: "a chunk of 2^63-1", request: in("7fffffffffffffff\r\n" + hidden), want: []int{408}, closes: true},
		{name: "no last chunk", request: in("4\r\nm 1\n\r\n"), want: []int{408}, closes: true},
	}
	for _, size := range []string{
		"-4", "+4", "0x4", "4_0", "_4", " 4", "\t4", "4 4", "4g", "", "10000000000000004", "ffffffffffffffffff", "٤", "\x004", "4\x00",
	} {
		cases = append(cases, doubtful("size "+size, in(size+"\r\nm 1\n\r\n0\r\n\r\n"), 400))
	}
	return cases
}
