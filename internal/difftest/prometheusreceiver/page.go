package main

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"path"
)

// A page is a file in an exposition format. Its name is also that of the scrape job, and the path on the server.
type page struct {
	name   string
	format format
	body   []byte
}

type format struct {
	contentType string
	protocol    string // as a scrape configuration calls it
}

// formats are known by the extensions of the files.
var formats = map[string]format{
	".txt": {"text/plain; version=0.0.4; charset=utf-8", "PrometheusText0.0.4"},
	".om":  {"application/openmetrics-text; version=1.0.0; charset=utf-8", "OpenMetricsText1.0.0"},
	".pb": {
		"application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited",
		"PrometheusProto",
	},
}

// findPages returns the pages of a folder.
func findPages(folder fs.FS) ([]page, error) {
	files, err := fs.ReadDir(folder, ".")
	if err != nil {
		return nil, err
	}
	var pages []page
	for _, file := range files {
		f, ok := formats[path.Ext(file.Name())]
		if !ok {
			continue
		}
		body, err := fs.ReadFile(folder, file.Name())
		if err != nil {
			return nil, err
		}
		pages = append(pages, page{name: file.Name(), format: f, body: body})
	}
	return pages, nil
}

// servePages serves each page under its name.
func servePages(pages []page) *httptest.Server {
	mux := http.NewServeMux()
	for _, p := range pages {
		mux.HandleFunc("/"+p.name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", p.format.contentType)
			_, _ = w.Write(p.body) //nolint:gosec // a scraper reads it, no browser; if it cannot, its scrape fails
		})
	}
	return httptest.NewServer(mux)
}
