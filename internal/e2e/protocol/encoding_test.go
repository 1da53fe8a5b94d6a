package protocol

import (
	"bytes"
	"compress/flate"
	"compress/zlib"
	"io"
	"strings"
	"testing"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// compressed returns what a compressor makes of a body.
func compressed(t *testing.T, body string, newWriter func(io.Writer) io.WriteCloser) string {
	t.Helper()
	var b bytes.Buffer
	w := newWriter(&b)
	_, err := io.WriteString(w, body)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return b.String()
}

// A codec is an encoding that a server may know.
type codec struct {
	name   string // in Content-Encoding
	what   string
	encode func(t *testing.T, body string) string
}

func writerOf(newWriter func(io.Writer) io.WriteCloser) func(*testing.T, string) string {
	return func(t *testing.T, body string) string { return compressed(t, body, newWriter) }
}

var (
	gzipCodec   = codec{"gzip", "gzip", func(_ *testing.T, body string) string { return testbed.Gzipped(body) }}
	snappyCodec = codec{"snappy", "snappy with frames", writerOf(func(w io.Writer) io.WriteCloser { return snappy.NewBufferedWriter(w) })}
	blockCodec  = codec{"snappy", "snappy without frames", func(_ *testing.T, body string) string { return string(snappy.Encode(nil, []byte(body))) }}
	zstdCodec   = codec{"zstd", "zstd", writerOf(func(w io.Writer) io.WriteCloser {
		encoder, _ := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1)) // it fails with bad options only
		return encoder
	})}
	// moreCodecs are those that the Pushgateway does not know.
	moreCodecs = []codec{
		blockCodec, zstdCodec,
		{"x-snappy-framed", "x-snappy-framed", snappyCodec.encode},
		{"deflate", "deflate", writerOf(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })},
		{"zlib", "zlib", writerOf(func(w io.Writer) io.WriteCloser { return zlib.NewWriter(w) })},
		{"lz4", "lz4", writerOf(func(w io.Writer) io.WriteCloser { return lz4.NewWriter(w) })},
	}
)

func (c codec) push(body string) string { return encodedAs(c.name, body) }

func encodedAs(encoding, body string) string {
	return push("/metrics/job/x", body, "Content-Encoding: "+encoding)
}

func encodingCases(t *testing.T) []protocolCase {
	cases := append(gzipCases(t), headerCases()...)
	cases = append(cases, snappyCases(t)...)
	for _, c := range moreCodecs {
		cases = append(cases, c.cases(t)...)
	}
	return append(cases, tooLargeCases(t)...)
}

