package exposition

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTooManyLabels(t *testing.T) {
	line := func(labels int) string {
		var b strings.Builder
		b.WriteString("a{")
		for i := range labels {
			fmt.Fprintf(&b, "l%d=%q,", i, `=\"`)
		}
		return b.String() + "} 1\n"
	}
	o := Options{NameValidation: model.UTF8Validation, Limits: Limits{Labels: 256}}
	require.NoError(t, Decode(line(256), o, &recorder{}))
	var limit *LimitError
	err := Decode("b 1\n"+line(259), o, &recorder{})
	require.ErrorAs(t, err, &limit)
	require.ErrorContains(t, err, "cannot decode text in line 2: 259 labels; limits.labels_per_sample is 256; the line is ")
	endless := "b 1\n" + line(1_000_000)
	begin := time.Now()
	err = Decode(endless, o, &recorder{})
	require.ErrorAs(t, err, &limit)
	assert.Less(t, time.Since(begin), 5*time.Second)
}

func TestLimits(t *testing.T) {
	limits := Limits{Labels: 2, MetricName: 6, LabelName: 3, LabelValue: 4}
	f := func(format Format, body, want string) {
		t.Helper()
		_, err := decodeWith(body, Options{Format: format, NameValidation: model.UTF8Validation, Limits: limits})
		if want == "" {
			require.NoError(t, err)
			return
		}
		require.ErrorContains(t, err, ": "+want)
		var limit *LimitError
		require.ErrorAs(t, err, &limit)
	}
	const (
		labels = "3 labels; limits.labels_per_sample is 2"
		metric = `7 bytes in metric name "metric7"; limits.metric_name_length is 6`
		name   = `4 bytes in label name "four"; limits.label_name_length is 3`
		value  = `5 bytes in the value of label "l"; limits.label_value_length is 4`
	)
	for _, format := range []Format{Text, OpenMetrics} {
		end := ""
		if format == OpenMetrics {
			end = "# EOF"
		}
		f(format, "metric{l=\"four\",abc=\"\"} 1\n"+end, "")
		f(format, "a{l=\"1\",m=\"2\",n=\"3\"} 1\n"+end, labels)
		f(format, "a{l=\"1\",m=\"2\"} 1\na{l=\"2\",m=\"2\",n=\"3\"} 1\n"+end, labels)
		f(format, "metric7 1\n"+end, metric)
		f(format, "{\"metric7\"} 1\n"+end, metric)
		f(format, "# TYPE metric7 gauge\n"+end, metric)
		f(format, "a{four=\"\"} 1\n"+end, name)
		f(format, "a{\"four\"=\"\"} 1\n"+end, name)
		f(format, "a{l=\"five5\"} 1\n"+end, value)
		f(format, "a{l=\"1\"} 1\na{l=\"five5\"} 1\n"+end, value)
	}
	f(OpenMetrics, "# TYPE a counter\na_total 1 # {l=\"1\",m=\"2\",n=\"3\"} 1\n# EOF", "exemplar: "+labels)
	gauge := func(name, labels string) string {
		return delimited(t, fmt.Sprintf(`name:%q type:GAUGE metric:{gauge:{} %s}`, name, labels))
	}
	f(Protobuf, gauge("metric", `label:{name:"l" value:"four"} label:{name:"abc"}`), "")
	f(Protobuf, gauge("a", `label:{name:"l"} label:{name:"m"} label:{name:"n"}`), "a: "+labels)
	f(Protobuf, gauge("metric7", ""), metric)
	f(Protobuf, gauge("a", `label:{name:"four"}`), "a: "+name)
	f(Protobuf, gauge("a", `label:{name:"l" value:"five5"}`), "a: "+value)
	f(Protobuf, delimited(t, `name:"a" metric:{counter:{exemplar:{label:{name:"l"} label:{name:"m"} label:{name:"n"}}}}`), "a: exemplar: "+labels)
}

var errNoRoom = errors.New("no room")

// Whatever a body makes a decoder keep, it asks before.
func TestDecodersAskForMemory(t *testing.T) {
	const n = 20_000
	many := func(line string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(strings.ReplaceAll(line, "%", fmt.Sprint(i)))
		}
		return b.String()
	}
	repeat := func(text string) string { return strings.Repeat(text, n) }
	for _, tc := range []struct {
		name   string
		format Format
		body   string
	}{
		{"families", Text, many("a% 1\n")},
		{"families without samples", Text, many("# TYPE a% gauge\n")},
		{"histograms", Text, "# TYPE a histogram\n" + many("a_count{l=\"%\"} 1\n")},
		{"buckets", Text, "# TYPE a histogram\n" + many("a_bucket{le=\"%\"} 1\n")},
		{"quantiles", Text, "# TYPE a summary\n" + many("a{quantile=\"0.%\"} 1\n")},
		{"labels of summaries", Text, "# TYPE a summary\n" + many("a_count{a=\"%\",b=\"\",c=\"\",d=\"\"} 1\n")},
		{"escapes", Text, "a{l=\"" + repeat("\\n") + repeat("\\n") + "\"} 1\n"},
		{"escapes in help", Text, "# HELP a " + repeat("\\n") + repeat("\\n") + "\n"},
		{"families", OpenMetrics, many("# TYPE a% gauge\n") + "# EOF"},
		{"exemplars", OpenMetrics, "# TYPE a histogram\n" + repeat("a_bucket{le=\"1\"} 1 # {} 1\n") + "# EOF"},
		{"families", Protobuf, delimited(t, strings.Split(many("name:\"a%\" metric:{counter:{}}\n"), "\n")[:n]...)},
		{"labels", Protobuf, delimited(t, `name:"a" metric:{`+repeat("label:{} ")+`}`)},
		{"buckets", Protobuf, delimited(t, `name:"a" type:HISTOGRAM metric:{histogram:{`+repeat("bucket:{} ")+`}}`)},
		{"spans", Protobuf, delimited(t, `name:"a" type:HISTOGRAM metric:{histogram:{`+repeat("positive_span:{} ")+`}}`)},
		{"deltas", Protobuf, delimited(t, `name:"a" type:HISTOGRAM metric:{histogram:{`+repeat("positive_delta:1 ")+`}}`)},
		{"exemplars", Protobuf, delimited(t, `name:"a" type:HISTOGRAM metric:{histogram:{`+repeat("exemplars:{} ")+`}}`)},
		{"exemplars of buckets", Protobuf, delimited(t, `name:"a" type:HISTOGRAM metric:{histogram:{`+repeat("bucket:{exemplar:{}} ")+`}}`)},
		{"labels of an exemplar", Protobuf, delimited(t, `name:"a" metric:{counter:{exemplar:{`+repeat("label:{} ")+`}}}`)},
		{"quantiles", Protobuf, delimited(t, `name:"a" type:SUMMARY metric:{summary:{`+repeat("quantile:{} ")+`}}`)},
	} {
		t.Run(tc.format.String()+" "+tc.name, func(t *testing.T) {
			left := 64 << 10
			err := Decode(tc.body, Options{Format: tc.format, NameValidation: model.UTF8Validation, Grow: func(bytes int) error {
				if left -= bytes; left < 0 {
					return errNoRoom
				}
				return nil
			}}, nopSink{})
			assert.ErrorIs(t, err, errNoRoom)
		})
	}
}
