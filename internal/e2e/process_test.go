package e2e

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// repository is the root of the repository, seen from this package.
const repository = "../.."

// A process is a program that a test started, and what it has written.
type process struct {
	name  string
	pid   int
	log   *logBuffer
	ended chan struct{} // closed when the program is gone, and then exit is set
	exit  error
}

// startProcess runs a program in a process group of its own. The group ends with the test; if the test failed, the
// end of what the program wrote is printed.
func startProcess(t *testing.T, cmd *exec.Cmd) *process {
	t.Helper()
	p := &process{name: filepath.Base(cmd.Path), log: &logBuffer{}, ended: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.log, p.log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	// A grandchild that outlives the program must not keep Wait waiting for its output.
	cmd.WaitDelay = time.Second
	require.NoError(t, cmd.Start())
	p.pid = cmd.Process.Pid
	go func() {
		p.exit = cmd.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		p.stop(t)
		if t.Failed() {
			t.Logf("%s wrote:\n%s", p.name, p.log.tail())
		}
	})
	return p
}

// stop ends the process group, politely first.
func (p *process) stop(t *testing.T) {
	t.Helper()
	p.signal(syscall.SIGTERM)
	if p.waitFor(15 * time.Second) {
		return
	}
	t.Errorf("%s did not end within 15 s of SIGTERM", p.name)
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// signal does nothing to a process group that has ended.
func (p *process) signal(s syscall.Signal) { _ = syscall.Kill(-p.pid, s) }

// waitFor says whether the process has ended, at the latest after d.
func (p *process) waitFor(d time.Duration) bool {
	select {
	case <-p.ended:
		return true
	case <-time.After(d):
		return false
	}
}

func (p *process) requireAlive(t *testing.T) {
	t.Helper()
	require.Falsef(t, p.waitFor(0), "%s has ended: %v", p.name, p.exit)
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

func (b *logBuffer) tail() string {
	const enough = 8 << 10
	b.mu.Lock()
	defer b.mu.Unlock()
	data := b.written.Bytes()
	return string(data[max(0, len(data)-enough):])
}

// program returns the path that an environment variable holds.
func program(t *testing.T, variable string) string {
	t.Helper()
	path := os.Getenv(variable)
	if path == "" {
		t.Fatalf("the environment variable %s is not set: it must be the path of a program; `make test-e2e` sets it", variable)
	}
	return path
}

// freeAddress returns an address on the loopback interface that nothing listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(listener.Addr().(*net.TCPAddr).Port))
}
