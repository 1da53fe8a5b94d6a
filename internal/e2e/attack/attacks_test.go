package attack

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

const (
	mebibyte = 1 << 20
	// maxBody is the default of max_request_body_size.
	maxBody = 20 * mebibyte
)

// attacks returns those of each kind.
func attacks() []attack {
	all := append(bombs(), growing()...)
	all = append(all, protobufs()...)
	return append(all, slow()...)
}

// encoded returns an attack with a body that is compressed.
func encoded(name, encoding string, body func() string, headers ...string) attack {
	return attack{name: name, headers: append(headers, "Content-Encoding: "+encoding), body: func() string { return compress(encoding, body()) }}
}

func compress(encoding, body string) string {
	var b bytes.Buffer // which takes everything
	var w io.WriteCloser
	switch encoding {
	case "gzip":
		w, _ = gzip.NewWriterLevel(&b, gzip.BestSpeed)
	case "deflate":
		w, _ = zlib.NewWriterLevel(&b, zlib.BestSpeed)
	case "lz4":
		large := lz4.NewWriter(&b)
		_ = large.Apply(lz4.BlockSizeOption(lz4.Block4Mb))
		w = large
	case "snappy":
		w = snappy.NewBufferedWriter(&b)
	case "zstd":
		w, _ = zstd.NewWriter(&b, zstd.WithWindowSize(zstd.MaxWindowSize), zstd.WithEncoderConcurrency(1))
	default:
		panic("no such encoding: " + encoding)
	}
	_, _ = io.WriteString(w, body)
	_ = w.Close()
	return b.String()
}

// text returns what returns a body.
func text(body string) func() string { return func() string { return body } }

func repeated(s string, bytes int) func() string {
	return func() string { return strings.Repeat(s, bytes/len(s)) }
}

// numbered returns lines in which each % is the number of the line, as many as there may be in a body.
func numbered(head, line string) func() string {
	return func() string {
		var b strings.Builder
		b.WriteString(head)
		for i := 0; b.Len() < maxBody-2*len(line)-20; i++ {
			b.WriteString(strings.ReplaceAll(line, "%", fmt.Sprint(i)))
		}
		return b.String()
	}
}

// bombs are small, and become as large as they can.
func bombs() []attack {
	const more = maxBody + mebibyte
	gzipped, snapped, zstandard := []string{"Content-Encoding: gzip"}, []string{"Content-Encoding: snappy"}, []string{"Content-Encoding: zstd"}
	all := []attack{
		{name: "members of gzip with nothing in them", headers: gzipped, body: repeated(compress("gzip", ""), 2*mebibyte)},
		{name: "gzip in gzip", headers: gzipped, body: func() string { return compress("gzip", compress("gzip", repeated("\n", more)())) }},
		{name: "a block of snappy", headers: snapped, body: func() string { return string(snappy.Encode(nil, []byte(repeated("\n", maxBody)()))) }},
		{name: "a block of snappy that promises 20 MiB", headers: snapped,
			body: text(string(binary.AppendUvarint(nil, maxBody)) + strings.Repeat("\xff", mebibyte))},
		{name: "zstd with a window of 512 MiB", headers: zstandard, body: text("\x28\xb5\x2f\xfd\x00\x98\x01\x00\x00")},
	}
	for _, encoding := range []string{"gzip", "deflate", "lz4", "snappy", "zstd"} {
		all = append(all, encoded(encoding+" of more than 20 MiB", encoding, repeated("\n", more)),
			encoded(encoding+" of 20 MiB of the smallest samples", encoding, repeated("a 1\n", maxBody)))
	}
	return all
}

