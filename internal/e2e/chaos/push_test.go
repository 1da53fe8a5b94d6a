package chaos

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/proto"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/e2e/testbed"
)

const job = "chaos"

// metricNames are those of the metrics that are pushed, one in each push.
var metricNames = [...]string{"chaos_value", "chaos_other_value"}

// A push is known by its numbers. The pushes of a pusher are one group, each with series of its own.
type push struct{ pusher, number int }

// sizes are how many series pushes have.
var sizes = [...]int{1, 3, 1, 10, 1, 200}

func (p push) size() int { return sizes[p.number%len(sizes)] }

// metric is the index of the name. Each name has pushes of several sizes.
func (p push) metric() int { return p.number / 3 % len(metricNames) }

func (p push) name() string { return metricNames[p.metric()] }

// A series has one value, and nobody pushes another one.
type series struct {
	push
	part int
}

func (s series) String() string {
	return fmt.Sprintf("pusher %d, push %d, part %d", s.pusher, s.number, s.part)
}

func (s series) value() float64 {
	h := fnv.New32a()
	_, _ = fmt.Fprint(h, s.pusher, s.number, s.part) // memory takes everything
	return float64(h.Sum32())
}

// seriesOf reads the labels of a series. It says no if nobody can have pushed it.
func seriesOf(l testbed.Labels) (series, bool) {
	var s series
	for label, number := range map[string]*int{"instance": &s.pusher, "push": &s.number, "part": &s.part} {
		n, err := strconv.Atoi(l[label])
		if err != nil || n < 0 {
			return s, false
		}
		*number = n
	}
	return s, l["__name__"] == s.name() && l["job"] == job && len(l) == 5 && s.part < s.size()
}

func (p push) path() string { return fmt.Sprintf("/metrics/job/%s/instance/%d", job, p.pusher) }

// A request is a push as it is sent.
type request struct{ body, contentType, contentEncoding string }

// request takes the formats and encodings in turn.
func (p push) request(t *testing.T) request {
	r := request{body: p.text(), contentType: "text/plain"}
	if p.number/2%2 == 1 {
		r = request{body: testbed.Protobuf(t, p.family()), contentType: testbed.ProtobufType}
	}
	if p.number%2 == 1 {
		r.body, r.contentEncoding = testbed.Gzipped(r.body), "gzip"
	}
	return r
}

func (p push) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# TYPE %s gauge\n", p.name())
	for i := range p.size() {
		fmt.Fprintf(&b, "%s{push=\"%d\",part=\"%d\"} %v\n", p.name(), p.number, i, series{p, i}.value())
	}
	return b.String()
}

func (p push) family() *dto.MetricFamily {
	family := &dto.MetricFamily{Name: proto.String(p.name()), Type: dto.MetricType_GAUGE.Enum()}
	for i := range p.size() {
		family.Metric = append(family.Metric, &dto.Metric{
			Label: []*dto.LabelPair{
				{Name: proto.String("push"), Value: proto.String(strconv.Itoa(p.number))},
				{Name: proto.String("part"), Value: proto.String(strconv.Itoa(i))},
			},
			Gauge: &dto.Gauge{Value: proto.Float64(series{p, i}.value())},
		})
	}
	return family
}
