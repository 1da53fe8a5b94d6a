package exposition

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/encoding/prototext"
)

// recorder is a Sink that writes down what it receives, one line each.
type recorder struct{ lines []string }

func (r *recorder) Family(f *Family) error {
	r.lines = append(r.lines, strings.TrimRight(fmt.Sprintf("# %s %s %s %s", f.Type, f.Name, f.Unit, f.Help), " "))
	return nil
}

func (r *recorder) Point(p *Point) error {
	var b strings.Builder
	for _, l := range p.Labels {
		fmt.Fprintf(&b, "%s=%q ", l.Name, l.Value)
	}
	switch {
	case p.Histogram != nil:
		h := *p.Histogram
		if h.Native != nil {
			fmt.Fprintf(&b, "native%+v ", *h.Native)
		}
		fmt.Fprintf(&b, "count=%d(%t) sum=%v(%t) buckets=%v", h.Count, h.HasCount, h.Sum, h.HasSum, h.Buckets)
	case p.Summary != nil:
		fmt.Fprintf(&b, "count=%d(%t) sum=%v quantiles=%v", p.Summary.Count, p.Summary.HasCount, p.Summary.Sum, p.Summary.Quantiles)
	default:
		fmt.Fprint(&b, p.Value)
	}
	if p.HasTimestamp {
		fmt.Fprintf(&b, " at=%d", p.Timestamp)
	}
	if p.Created != 0 {
		fmt.Fprintf(&b, " created=%d", p.Created)
	}
	if p.Stale {
		b.WriteString(" stale")
	}
	for _, e := range p.Exemplars {
		fmt.Fprintf(&b, " exemplar=%v %v at=%d(%t)", e.Labels, e.Value, e.Timestamp, e.HasTimestamp)
	}
	r.lines = append(r.lines, b.String())
	return nil
}

// decode returns what the sink saw, or the error.
func decode(body string, format Format) (string, error) {
	return decodeWith(body, Options{Format: format, NameValidation: model.UTF8Validation})
}

func decodeWith(body string, o Options) (string, error) {
	r := &recorder{}
	err := Decode(body, o, r)
	return strings.Join(r.lines, "\n"), err
}

// delimited returns a protobuf body of families that are written as prototext.
func delimited(t testing.TB, families ...string) string {
	var b bytes.Buffer
	for _, text := range families {
		family := &dto.MetricFamily{}
		require.NoError(t, prototext.Unmarshal([]byte(text), family))
		_, err := protodelim.MarshalTo(&b, family)
		require.NoError(t, err)
	}
	return b.String()
}
