package overload

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A storm is jobs that push one after the other, until nobody listens any more.
type storm struct {
	outcomes
	pushing sync.WaitGroup
	next    atomic.Int64
}

func startStorm(url string) *storm {
	s := new(storm)
	body := page(stormSeries)
	for range stormers {
		s.pushing.Go(func() {
			for {
				instance := int(s.next.Add(1))
				o := send(oneShot, url, groupPath(instance), body)
				o.instance = instance
				s.add(o)
				if o.unheard {
					return
				}
			}
		})
	}
	return s
}

// cut returns the instances whose connections were closed before there was any answer.
func (s *storm) cut() (instances []int) {
	for _, o := range s.all {
		if o.err != nil && !o.unheard {
			instances = append(instances, o.instance)
		}
	}
	return instances
}

// startSlowPush begins a push of a large body whose second half comes later, and returns its outcome when there is one.
func startSlowPush(t *testing.T, c *testbed.Collector, later time.Duration) <-chan outcome {
	t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(c.URL, "http://"))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(impatient)))
	body := page(20_000)
	half := len(body) / 2
	_, err = fmt.Fprintf(conn, "PUT /metrics%s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n", groupPath(slowInstance), len(body))
	require.NoError(t, err)
	answers := bufio.NewReader(conn)
	line, err := answers.ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, line, "100 Continue", "the push is in flight")
	_, err = io.WriteString(conn, body[:half])
	require.NoError(t, err)
	begin := time.Now()
	time.AfterFunc(later, func() { _, _ = io.WriteString(conn, body[half:]) })
	outcomes := make(chan outcome, 1)
	go func() {
		_, err := answers.ReadString('\n') // the end of the 100
		var res *http.Response
		if err == nil {
			res, err = http.ReadResponse(answers, nil)
		}
		if err != nil {
			outcomes <- outcome{err: err}
			return
		}
		_ = res.Body.Close()
		outcomes <- outcome{status: res.StatusCode, took: time.Since(begin)}
	}()
	return outcomes
}

// figures are what came of a SIGTERM.
type figures struct {
	storm   *storm
	slow    outcome       // of the push that was in flight all the time
	refused time.Duration // until connections were refused
	ended   time.Duration // until the collector ended
}

func (f figures) String() string {
	return fmt.Sprintf("%v, of those %d cut before an answer and %d for which nobody listened; connections refused after %v; "+
		"the push in flight was answered %d; ended after %v", &f.storm.outcomes, len(f.storm.cut()), stormers, f.refused, f.slow.status, f.ended)
}

// terminate sends a SIGTERM while pushes are in flight, and requires that connections are refused before the slow push is answered,
// that all others are answered or cut before any answer, and that the collector ends well.
func terminate(t *testing.T, c *testbed.Collector, s *storm, slow <-chan outcome) figures {
	t.Helper()
	f := figures{storm: s}
	begin := time.Now()
	c.Signal(syscall.SIGTERM)
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", strings.TrimPrefix(c.URL, "http://"))
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}, soon, time.Millisecond, "connections are still accepted")
	f.refused = rounded(time.Since(begin))
	select {
	case o := <-slow:
		t.Fatalf("the push in flight was answered %d before the listener closed", o.status)
	default:
	}
	f.slow = <-slow
	s.pushing.Wait()
	require.True(t, c.WaitFor(writeTimeout+soon), "the collector goes on after SIGTERM")
	f.ended = rounded(time.Since(begin))
	require.NoError(t, c.Exit)
	for _, o := range s.all {
		cleanly := o.status == http.StatusOK || o.isRefused() && o.retryAfter > 0 || o.status == 0
		assert.True(t, cleanly, "status %d: %v", o.status, o.err)
	}
	assert.Positive(t, s.count(http.StatusOK))
	return f
}