func gzipCases(t *testing.T) []protocolCase {
	m, page := testbed.Gzipped("m 1\n"), testbed.Protobuf(t, family("m", gaugeType, gauge(1)))
	long := testbed.Gzipped(strings.Repeat("# comment\n", 1000) + "m 1\n")
	wrongSum := []byte(m)
	wrongSum[len(wrongSum)-6] ^= 1
	const says = "cannot read body"
	return []protocolCase{
		{name: "gzip", request: gzipCodec.push(m), want: taken(`m{job="x"} 1`)},
		{name: "gzip in capitals", request: encodedAs("GZIP", m), want: taken(`m{job="x"} 1`), debian: refused()},
		{name: "gzip with spaces around it", request: encodedAs("  GZip  ", m), want: taken(`m{job="x"} 1`), debian: refused()},
		{name: "gzip in chunks", request: chunked("/metrics/job/x", []string{m[:1], m[1:7], m[7:]}, "Content-Encoding: gzip"),
			want: taken(`m{job="x"} 1`)},
		{name: "gzip of protobuf",
			request: push("/metrics/job/x", testbed.Gzipped(page), "Content-Encoding: gzip", "Content-Type: "+testbed.ProtobufType),
			want:    taken(`m{job="x"} 1`)},
		{name: "gzip of nothing", request: gzipCodec.push(testbed.Gzipped("")), want: nothingArrives()},
		{name: "gzip of two members", request: gzipCodec.push(testbed.Gzipped("m 1\n") + testbed.Gzipped("n 2\n")),
			want: taken(`m{job="x"} 1`, `n{job="x"} 2`)},
		{name: "gzip of a bad body", request: gzipCodec.push(testbed.Gzipped("m\n")), want: refused(), says: "in line 1"},
		{name: "gzip of two members that part a line", request: gzipCodec.push(testbed.Gzipped("m ") + testbed.Gzipped("1\n")),
			want: taken(`m{job="x"} 1`)},
		{name: "gzip without a byte", request: gzipCodec.push(""), want: refused(), says: says},
		{name: "gzip without a body", request: bare("POST", "/metrics/job/x", "Content-Encoding: gzip"), want: refused(), says: says},
		{name: "gzip that is none", request: gzipCodec.push("m 1\n"), want: refused(), says: says},
		{name: "gzip that is none, long", request: gzipCodec.push(strings.Repeat("m 1\n", 100)), want: refused(), says: says},
		{name: "gzip with a cut header", request: gzipCodec.push(m[:5]), want: refused(), says: says},
		{name: "gzip that is cut", request: gzipCodec.push(long[:len(long)/2]), want: refused(), says: says},
		{name: "gzip with a cut trailer", request: gzipCodec.push(m[:len(m)-3]), want: refused(), debian: status(200), says: says},
		{name: "gzip with a wrong checksum", request: gzipCodec.push(string(wrongSum)), want: refused(), debian: status(200), says: says},
		{name: "gzip with text behind", request: gzipCodec.push(m + "m 1\n"), want: refused(), debian: status(200), says: says},
		{name: "gzip with zeros behind", request: gzipCodec.push(m + strings.Repeat("\x00", 20)),
			want: refused(), debian: status(200), says: says},
		{name: "gzip of two members, the second cut", request: gzipCodec.push(m + m[:12]), want: refused(), says: says},
		{name: "gzip of a bad grouping key", request: push("/metrics/job/x/l", m, "Content-Encoding: gzip"),
			want: refused(), says: "has no value"},
		{name: "GET with gzip and no body", request: bare("GET", "/metrics/job/x", "Content-Encoding: gzip"), because: moreEncodings,
			want: refused(), here: notAllowed(pushMethods)},
		{name: "gzip without a body, to an unknown path", request: bare("POST", "/unknown", "Content-Encoding: gzip"), because: moreEncodings,
			want: refused(), here: status(404)},
		{name: "a health check with gzip and no body", request: bare("GET", "/-/ready", "Content-Encoding: gzip"), because: healthChecks,
			want: refused(), here: status(200)},
	}
}

// headerCases are values of Content-Encoding. The Pushgateway passes over those that it does not know.
func headerCases() []protocolCase {
	m := testbed.Gzipped("m 1\n")
	unknown := func(name, encoding string) protocolCase {
		return protocolCase{name: name, request: encodedAs(encoding, "m 1\n"), because: moreEncodings,
			want: taken(`m{job="x"} 1`), here: status(415), says: "it may be one of identity, gzip"}
	}
	return []protocolCase{
		{name: "identity", request: encodedAs("identity", "m 1\n"), want: taken(`m{job="x"} 1`)},
		{name: "identity in capitals", request: encodedAs("Identity", "m 1\n"), want: taken(`m{job="x"} 1`)},
		{name: "an empty header", request: encodedAs("", "m 1\n"), want: taken(`m{job="x"} 1`)},
		{name: "spaces alone", request: encodedAs("   ", "m 1\n"), want: taken(`m{job="x"} 1`)},
		unknown("br", "br"), unknown("compress", "compress"),
		unknown("utf-8, as some set it", "utf-8"), unknown("aws-chunked", "aws-chunked"), unknown("quotes", `"gzip"`),
		unknown("a list", "gzip, identity"), unknown("a list without spaces", "identity,gzip"),
		unknown("identity twice", "identity, identity"), unknown("a comma alone", ","),
		unknown("gzip with a parameter", "gzip;q=1"),
		{name: "x-gzip is gzip", request: encodedAs("x-gzip", m), because: moreEncodings,
			want: refused(), here: taken(`m{job="x"} 1`)},
		{name: "gzip twice in a list", request: encodedAs("gzip, gzip", testbed.Gzipped(m)), because: moreEncodings,
			want: refused(), here: status(415)},
		{name: "two headers: the first counts", request: push("/metrics/job/x", m, "Content-Encoding: gzip", "Content-Encoding: identity"),
			because: moreEncodings,
			want:    taken(`m{job="x"} 1`), here: status(415)},
		{name: "the header twice", request: push("/metrics/job/x", m, "Content-Encoding: gzip", "Content-Encoding: gzip"),
			because: moreEncodings,
			want:    taken(`m{job="x"} 1`), here: status(415)},
		{name: "an unknown encoding of an unknown path", request: push("/unknown", "m 1\n", "Content-Encoding: br"), want: status(404)},
		{name: "an unknown encoding of a bad grouping key", request: push("/metrics/job/x/l", "m 1\n", "Content-Encoding: br"),
			want: refused(), says: "has no value"},
		{name: "Transfer-Encoding: gzip", request: head("POST", "/metrics/job/x", "Transfer-Encoding: gzip") + m,
			want: answer{status: 501, closes: true}},
		{name: "Accept-Encoding says nothing", request: push("/metrics/job/x", "m 1\n", "Accept-Encoding: gzip"),
			want: taken(`m{job="x"} 1`)},
	}
}

