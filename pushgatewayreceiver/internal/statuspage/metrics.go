package statuspage

import (
	"bufio"
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// MetricsPath is where Metrics are, behind the page's root.
const MetricsPath = "api/v1/metrics"

// Metrics answer with all groups that are held, with their values, in the Pushgateway's JSON:
// https://github.com/prometheus/pushgateway#query-api.
type Metrics struct {
	store   *groups.Store
	answers chan struct{} // has room for maxAnswers
}

const (
	// maxAnswers is how many answers there may be at once. Each may take as long as its client, and unpacks one family at a time.
	maxAnswers = 2
	// answerBuffer is what of an answer is made before it is sent.
	answerBuffer = 32 << 10
)

// NewMetrics returns the metrics of a store.
func NewMetrics(store *groups.Store) *Metrics {
	return &Metrics{store: store, answers: make(chan struct{}, maxAnswers)}
}

// Serve answers a GET or HEAD.
func (m *Metrics) Serve(w http.ResponseWriter, req *http.Request) {
	select {
	case m.answers <- struct{}{}:
		defer func() { <-m.answers }()
	default:
		writeBusy(w, req, "too many ask for all metrics at once; try again")
		return
	}
	setHeaders(w.Header(), "application/json", "no-store")
	w.WriteHeader(http.StatusOK)
	if req.Method == http.MethodHead {
		return
	}
	a := metricsWriter{Writer: bufio.NewWriterSize(w, answerBuffer), gone: req.Context().Done()}
	if !a.all(inOrder(m.store.All())) {
		// What was sent looked like a success, so it must not look as if it were all.
		panic(http.ErrAbortHandler)
	}
	_ = a.Flush() // whoever asked is gone if this fails
}

// inOrder sorts groups by their keys.
func inOrder(all []*groups.Group) []*groups.Group {
	slices.SortFunc(all, func(x, y *groups.Group) int {
		return cmp.Or(strings.Compare(x.Key.Job, y.Key.Job), slices.CompareFunc(x.Key.Labels, y.Key.Labels, func(x, y groupingkey.Label) int {
			return cmp.Or(strings.Compare(x.Name, y.Name), strings.Compare(x.Value, y.Value))
		}))
	})
	return all
}

// A metricsWriter writes JSON part by part, because there may be a million series. What it writes when the client is gone is lost.
type metricsWriter struct {
	*bufio.Writer
	scratch []byte
	gone    <-chan struct{} // closed when the client is
}

func (w *metricsWriter) raw(s string) { _, _ = w.WriteString(s) }

// all returns false if it cannot go on.
func (w *metricsWriter) all(all []*groups.Group) bool {
	w.raw(`{"status":"success","data":[`)
	for i, g := range all {
		select {
		case <-w.gone:
			return true
		default:
		}
		w.comma(i)
		if !w.group(g) {
			return false
		}
	}
	w.raw("]}\n")
	return true
}

func (w *metricsWriter) comma(i int) {
	if i > 0 {
		w.raw(",")
	}
}

// The members of a group that are no families. In the Pushgateway, a family of such a name takes the place of the member, and clients
// do not know what they read; here there is no such family.
const (
	labelsMember  = "labels"
	successMember = "last_push_successful"
)

func (w *metricsWriter) group(g *groups.Group) bool {
	w.raw(`{"` + labelsMember + `":`)
	w.labels(append([]groupingkey.Label{{Name: "job", Value: g.Key.Job}}, g.Key.Labels...))
	w.raw(`,"` + successMember + `":` + strconv.FormatBool(!g.LastFailure.After(g.LastPush)))
	names := map[string]struct{}{labelsMember: {}, successMember: {}}
	for i := range g.Families {
		f := &g.Families[i]
		if _, taken := names[f.Name]; taken {
			continue
		}
		names[f.Name] = struct{}{}
		exposed, err := translate.Expose(f, g.Key)
		if err != nil {
			return false
		}
		w.head(f.Name, apiType(f), exposed.Help, f.Pushed)
		n := 0
		for s := range exposed.Samples() {
			w.comma(n)
			w.sample(f, s)
			n++
		}
		w.raw("]}")
	}
	for _, t := range translate.PushTimes(g) {
		if _, taken := names[t.Name]; !taken { // push_time_metrics is off, and somebody pushed one
			w.head(t.Name, "GAUGE", t.Help, t.At)
			w.sample(&groups.Family{}, &t.Sample)
			w.raw("]}")
		}
	}
	w.raw("}")
	return true
}

// apiType returns a type in the words of the Pushgateway. What OpenMetrics alone has is a gauge to Prometheus.
func apiType(f *groups.Family) string {
	switch t := f.Type.String(); t {
	case "unknown":
		return "UNTYPED"
	case "info", "stateset":
		return "GAUGE"
	default:
		return strings.ToUpper(t)
	}
}

// head writes all of a family but its metrics.
func (w *metricsWriter) head(name, apiType, help string, at time.Time) {
	w.raw(",")
	w.string(name)
	w.raw(`:{"time_stamp":"` + at.UTC().Format(time.RFC3339Nano) + `","type":"` + apiType + `"`)
	if help != "" {
		w.raw(`,"help":`)
		w.string(help)
	}
	w.raw(`,"metrics":[`)
}

func (w *metricsWriter) sample(f *groups.Family, s *translate.Sample) {
	w.raw(`{"labels":`)
	w.labels(s.Labels)
	t := f.Type.String()
	switch {
	case t == "summary":
		w.raw(`,"quantiles":{`)
		for i, q := range s.Quantiles {
			w.comma(i)
			w.float(q.Quantile)
			w.raw(":")
			w.float(q.Value)
		}
		w.raw("}")
		w.totals(s)
	case t == "histogram" && s.IsNative:
		w.native(s.Native)
		w.totals(s)
	case t == "histogram":
		w.raw(`,"buckets":{`)
		for i, b := range s.Buckets {
			w.comma(i)
			w.float(b.UpperBound)
			w.raw(":")
			w.count(b.CumulativeCount)
		}
		w.raw("}")
		w.totals(s)
	default:
		w.raw(`,"value":`)
		w.float(s.Value)
	}
	w.raw("}")
}

func (w *metricsWriter) totals(s *translate.Sample) {
	w.raw(`,"count":`)
	w.count(s.Count)
	if s.HasSum {
		w.raw(`,"sum":`)
		w.float(s.Sum)
	}
}

// native writes buckets as Prometheus' API does: https://prometheus.io/docs/prometheus/latest/querying/api/#native-histograms.
func (w *metricsWriter) native(buckets []translate.NativeBucket) {
	w.raw(`,"buckets":[`)
	for i, b := range buckets {
		w.comma(i)
		boundaries := "2"
		switch {
		case b.LowerInclusive && b.UpperInclusive:
			boundaries = "3"
		case b.LowerInclusive:
			boundaries = "1"
		case b.UpperInclusive:
			boundaries = "0"
		}
		w.raw("[" + boundaries + ",")
		w.float(b.Lower)
		w.raw(",")
		w.float(b.Upper)
		w.raw(",")
		w.count(b.Count)
		w.raw("]")
	}
	w.raw("]")
}

func (w *metricsWriter) labels(labels []groupingkey.Label) {
	w.raw("{")
	for i, l := range labels {
		w.comma(i)
		w.string(l.Name)
		w.raw(":")
		w.string(l.Value)
	}
	w.raw("}")
}

// float writes a string, for JSON has no infinity.
func (w *metricsWriter) float(v float64) {
	w.scratch = strconv.AppendFloat(append(w.scratch[:0], '"'), v, 'g', -1, 64)
	_, _ = w.Write(append(w.scratch, '"'))
}

func (w *metricsWriter) count(n uint64) {
	w.scratch = strconv.AppendUint(append(w.scratch[:0], '"'), n, 10)
	_, _ = w.Write(append(w.scratch, '"'))
}

func (w *metricsWriter) string(s string) {
	if strings.IndexFunc(s, isSpecial) < 0 {
		w.raw(`"`)
		w.raw(s)
		w.raw(`"`)
		return
	}
	quoted, _ := json.Marshal(s) // of a string
	_, _ = w.Write(quoted)
}

// isSpecial says whether a character may not stand in a string of JSON as it is, or in a page.
func isSpecial(r rune) bool {
	return r < ' ' || r > '~' || strings.ContainsRune(`"\<>&`, r)
}
