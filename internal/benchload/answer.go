package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"strconv"
)

// readAnswer reads an answer of HTTP/1.1 to its end. It returns an error with the answer's text if its status is not
// one of those that mean that the server has the push.
//
// It knows no more of HTTP than the servers use, so that the client takes as little as can be of the CPU that it shares
// with them.
func readAnswer(r *bufio.Reader) error {
	status, err := readStatus(r)
	if err != nil {
		return err
	}
	length, chunked, err := readHeader(r)
	if err != nil {
		return err
	}
	if status == http.StatusOK || status == http.StatusAccepted || status == http.StatusNoContent {
		if !chunked && length >= 0 {
			_, err = r.Discard(length)
			return err
		}
		if status == http.StatusNoContent {
			return nil
		}
	}
	text, err := readText(r, length, chunked)
	if err != nil {
		return fmt.Errorf("cannot read the text of status %d: %w", status, err)
	}
	if status == http.StatusOK || status == http.StatusAccepted {
		return nil
	}
	return fmt.Errorf("the answer is %d: %s", status, cut(text))
}

// readStatus reads a status line, as in HTTP/1.1 200 OK.
func readStatus(r *bufio.Reader) (int, error) {
	line, err := r.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	const before = len("HTTP/1.1 ")
	if !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) || len(line) < before+3 {
		return 0, fmt.Errorf("cannot read status line %q", line)
	}
	status, err := strconv.Atoi(string(line[before : before+3]))
	if err != nil {
		return 0, fmt.Errorf("cannot read status line %q: %w", line, err)
	}
	return status, nil
}

// readHeader returns the Content-Length, or -1 if there is none, and whether the text comes in chunks.
func readHeader(r *bufio.Reader) (length int, chunked bool, err error) {
	length = -1
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return 0, false, err
		}
		line = bytes.TrimSpace(line)
		if len(line) == 0 {
			return length, chunked, nil
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch value = bytes.TrimSpace(value); {
		case bytes.EqualFold(name, []byte("Content-Length")):
			if length, err = strconv.Atoi(string(value)); err != nil || length < 0 {
				return 0, false, fmt.Errorf("cannot read header line %q", line)
			}
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = true
		}
	}
}

func readText(r *bufio.Reader, length int, chunked bool) ([]byte, error) {
	if !chunked {
		if length < 0 {
			return nil, errors.New("it has no length")
		}
		return io.ReadAll(io.LimitReader(r, int64(length)))
	}
	text, err := io.ReadAll(httputil.NewChunkedReader(r))
	if err != nil {
		return nil, err
	}
	_, _, err = readHeader(r) // the trailer
	return text, err
}

// cut keeps the end of a long text: vmagent's begins with the whole request.
func cut(text []byte) []byte {
	const enough = 500
	return bytes.TrimSpace(text[max(0, len(text)-enough):])
}
