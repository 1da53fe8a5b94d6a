package main

import (
	"context"
	"os"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/benchload/dataset"
)

// A server is a running server that is driven with one workload.
type server struct {
	*process
	kind    string  // its name
	helper  *server // stops with it, if there is one
	address string
	request []byte
	// quiet is how long the process must be idle to have done all that the pushes gave it to do.
	quiet time.Duration
	// groups is how many groups the server keeps, if it keeps any.
	groups int
}

// A kind is one of the servers that are compared.
type kind struct {
	name  string
	means string // for the reader of the report
	// takes says whether the server can be driven with the workload; nil if it can with all.
	takes func(w *workload) bool
	// start returns the server when it can be driven; dir is a directory for its files.
	start func(ctx context.Context, s settings, dir string, w *workload) (*server, error)
}

// The names of the servers.
const (
	ours        = "ours"
	withPage    = "page"
	otlp        = "otlp"
	vmagent     = "vmagent"
	pushgateway = "pushgateway"
	baseline    = "baseline"
)

// kinds are the servers, in the order in which they take their turns.
var kinds = []kind{
	{name: ours, means: "the receiver pushgateway, with the exporter nop, 1 GiB for the pushes in flight, and no limit on pushes of a job", start: startOurs},
	{name: withPage, means: "the same with its status page", start: startPage},
	{name: otlp, means: "the receiver otlp (HTTP, protobuf) in the same Collector, with the exporter nop, gets what ours makes of the push", start: startOTLP},
	{name: vmagent, means: "vmagent's import of Prometheus text; it compresses and sends what it got to a remote write sink, which counts as its work", takes: isText, start: startVMAgent},
	{name: pushgateway, means: "the Pushgateway, in memory, with many groups of the same body, one of which is replaced", start: startPushgateway},
	{name: baseline, means: "confighttp with an empty handler, which does not read the body", takes: isDrained, start: startBaseline},
}

func serverNames() []string {
	names := make([]string, len(kinds))
	for i := range kinds {
		names[i] = kinds[i].name
	}
	return names
}

// vmagent has no protobuf.
func isText(w *workload) bool { return w.set.ContentType == dataset.TextType }

// When a handler leaves more than that of the body unread, net/http closes the connection.
func isDrained(w *workload) bool { return len(w.push.data) <= 256<<10 }

func (s *server) stop() {
	s.process.stop()
	if s.helper != nil {
		s.helper.stop()
	}
}

// quietAtOnce is the quiet of servers that have done their work when they answer, but for collecting garbage.
const quietAtOnce = 200 * time.Millisecond

// launch runs a program that is to listen at the address, and waits until health answers.
func launch(ctx context.Context, dir, address, health, path string, args ...string) (*server, error) {
	p, err := startProcess(ctx, dir, path, args...)
	if err != nil {
		return nil, err
	}
	if err := p.waitUntilUp(ctx, "http://"+address+health); err != nil {
		p.stop()
		return nil, err
	}
	return &server{process: p, address: address, quiet: quietAtOnce}, nil
}

// launchSelf runs one of the servers of this program.
func launchSelf(ctx context.Context, dir, name string) (*server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return nil, err
	}
	return launch(ctx, dir, address, "/", self, name, address)
}

func startBaseline(ctx context.Context, _ settings, dir string, w *workload) (*server, error) {
	s, err := launchSelf(ctx, dir, "serve-baseline")
	if err != nil {
		return nil, err
	}
	s.request = w.push.request(s.address, pushPath)
	return s, nil
}
