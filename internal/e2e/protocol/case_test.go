package protocol

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

// A protocolCase is a request that both servers get.
type protocolCase struct {
	name    string
	before  []string // earlier requests, which must be accepted
	request string   // as it is sent; see push and its neighbours
	cut     bool     // the client closes its side behind the request, as one that dies
	to      receiver // default: the one with default settings
	want    answer   // of the Pushgateway 1.11.3, and of all others that have no answer of their own
	debian  answer   // of the Pushgateway 1.5.1, where the releases differ
	here    answer   // of this receiver, where it differs
	because difference
	says    string // part of what this receiver says if it refuses the request
	breaks  bool   // the Pushgateway 1.5.1 is of no use behind this request
}

// An answer is what a request leads to. What it does not say is not tested against it, only against the other server.
type answer struct {
	status    int
	allow     string
	challenge string         // scheme of WWW-Authenticate
	closes    bool           // the server closes the connection behind it
	series    testbed.Series // what arrives, without the times of pushes
	times     testbed.Series // those; see arrived
}

// taken is the answer to a push that is accepted. The series are written as in the text format, all labels sorted.
func taken(series ...string) answer {
	a := answer{status: http.StatusOK}
	if len(series) > 0 {
		a.series = testbed.Series{}
	}
	for _, s := range series {
		end := strings.LastIndexByte(s, ' ')
		a.series[s[:end]] = s[end+1:]
	}
	return a
}

// nothingArrives is the answer to a push without metrics.
func nothingArrives() answer { return answer{status: http.StatusOK, series: testbed.Series{}} }

func status(code int) answer { return answer{status: code} }

// refused is the answer to a request with which something is wrong.
func refused() answer { return answer{status: http.StatusBadRequest, series: testbed.Series{}} }

func notAllowed(allow string) answer {
	return answer{status: http.StatusMethodNotAllowed, allow: allow}
}

func or(a, b answer) answer {
	if a.status != 0 {
		return a
	}
	return b
}

// A topic is a table of cases.
type topic struct {
	name  string
	cases func(t *testing.T) []protocolCase
}

func TestProtocol(t *testing.T) {
	s := startServers(t)
	for _, topic := range topics {
		t.Run(topic.name, func(t *testing.T) {
			for _, c := range topic.cases(t) {
				t.Run(c.name, func(t *testing.T) { c.run(t, s) })
			}
		})
	}
}

func (c protocolCase) run(t *testing.T, s *servers) {
	here := s.askCollector(t, c)
	wantHere := or(c.here, c.want)
	here.require(t, "the receiver", wantHere)
	c.requireMessage(t, here)
	if here.Status >= http.StatusBadRequest {
		assert.Empty(t, here.Series, "something of a refused push arrives")
	}
	there := s.askPushgateway(t, c)
	there.require(t, "the Pushgateway", or(c.debian, c.want))
	if c.debian.status == 0 && c.here.status == 0 {
		assert.Equal(t, there.comparable(),
			here.comparable(), "the Pushgateway (expected) and the receiver (actual) differ; the latter said %q", here.body)
	}
}

// requireMessage requires that a refusal is one line of text that says what is wrong.
func (c protocolCase) requireMessage(t *testing.T, here outcome) {
	t.Helper()
	if here.Status < http.StatusBadRequest || here.Method == http.MethodHead || !here.NoSniff {
		assert.Empty(t, c.says, "only a refusal of the receiver itself has something to say")
		return
	}
	assert.Regexp(t, `^[^\n]{15,600}\n$`, here.body)
	assert.Equal(t, "text/plain; charset=utf-8", here.ContentType)
	assert.Contains(t, here.body, c.says)
	if here.Status == http.StatusBadRequest {
		assert.NotEmpty(t, c.says, "a case that is refused has to say why; the receiver said %q", here.body)
	}
}

// An outcome is what was seen of a request.
type outcome struct {
	Method      string
	Status      int
	Allow       string
	ContentType string
	NoSniff     bool
	Location    string
	Challenge   string // the scheme of WWW-Authenticate
	Body        string // of a status 200; refusals are worded differently
	Kept        bool   // the connection takes another request
	arrived

	body string // always
}

// comparable leaves out what is no promise: the words of a refusal. The Pushgateway keeps the time of some refusals
// only.
func (o outcome) comparable() outcome {
	o.body = ""
	if o.Status != http.StatusOK {
		o.Times = nil
	}
	return o
}

func (o outcome) require(t *testing.T, server string, want answer) {
	t.Helper()
	require.Equal(t, want.status, o.Status, "status of %s, which said %q", server, o.body)
	assert.Equal(t, want.allow, o.Allow, "Allow of %s", server)
	assert.Equal(t, want.challenge, o.Challenge, "WWW-Authenticate of %s", server)
	assert.Equal(t, !want.closes, o.Kept, "whether %s keeps the connection", server)
	if want.series != nil {
		assert.Equal(t, want.series, o.Series, "what arrives by %s", server)
	}
	if want.times != nil {
		assert.Equal(t, want.times, o.Times, "times that arrive by %s", server)
	}
}
