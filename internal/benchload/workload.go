package main

import (
	"bytes"
	"compress/gzip"
	"fmt"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/benchload/dataset"
)

// A workload is a push that the servers are driven with.
type workload struct {
	set      dataset.Set
	encoding string
	push     payload // the data set
	otlp     payload // what the receiver makes of it
}

func (w *workload) String() string { return w.set.Name + " " + w.encoding }

// A payload is the body of a request with its headers.
type payload struct {
	contentType     string
	contentEncoding string // "" if there is none
	data            []byte
}

func newWorkload(set dataset.Set, encoding string) (*workload, error) {
	otlp, err := toOTLP(set)
	if err != nil {
		return nil, fmt.Errorf("cannot translate %s: %w", set.Name, err)
	}
	w := &workload{
		set: set, encoding: encoding,
		push: payload{contentType: set.ContentType, data: []byte(set.Body)},
		otlp: payload{contentType: "application/x-protobuf", data: otlp},
	}
	if encoding == gzipped {
		w.push, w.otlp = w.push.compress(), w.otlp.compress()
	}
	return w, nil
}

// compress returns the payload in gzip at its default level, as clients do it.
func (p payload) compress() payload {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write(p.data) // memory takes everything
	_ = w.Close()
	p.contentEncoding, p.data = "gzip", b.Bytes()
	return p
}

// request returns the request, ready to be sent.
func (p payload) request(address, path string) []byte {
	var b bytes.Buffer
	b.Grow(len(p.data) + 512)
	fmt.Fprintf(&b, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: %s\r\n", path, address, p.contentType)
	if p.contentEncoding != "" {
		fmt.Fprintf(&b, "Content-Encoding: %s\r\n", p.contentEncoding)
	}
	fmt.Fprintf(&b, "Content-Length: %d\r\n\r\n", len(p.data))
	b.Write(p.data)
	return b.Bytes()
}
