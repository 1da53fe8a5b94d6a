package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"
)

// groupsConfig is the receiver; extensionsConfig is beside it in the configuration.
const (
	groupsConfig = `
  pushgateway:
    endpoint: %s
    limits: {pushes_per_second_per_job: 0}
%s`
	extensionsConfig = `
extensions:
  pprof: {endpoint: %s}
  file_storage: {directory: %s}
service:
  extensions: [pprof, file_storage]
`
)

// The names of the servers that are compared, and of those that only read what was stored.
const (
	stateless   = "stateless"
	inMemory    = "groups"
	withStorage = "groups, stored"
)

// A groupsMode is a way to run the receiver.
type groupsMode struct{ name, config string }

// groupsModes take their turns in this order. While pushes are measured nothing is republished.
var groupsModes = []groupsMode{
	{name: stateless},
	{name: inMemory, config: "    groups: {republish_interval: 1h}"},
	{name: withStorage, config: "    groups: {republish_interval: 1h, storage: file_storage}"},
}

// republishing is a mode that reads what withStorage has stored; an interval of 0 is never.
func republishing(every time.Duration) groupsMode {
	return groupsMode{name: "republishing", config: fmt.Sprintf("    groups: {republish_interval: %v, storage: file_storage}", every)}
}

// A groupsServer is one whose insides can be looked at.
type groupsServer struct {
	server
	pprof, ownMetrics string // addresses
}

// storageIn returns the directory of the storage. Only who stores anything opens a file there.
func storageIn(dir string) string { return filepath.Join(dir, "groups") }

// start returns the server when it is ready. Servers with the same dir have the same storage.
func (m groupsMode) start(ctx context.Context, s settings, dir string) (*groupsServer, error) {
	var addresses [3]string
	for i := range addresses {
		var err error
		if addresses[i], err = freeAddress(ctx); err != nil {
			return nil, err
		}
	}
	own, err := os.MkdirTemp(dir, "server-")
	if err != nil {
		return nil, err
	}
	config, err := writeConfig(own, "pushgateway", fmt.Sprintf(groupsConfig, addresses[1], m.config), addresses[2])
	if err != nil {
		return nil, err
	}
	extensions := filepath.Join(own, "extensions.yaml")
	text := fmt.Sprintf(extensionsConfig, addresses[0], storageIn(dir))
	if err := os.WriteFile(extensions, []byte(text), 0o600); err != nil {
		return nil, err
	}
	launched, err := launch(ctx, own, addresses[1], "/-/ready", s.collector, "--config", config, "--config", extensions)
	if err != nil {
		return nil, err
	}
	launched.kind = m.name
	return &groupsServer{server: *launched, pprof: addresses[0], ownMetrics: addresses[2]}, nil
}

// fill pushes to each group once.
func (s *groupsServer) fill(ctx context.Context, connections int) error {
	clients, err := s.connect(ctx, connections)
	if err != nil {
		return err
	}
	defer closeAll(clients)
	errs := make([]error, len(clients))
	var running sync.WaitGroup
	for i, c := range clients {
		begin, end := allGroups*i/len(clients), allGroups*(i+1)/len(clients)
		copy(c.group, fmt.Sprintf("%0*d", groupDigits, (begin+allGroups-1)%allGroups)) // a push counts up first
		running.Go(func() {
			for group := begin; group < end && errs[i] == nil; group++ {
				errs[i] = c.push()
			}
		})
	}
	running.Wait()
	return errors.Join(errs...)
}

// heap returns the bytes of the live heap.
func (s *groupsServer) heap(ctx context.Context) (float64, error) {
	const collections = 3 // a pool is empty after two
	var live float64
	for range collections {
		page, err := get(ctx, "http://"+s.pprof+"/debug/pprof/heap?gc=1&debug=1")
		if err != nil {
			return 0, s.explain(err)
		}
		if live, err = figureOf(page, "# HeapAlloc = "); err != nil {
			return 0, err
		}
	}
	return live, nil
}

// own returns one of the server's own metrics: the sum of the series with this name and these labels.
func (s *groupsServer) own(ctx context.Context, name string, labels ...string) (float64, error) {
	page, err := get(ctx, "http://"+s.ownMetrics+"/metrics")
	if err != nil {
		return 0, s.explain(err)
	}
	return sumOf(page, "otelcol_pushgateway_receiver_"+name, labels...)
}

// sumOf adds up the series of a page in the text format that have the name and labels; 0 if there are none.
func sumOf(page, name string, labels ...string) (float64, error) {
	sum := 0.0
lines:
	for line := range strings.Lines(page) {
		series, value, found := strings.Cut(strings.TrimSpace(line), "} ")
		if !found || !strings.HasPrefix(series, name+"{") {
			continue
		}
		for _, l := range labels {
			if !strings.Contains(series, l) {
				continue lines
			}
		}
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return 0, fmt.Errorf("cannot read line %q: %w", line, err)
		}
		sum += v
	}
	return sum, nil
}

// figureOf returns the number that follows the text at the beginning of a line.
func figureOf(page, before string) (float64, error) {
	lines := bufio.NewScanner(strings.NewReader(page))
	lines.Buffer(nil, len(page)+1)
	for lines.Scan() {
		if number, found := strings.CutPrefix(lines.Text(), before); found {
			return strconv.ParseFloat(number, 64)
		}
	}
	return 0, fmt.Errorf("cannot find %q", before)
}

func get(ctx context.Context, url string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil) //nolint:gosec // it is a server that this program started
	if err != nil {
		return "", err
	}
	res, err := http.DefaultClient.Do(req) //nolint:gosec // as above
	if err != nil {
		return "", err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s", url, res.Status)
	}
	return string(body), err
}

// sizeOf returns how many bytes the files in a directory have.
func sizeOf(dir string) (int64, error) {
	var sum int64
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			sum += info.Size()
		}
		return err
	})
	return sum, err
}
