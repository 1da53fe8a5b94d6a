package testbed

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Repository is the root of the repository.
var Repository = func() string {
	dir, err := os.Getwd()
	for ; err == nil && dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "builder-config.yaml")); err == nil {
			return dir
		}
	}
	panic("the tests run outside of the repository")
}()

// A Process is a program that a test started, and what it has written.
type Process struct {
	name  string
	PID   int
	log   *logBuffer
	ended chan struct{} // closed when the program is gone, and then Exit is set
	Exit  error
}

// StartProcess runs a program in a process group of its own. The group ends with the test; if the test failed, the
// end of what the program wrote is printed.
func StartProcess(t *testing.T, cmd *exec.Cmd) *Process {
	t.Helper()
	p := &Process{name: filepath.Base(cmd.Path), log: &logBuffer{}, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.log, p.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// A grandchild that outlives the program must not keep Wait waiting for its output.
	cmd.WaitDelay = time.Second
	require.NoError(t, cmd.Start())
	p.PID = cmd.Process.Pid
	go func() {
		p.Exit = cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.Stop(t)
		if t.Failed() {
			t.Logf("%s wrote:\n%s", p.name, p.log.tail())
		}
	})
	return p
}

// Stop ends the process group, politely first.
func (p *Process) Stop(t *testing.T) {
	t.Helper()
	p.Signal(syscall.SIGTERM)
	if p.WaitFor(15 * time.Second) {
		return
	}
	t.Errorf("%s did not end within 15 s of SIGTERM", p.name)
	p.Signal(syscall.SIGKILL)
	<-p.ended
}

// Kill ends the process group with SIGKILL: nothing in it can write or send anything any more.
func (p *Process) Kill() {
	p.Signal(syscall.SIGKILL)
	<-p.ended
}

// Signal does nothing to a process group that has ended.
func (p *Process) Signal(s syscall.Signal) { _ = syscall.Kill(-p.PID, s) }

// WaitFor says whether the process has ended, at the latest after d.
func (p *Process) WaitFor(d time.Duration) bool {
	select {
	case <-p.ended:
		return true
	case <-time.After(d):
		return false
	}
}

// RequireAlive fails if the program has ended.
func (p *Process) RequireAlive(t *testing.T) {
	t.Helper()
	require.Falsef(t, p.WaitFor(0), "%s has ended: %v", p.name, p.Exit)
}

// logBuffer is written by a process and read by a test.
type logBuffer struct {
	mu      sync.Mutex
	written bytes.Buffer
}

func (b *logBuffer) Write(data []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.written.Write(data)
}

// Written returns all that the program has written.
func (p *Process) Written() string {
	p.log.mu.Lock()
	defer p.log.mu.Unlock()
	return p.log.written.String()
}

func (b *logBuffer) tail() string {
	const enough = 8 << 10
	b.mu.Lock()
	defer b.mu.Unlock()
	data := b.written.Bytes()
	return string(data[max(0, len(data)-enough):])
}

// Program returns the path that an environment variable holds.
func Program(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Fatalf("the environment variable %s is not set: it must be the path of a program; `make test-e2e` sets it", variable)
	}
	return path
}

// Number returns the number that an environment variable holds, or another one if it holds none.
func Number(t *testing.T, variable string, otherwise uint64) uint64 {
	t.Helper()
	text := os.Getenv(variable)
	if text == "" {
		return otherwise
	}
	number, err := strconv.ParseUint(text, 10, 64)
	require.NoErrorf(t, err, "the environment variable %s must be a number", variable)
	return number
}

// given are the addresses that FreeAddress has returned.
var given sync.Map

// FreeAddress returns an address on the loopback interface that nothing listens on, and that it has not returned before.
func FreeAddress(t *testing.T) string {
	t.Helper()
	for {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		address := listener.Addr().String()
		require.NoError(t, listener.Close())
		if _, again := given.LoadOrStore(address, true); !again {
			return address
		}
	}
}

// RequireFree fails if something listens at the address, for a test would talk to that.
func RequireFree(t *testing.T, address string) {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err == nil {
		_ = conn.Close()
		t.Fatalf("another program listens on %s, which this test needs", address)
	}
}

// Memory returns a figure of /proc/<pid>/status in bytes.
func (p *Process) Memory(t *testing.T, name string) int64 {
	t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.PID))
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(status), name+":")
	require.True(t, found, name)
	kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
	require.NoError(t, err)
	return kib << 10
}

// OpenFiles returns how many file descriptors the process has, sockets among them.
func (p *Process) OpenFiles(t *testing.T) int {
	t.Helper()
	files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.PID))
	require.NoError(t, err)
	return len(files)
}

// ResetPeak makes the peak of the memory, VmHWM, that of now. See proc_pid_clear_refs(5).
func (p *Process) ResetPeak(t *testing.T) {
	t.Helper()
	require.NoError(t, os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", p.PID), []byte("5"), 0o200))
}
