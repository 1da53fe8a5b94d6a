package main

import (
	"bufio"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadAnswer(t *testing.T) {
	cases := []struct {
		name   string
		answer string
		want   string // the error, or nothing
	}{
		{"200 without text", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", ""},
		{"200 with text", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nDate: x\r\n\r\nok", ""},
		{"200 in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", ""},
		{"202", "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n", ""},
		{"204 has no length", "HTTP/1.1 204 No Content\r\n\r\n", ""},
		{"200 without length", "HTTP/1.1 200 OK\r\n\r\n", "cannot read the text of status 200: it has no length"},
		{"400", "HTTP/1.1 400 Bad Request\r\nContent-Length: 4\r\n\r\nbad\n", "the answer is 400: bad"},
		{"400 in chunks", "HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nbad\r\n0\r\n\r\n", "the answer is 400: bad"},
		{
			"503 with a long text", "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 600\r\n\r\n" + strings.Repeat("a", 100) + strings.Repeat("b", 500),
			"the answer is 503: " + strings.Repeat("b", 500),
		},
		{"the connection ends", "", "EOF"},
		{"the connection ends in the text", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", "EOF"},
		{"HTTP/2", "HTTP/2 200 OK\r\n\r\n", `cannot read status line "HTTP/2 200 OK\r\n"`},
		{"a status that is no number", "HTTP/1.1 abc\r\n\r\n", `cannot read status line "HTTP/1.1 abc\r\n": strconv.Atoi: parsing "abc": invalid syntax`},
		{"a length that is no number", "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n", `cannot read header line "Content-Length: -2"`},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := readAnswer(bufio.NewReader(strings.NewReader(c.answer)))
			if c.want == "" {
				require.NoError(t, err)
			} else {
				require.EqualError(t, err, c.want)
			}
		})
	}
}

func TestReadAnswerLeavesTheNextOne(t *testing.T) {
	for _, answer := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
		"HTTP/1.1 204 No Content\r\n\r\n",
	} {
		r := bufio.NewReader(strings.NewReader(answer + "next"))
		require.NoError(t, readAnswer(r))
		rest, err := io.ReadAll(r)
		require.NoError(t, err)
		assert.Equal(t, "next", string(rest))
	}
}
