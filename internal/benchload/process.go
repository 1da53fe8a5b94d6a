package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// A process is a program that was started.
type process struct {
	name  string
	pid   int
	log   string // path of the file with what it writes
	end   context.CancelFunc
	ended chan struct{} // closed when the program is gone, and then exit is set
	exit  error
}

// startProcess runs a program in a directory of its own, until stop is called or ctx is done.
func startProcess(ctx context.Context, dir, path string, args ...string) (*process, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	ctx, end := context.WithCancel(ctx)
	p := &process{name: filepath.Base(path), log: filepath.Join(dir, "log"), end: end, ended: make(chan struct{})}
	log, err := os.Create(p.log)
	if err != nil {
		end()
		return nil, err
	}
	defer func() { _ = log.Close() }()
	cmd := exec.CommandContext(ctx, path, args...) //nolint:gosec // the paths are flags
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 5 * time.Second // then it is killed
	if err := cmd.Start(); err != nil {
		end()
		return nil, err
	}
	p.pid = cmd.Process.Pid
	go func() {
		p.exit = cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// stop ends the process, politely first, and returns when it is gone.
func (p *process) stop() {
	p.end()
	<-p.ended
}

// waitUntilUp returns when the URL answers. A server that is there but not ready says so by a status of 500 or more.
func (p *process) waitUntilUp(ctx context.Context, url string) error {
	const toStart = 2 * time.Minute // far more than one takes, also with groups to read and on a busy machine
	for deadline := time.Now().Add(toStart); time.Now().Before(deadline); {
		if answers(ctx, url) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.ended:
			return p.explain(fmt.Errorf("it ended before it was up: %w", p.exit))
		case <-time.After(20 * time.Millisecond):
		}
	}
	return p.explain(fmt.Errorf("it is not up after %v", toStart))
}

func answers(ctx context.Context, url string) bool {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode < http.StatusInternalServerError
}

// settle returns the CPU time of the process when it has nothing left to do of what it got: when it has used next to
// none for the time given as quiet.
func (p *process) settle(ctx context.Context, quiet time.Duration) (time.Duration, error) {
	const (
		idle   = 2 * tick // used by a process that has nothing to do
		atMost = 30 * time.Second
	)
	deadline := time.Now().Add(atMost)
	var settled time.Duration
	for since := time.Now(); ; {
		used, err := cpuTime(p.pid)
		if err != nil {
			return 0, p.explain(err)
		}
		now := time.Now()
		switch {
		case used-settled > idle:
			settled, since = used, now
		case now.Sub(since) >= quiet:
			return used, nil
		}
		if now.After(deadline) {
			return 0, p.explain(fmt.Errorf("it is still busy %v after the last push", atMost))
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-time.After(quiet / 10):
		}
	}
}

// explain adds the program's name and the end of what it wrote to an error.
func (p *process) explain(err error) error {
	const enough = 2 << 10
	log, readErr := os.ReadFile(p.log) //nolint:gosec // the path is this program's own
	if readErr != nil {
		return fmt.Errorf("%s: %w", p.name, err)
	}
	return fmt.Errorf("%s: %w; it wrote:\n%s", p.name, err, log[max(0, len(log)-enough):])
}

// freeAddress returns an address on the loopback interface that nothing listens on.
func freeAddress(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
