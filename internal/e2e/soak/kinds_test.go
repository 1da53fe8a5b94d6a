package soak

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A request is what a client sends. Its zero value is a PUT of nothing to a good path.
type request struct {
	method, path, body           string
	contentType, contentEncoding string
}

// A kind is something that clients do.
type kind struct {
	name  string
	share int // of all requests
	want  int // status; 0 if the client does not wait for one
	// send returns the status of the answer, or 0 if there was none.
	send func(c client, random *rand.Rand) int
}

// dribble is how long a slow body takes.
const dribble = 3 * time.Second

// kinds are for a collector that answers DELETE in that way.
func kinds(t *testing.T, deleted int) []kind {
	var all []kind
	for _, r := range goodRequests(t) {
		all = append(all, kind{name: "good " + r.contentType + " " + r.contentEncoding, share: 4, want: http.StatusOK, send: r.send})
	}
	refused := map[int]request{
		http.StatusBadRequest:            {body: "m 1\nm{ 2\n"},
		http.StatusNotFound:              {path: "/metric/job/soak"},
		http.StatusRequestEntityTooLarge: {body: "m{" + manyLabels() + "} 1\n"},
		http.StatusUnsupportedMediaType:  {body: "m 1\n", contentEncoding: "br"},
	}
	for status, r := range refused {
		all = append(all, kind{name: "refused", share: 3, want: status, send: r.send})
	}
	cut := testbed.Gzipped(text())
	return append(all,
		kind{"DELETE", 3, deleted, request{method: http.MethodDelete}.send},
		kind{"gzip that is cut", 3, http.StatusBadRequest, request{body: cut[:len(cut)/2], contentEncoding: "gzip"}.send},
		kind{"a path that is no key", 3, http.StatusBadRequest, request{path: "/metrics/job/%FF"}.send},
		kind{"a slow body", 1, http.StatusOK, sendSlowly},
		kind{"a client that hangs up at once", 2, 0, hangUp(0)},
		kind{"a client that hangs up later", 1, 0, hangUp(dribble)},
	)
}

func goodRequests(t *testing.T) []request {
	value := func(v float64) *dto.Metric { return &dto.Metric{Gauge: &dto.Gauge{Value: proto.Float64(v)}} }
	protobuf := testbed.Protobuf(t, &dto.MetricFamily{
		Name: proto.String("m"), Type: dto.MetricType_GAUGE.Enum(), Metric: []*dto.Metric{value(1)},
	})
	var all []request
	for _, r := range []request{
		{body: text(), contentType: "text/plain"},
		{body: "# TYPE m gauge\nm 1\n# EOF\n", contentType: "application/openmetrics-text; version=1.0.0"},
		{body: protobuf, contentType: testbed.ProtobufType},
	} {
		all = append(all, r)
		for encoding, compress := range encodings(t) {
			r := r
			r.body, r.contentEncoding = compress(r.body), encoding
			all = append(all, r)
		}
	}
	return all
}

func encodings(t *testing.T) map[string]func(string) string {
	return map[string]func(string) string{
		"gzip": testbed.Gzipped,
		"deflate": func(s string) string {
			var b bytes.Buffer
			w := zlib.NewWriter(&b)
			_, _ = w.Write([]byte(s)) // memory takes everything
			_ = w.Close()
			return b.String()
		},
		"zstd": func(s string) string {
			w, err := zstd.NewWriter(nil)
			require.NoError(t, err)
			return string(w.EncodeAll([]byte(s), nil))
		},
	}
}

// text is a page with all types.
func text() string {
	var b strings.Builder
	b.WriteString("# TYPE c counter\nc 1\n# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_bucket{le=\"+Inf\"} 2\nh_sum 3\nh_count 2\n" +
		"# TYPE s summary\ns{quantile=\"0.5\"} 1\ns_sum 2\ns_count 3\n# TYPE g gauge\n")
	for i := range 50 {
		fmt.Fprintf(&b, "g{i=\"%d\"} %d\n", i, i)
	}
	return b.String()
}

func manyLabels() string {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, "l%d=\"v\",", i)
	}
	return b.String()
}

// A client pushes to one collector.
type client struct {
	address string
	http    *http.Client
	groups  int
}

// randomPath is that of one of the groups.
func (c client) randomPath(random *rand.Rand) string {
	return "/metrics/job/soak/instance/" + strconv.Itoa(random.IntN(c.groups))
}

func (r request) send(c client, random *rand.Rand) int {
	method, path := r.method, r.path
	if method == "" {
		method = http.MethodPut
	}
	if path == "" {
		path = c.randomPath(random)
	}
	req, err := http.NewRequest(method, "http://"+c.address+path, strings.NewReader(r.body))
	if err != nil {
		return 0
	}
	req.Header.Set("Content-Type", r.contentType)
	if r.contentEncoding != "" {
		req.Header.Set("Content-Encoding", r.contentEncoding)
	}
	return c.do(req)
}

func (c client) do(req *http.Request) int {
	res, err := c.http.Do(req)
	if err != nil {
		return 0
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, res.Body)
	return res.StatusCode
}

// sendSlowly sends a body in pieces.
func sendSlowly(c client, random *rand.Rand) int {
	reader, writer := io.Pipe()
	go func() {
		const pieces = 10
		for range pieces {
			time.Sleep(dribble / pieces)
			if _, err := io.WriteString(writer, "# a comment\n"); err != nil {
				return
			}
		}
		_, _ = io.WriteString(writer, "# TYPE m gauge\nm 1\n")
		_ = writer.Close()
	}()
	req, err := http.NewRequest(http.MethodPost, "http://"+c.address+c.randomPath(random), reader)
	if err != nil {
		return 0
	}
	return c.do(req)
}

// hangUp begins a body and closes the connection up to d later.
func hangUp(d time.Duration) func(client, *rand.Rand) int {
	return func(c client, random *rand.Rand) int {
		conn, err := net.Dial("tcp", c.address)
		if err != nil {
			return 0
		}
		defer func() { _ = conn.Close() }()
		_, _ = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: soak\r\nContent-Length: 1000\r\n\r\nm 1\n", c.randomPath(random))
		time.Sleep(time.Duration(random.Int64N(int64(d) + 1)))
		return 0
	}
}
