package pushgatewayreceiver

import (
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/golang/snappy"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/consumer/consumertest"
)

func TestSnappy(t *testing.T) {
	r := start(t, consumertest.NewNop(), func(c *Config) { c.ServerConfig.MaxRequestBodySize = 1000 })
	f := func(body string, status int, says string) {
		t.Helper()
		a := r.do(t, http.MethodPost, "/metrics/job/x", body, "Content-Encoding", "snappy")
		assert.Equal(t, status, a.StatusCode, a.body)
		assert.Contains(t, a.body, says)
	}
	block := func(text string) string { return string(snappy.Encode(nil, []byte(text))) }
	framed := func(text string) string {
		return compress(func(w io.Writer) io.WriteCloser { return snappy.NewBufferedWriter(w) }, text)
	}
	const tooLarge = "larger than max_request_body_size, 1000 bytes"
	f("", http.StatusOK, "")
	f("\x00", http.StatusOK, "")
	f(block("a 1\n"), http.StatusOK, "")
	f(block(strings.Repeat("#\n", 499)+"\n\n"), http.StatusOK, "")
	f(framed("a 1\n"), http.StatusOK, "")
	f(block(strings.Repeat("#\n", 501)), http.StatusRequestEntityTooLarge, tooLarge)
	f(framed(strings.Repeat("#\n", 501)), http.StatusRequestEntityTooLarge, tooLarge)
	f("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", http.StatusBadRequest, "cannot read body: snappy: corrupt input")
	f(block("a 1\n")[:3], http.StatusBadRequest, "cannot read body: snappy: corrupt input")
	f(framed("a 1\n")[:12], http.StatusBadRequest, "cannot read body: ")
	f(flip(framed("a 1\n"), -1), http.StatusBadRequest, "cannot read body: snappy: corrupt input")
}

// A block's word on its length costs no memory.
func TestSnappyBlockThatPromisesTooMuch(t *testing.T) {
	const promised = 16 << 20
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r := newSnappyReader(io.NopCloser(strings.NewReader("\x80\x80\x80\x08\xff\xff")), promised)
	_, err := io.ReadAll(r)
	runtime.ReadMemStats(&after)
	require.ErrorIs(t, err, snappy.ErrCorrupt)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))

	// Nothing is refused that is a block, however well it is compressed.
	text := strings.Repeat("\n", 1<<20)
	r = newSnappyReader(io.NopCloser(strings.NewReader(string(snappy.Encode(nil, []byte(text))))), promised)
	got, err := io.ReadAll(r)
	require.NoError(t, err)
	assert.Equal(t, text, string(got))
}