// growing take much more when they are decoded.
func growing() []attack {
	key := "/metrics/job/attack"
	for i := range 128 {
		key += fmt.Sprintf("/l%d/v", i)
	}
	labels := ""
	for i := range 256 {
		labels += fmt.Sprintf("l%d=\"\",", i)
	}
	ofKey := encoded("grouping labels", "gzip", numbered("", "a{l=\"%\"} 1\n"))
	ofKey.path = key
	return []attack{
		ofKey,
		{name: "20 MiB of the smallest samples", body: repeated("a 1\n", maxBody)},
		{name: "20 MiB in one line", body: repeated("a", maxBody)},
		encoded("pushes just below the limits", "gzip", func() string { return numbered("", "a{b=\"%\"} 1\n")()[:mebibyte] + "\"} 1\n" }),
		encoded("metrics", "gzip", numbered("", "a% 1\n")),
		encoded("metrics without samples", "gzip", numbered("", "# TYPE a% counter\n")),
		encoded("histograms", "gzip", numbered("# TYPE a histogram\n", "a_sum{l=\"%\"} 1\n")),
		encoded("buckets", "gzip", numbered("# TYPE a histogram\n", "a_bucket{le=\"%\"} 1\n")),
		encoded("labels", "gzip", numbered("", "a{"+labels+"} %\n")),
		encoded("scopes", "gzip", numbered("", "a{otel_scope_name=\"%\"} 1\n")),
		encoded("exemplars", "gzip", numbered("# TYPE a histogram\n", "a_bucket{le=\"1\"} 1 # {} 1\n"), "Content-Type: application/openmetrics-text"),
	}
}

// protobufs have much of what takes two bytes.
func protobufs() []attack {
	contentType := "Content-Type: " + testbed.ProtobufType
	histogram := func(fields string) string {
		metric := string(protowire.AppendBytes([]byte{7<<3 | 2}, []byte(fields)))
		family := "\x0a\x01a\x18\x04" + string(protowire.AppendBytes([]byte{4<<3 | 2}, []byte(metric)))
		return string(protowire.AppendBytes(nil, []byte(family)))
	}
	many := func(field string) func() string {
		return func() string { return histogram(repeated(field, maxBody-100)()) }
	}
	// Two buckets, from the first that a span can begin at to the last one.
	gap := histogram("\x08\x02\x28\x10\x31\x00\x00\x00\x00\x00\x00\xf0\x3f\x62\x08\x08\xfd\xff\xff\xff\x0f\x10\x01\x62\x08\x08\xfe\xff\xff\xff\x0f\x10\x01\x6a\x02\x02\x00")
	return []attack{
		{name: "a gap of 2^31 buckets", headers: []string{contentType}, body: text(gap)},
		encoded("buckets in protobuf", "gzip", many("\x1a\x00"), contentType),
		encoded("exemplars in protobuf", "gzip", many("\x82\x01\x00"), contentType),
		encoded("deltas in protobuf", "gzip", many("\x68\x00"), contentType),
	}
}

// slow hold on to what they have as long as they can.
func slow() []attack {
	const head = "PUT /metrics/job/attack HTTP/1.1\r\nHost: x\r\n"
	flood := func() string {
		var b strings.Builder
		b.WriteString(head + "Content-Length: 1000000\r\n")
		for i := 0; b.Len() < 31<<10; i++ {
			fmt.Fprintf(&b, "%x:\r\n", i)
		}
		return b.String()
	}
	return []attack{
		{name: "bodies that come slowly", body: repeated("#", maxBody), slowly: pieces{size: 256 << 10, pause: 100 * time.Millisecond}},
		{name: "bodies that do not come", body: repeated("#", maxBody), slowly: pieces{size: mebibyte, pause: time.Hour}},
		{name: "a million chunks of a byte", whole: true, body: func() string {
			return head + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("1\r\n#\r\n", 1_000_000) + "0\r\n\r\n"
		}},
		{name: "heads that come slowly", whole: true, body: flood, slowly: pieces{size: 100, pause: 50 * time.Millisecond}},
		{name: "heads of many headers, and no body", whole: true, body: func() string { return flood() + "\r\n" }},
		{name: "heads without end", whole: true, body: func() string { return flood() + strings.Repeat("x: y\r\n", 100_000) }},
		{name: "connections without requests", whole: true, body: text("P"), slowly: pieces{size: 1, pause: time.Hour}},
	}
}