// snappyCases are about frames, which the Pushgateway has learnt after 1.5.1.
func snappyCases(t *testing.T) []protocolCase {
	m := snappyCodec.encode(t, "m 1\n")
	wrongSum := []byte(m)
	wrongSum[15] ^= 1
	const says = "cannot read body"
	return []protocolCase{
		{name: "snappy", request: snappyCodec.push(m), want: taken(`m{job="x"} 1`), debian: refused()},
		{name: "snappy in capitals", request: encodedAs("Snappy", m), want: taken(`m{job="x"} 1`), debian: refused()},
		{name: "snappy in chunks", request: chunked("/metrics/job/x", []string{m[:1], m[1:]}, "Content-Encoding: snappy"),
			want: taken(`m{job="x"} 1`), debian: refused()},
		{name: "snappy of nothing", request: snappyCodec.push(snappyCodec.encode(t, "")), want: nothingArrives()},
		{name: "snappy of two streams", request: snappyCodec.push(m + snappyCodec.encode(t, "n 2\n")),
			want: taken(`m{job="x"} 1`, `n{job="x"} 2`), debian: refused()},
		{name: "snappy without a byte", request: snappyCodec.push(""), want: nothingArrives()},
		{name: "snappy that is none", request: snappyCodec.push("m 1\n"), want: refused(), debian: taken(`m{job="x"} 1`), says: says},
		{name: "snappy that is cut", request: snappyCodec.push(m[:len(m)-1]), want: refused(), says: says},
		{name: "snappy with a wrong checksum", request: snappyCodec.push(string(wrongSum)), want: refused(), says: says},
		{name: "snappy with text behind", request: snappyCodec.push(m + "m 1\n"), want: refused(), says: says},
	}
}

