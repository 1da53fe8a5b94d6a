package pushgatewayreceiver

import (
	"net/http"
	"slices"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/journal"
)

// A pushRecord is what is seen of a push on its way: filled in by servePush, told by the reporter. Its key and its encoding may
// alias the request.
type pushRecord struct {
	client   string
	method   string
	format   exposition.Format
	encoding string // as encodingOf returns it

	key   groupingkey.Key // without job: the path is no key
	group uint64          // the hash of the key, 0 while it is not known, or if the client is not

	compressed, uncompressed int // bytes, -1 if that is not known
	samples                  int

	// When it arrived, and when each step ended; zero for what did not come about.
	begin, received, decoded, turn, consumed time.Time
}

func newPushRecord(req *http.Request) *pushRecord {
	return &pushRecord{
		begin:        time.Now(),
		client:       req.RemoteAddr,
		method:       method(req),
		format:       exposition.FormatOf(req.Header.Get("Content-Type")),
		encoding:     encodingOf(req),
		compressed:   -1,
		uncompressed: -1,
	}
}

// The time that each phase took; 0 if it did not come to its end.
func (p *pushRecord) receive() time.Duration { return between(p.begin, p.received) }
func (p *pushRecord) decode() time.Duration  { return between(p.received, p.decoded) }
func (p *pushRecord) consume() time.Duration { return between(p.turn, p.consumed) }

func between(begin, end time.Time) time.Duration {
	if begin.IsZero() || end.IsZero() {
		return 0
	}
	return end.Sub(begin)
}

// forJournal returns what the status page shows of a push that has ended.
func (p *pushRecord) forJournal(outcome journal.Outcome, cause journal.Cause) journal.Push {
	encoding := "" // if it is not a known one
	if i := slices.Index(allEncodings, p.encoding); i >= 0 {
		encoding = allEncodings[i] // the header's own would keep all headers in memory
	}
	return journal.Push{
		At: p.begin, Client: p.client, Method: p.method, Format: p.format.String(), Encoding: encoding,
		Samples: p.samples, CompressedBytes: int64(p.compressed), UncompressedBytes: int64(p.uncompressed),
		Receive: p.receive(), Decode: p.decode(), Consume: p.consume(), Total: time.Since(p.begin),
		Outcome: outcome, Cause: cause,
	}
}
