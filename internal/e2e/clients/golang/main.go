// Command golang pushes with client_golang: golang <operation> <url> <job> [<label> <value>]...
package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/push"
	"github.com/prometheus/common/expfmt"
)

func main() {
	operation, url, job, pairs := os.Args[1], os.Args[2], os.Args[3], os.Args[4:]

	files := prometheus.NewCounter(prometheus.CounterOpts{Name: "backup_files_total", Help: "Files that were saved."})
	size := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "backup_size_bytes", Help: "Size of the backup."}, []string{"disk"})
	duration := prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "backup_duration_seconds", Help: "Time per file.", Buckets: []float64{1, 10},
	})
	files.Add(3)
	size.WithLabelValues("sda").Set(4096)
	duration.Observe(0.5)
	duration.Observe(20)

	pusher := push.New(url, job).Collector(files).Collector(size).Collector(duration)
	for i := 0; i < len(pairs); i += 2 {
		pusher.Grouping(pairs[i], pairs[i+1])
	}
	if os.Getenv("PUSH_FORMAT") == "text" {
		pusher.Format(expfmt.NewFormat(expfmt.TypeTextPlain))
	}
	if os.Getenv("PUSH_GZIP") != "" {
		pusher.Client(gzipClient{})
	}
	if username := os.Getenv("PUSH_USERNAME"); username != "" {
		pusher.BasicAuth(username, os.Getenv("PUSH_PASSWORD"))
	}

	operations := map[string]func() error{"push": pusher.Push, "add": pusher.Add, "delete": pusher.Delete}
	if err := operations[operation](); err != nil {
		fmt.Println("error:", err)
		return
	}
	fmt.Println("ok")
}

// gzipClient compresses the bodies of the requests that it does.
type gzipClient struct{}

func (gzipClient) Do(req *http.Request) (*http.Response, error) {
	if req.Body == nil { // that of Delete
		return http.DefaultClient.Do(req) //nolint:gosec // the address is the user's
	}
	var compressed bytes.Buffer
	w := gzip.NewWriter(&compressed)
	if _, err := io.Copy(w, req.Body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	req.Body, req.ContentLength = io.NopCloser(&compressed), int64(compressed.Len())
	req.Header.Set("Content-Encoding", "gzip")
	return http.DefaultClient.Do(req) //nolint:gosec // the address is the user's
}