// cases are those of an encoding that the Pushgateway passes over.
func (c codec) cases(t *testing.T) []protocolCase {
	m, n := c.encode(t, "m 1\n"), c.encode(t, "n 2\n")
	long := c.encode(t, strings.Repeat("# comment\n", 1000)+"m 1\n")
	const says = "cannot read body"
	cases := []protocolCase{
		{name: "", request: c.push(m), because: moreEncodings, want: refused(), here: taken(`m{job="x"} 1`)},
		{name: " in capitals", request: encodedAs(strings.ToUpper(c.name), m), because: moreEncodings,
			want: refused(), here: taken(`m{job="x"} 1`)},
		{name: " of a bad body", request: c.push(c.encode(t, "m\n")), want: refused(), says: "in line 1"},
		{name: " that is none", request: c.push("m 1\n"), because: moreEncodings, want: taken(`m{job="x"} 1`), here: refused(), says: says},
		{name: " that is cut", request: c.push(long[:len(long)-7]), want: refused(), says: says},
		{name: " that is cut at the beginning", request: c.push(long[:3]), want: refused(), says: says},
		{name: " with text behind", request: c.push(m + "m 1\n"), want: refused(), says: says},
	}
	if c.what == zstdCodec.what || c.name == "x-snappy-framed" || c.name == "lz4" {
		cases = append(cases, protocolCase{name: " of two frames", request: c.push(m + n), because: moreEncodings,
			want: refused(), here: taken(`m{job="x"} 1`, `n{job="x"} 2`)})
	}
	if nothing := c.encode(t, ""); nothing == "" {
		cases = append(cases, protocolCase{name: " of nothing", request: c.push(nothing), want: nothingArrives()})
	} else {
		cases = append(cases, protocolCase{name: " of nothing", request: c.push(nothing), because: moreEncodings,
			want: refused(), here: nothingArrives()})
	}
	if c.what != blockCodec.what { // which has no checksum
		wrong := []byte(long)
		wrong[len(wrong)-1] ^= 1
		cases = append(cases, protocolCase{name: " with a wrong checksum", request: c.push(string(wrong)), want: refused(), says: says})
	}
	if c.name == "deflate" {
		raw := compressed(t, "m 1\n", func(w io.Writer) io.WriteCloser {
			deflater, _ := flate.NewWriter(w, flate.DefaultCompression) // it fails with bad levels only
			return deflater
		})
		cases = append(cases, protocolCase{name: " without zlib around it", request: c.push(raw), want: refused(), says: says})
	}
	for i := range cases {
		cases[i].name = c.what + cases[i].name
	}
	return cases
}

// tooLargeCases have bodies that are larger than smallLimit once they are decompressed.
func tooLargeCases(t *testing.T) []protocolCase {
	full := strings.Repeat("#\n", (smallLimit-4)/2) + "m 1\n"
	large := "#\n" + full
	const says = "larger than max_request_body_size, 65536 bytes"
	tooLarge := status(413)
	cases := []protocolCase{
		{name: "as large as may be", to: withLimit, request: push("/metrics/job/x", full), want: taken(`m{job="x"} 1`)},
		{name: "as large as may be, in chunks", to: withLimit, request: chunked("/metrics/job/x", []string{full[:100], full[100:]}),
			want: taken(`m{job="x"} 1`)},
		{name: "as large as may be, in gzip", to: withLimit, request: gzipCodec.push(testbed.Gzipped(full)), want: taken(`m{job="x"} 1`)},
		{name: "too large", to: withLimit, request: push("/metrics/job/x", large), because: limits,
			want: taken(`m{job="x"} 1`), here: tooLarge, says: says},
		{name: "too large, in chunks", to: withLimit, request: chunked("/metrics/job/x", []string{large[:100], large[100:]}),
			because: limits, want: taken(`m{job="x"} 1`), here: tooLarge, says: says},
		{name: "much too large", to: withLimit, request: push("/metrics/job/x", strings.Repeat(large, 20)+"n 1\n"), because: limits,
			want: status(400), here: answer{status: 413, closes: true}, says: says},
		{name: "too large, in gzip", to: withLimit, request: gzipCodec.push(testbed.Gzipped(large)), because: limits,
			want: taken(`m{job="x"} 1`), here: tooLarge, says: says},
		{name: "too large, in snappy", to: withLimit, request: snappyCodec.push(snappyCodec.encode(t, large)), because: limits,
			want: taken(`m{job="x"} 1`), debian: refused(), here: tooLarge, says: says},
		{name: "too large, of a bad grouping key", to: withLimit, request: push("/metrics/job/x/l", large),
			want: refused(), says: "has no value"},
	}
	for _, c := range moreCodecs {
		cases = append(cases, protocolCase{name: "too large, in " + c.what, to: withLimit, request: c.push(c.encode(t, large)),
			because: limits, want: refused(), here: tooLarge, says: says})
	}
	return cases
}
