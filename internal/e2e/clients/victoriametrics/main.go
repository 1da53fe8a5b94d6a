// Command victoriametrics pushes with VictoriaMetrics/metrics: victoriametrics <operation> <url> <job> [<label> <value>]...
package main

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"os"

	"github.com/VictoriaMetrics/metrics"
)

func main() {
	operation, gateway, job, pairs := os.Args[1], os.Args[2], os.Args[3], os.Args[4:]

	set := metrics.NewSet()
	set.NewCounter("backup_files_total").Add(3)
	set.NewGauge(`backup_size_bytes{disk="sda"}`, nil).Set(4096)

	// The library takes the whole URL; the grouping key is written by hand.
	pushURL := gateway + "/metrics/job/" + url.PathEscape(job)
	for i := 0; i < len(pairs); i += 2 {
		pushURL += "/" + pairs[i] + "/" + url.PathEscape(pairs[i+1])
	}
	options := &metrics.PushOptions{
		Method:             map[string]string{"push": http.MethodPut, "add": http.MethodPost}[operation],
		DisableCompression: os.Getenv("PUSH_GZIP") == "",
	}
	if username := os.Getenv("PUSH_USERNAME"); username != "" {
		password := base64.StdEncoding.EncodeToString([]byte(username + ":" + os.Getenv("PUSH_PASSWORD")))
		options.Headers = []string{"Authorization: Basic " + password}
	}
	if err := set.PushMetrics(context.Background(), pushURL, options); err != nil {
		fmt.Println("error:", err)
		return
	}
	fmt.Println("ok")
}
