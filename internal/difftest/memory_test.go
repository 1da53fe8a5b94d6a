package difftest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// hostileText are bodies that make a decoder work the most for each byte.
var hostileText = []struct {
	name string
	body func(n int) string
}{
	{"families", repeat(func(i int) string { return fmt.Sprintf("a%x 1\n", i) })},
	{"heads of families", repeat(func(i int) string { return fmt.Sprintf("# HELP a%x b\n", i) })},
	{"histograms", repeat(func(i int) string { return fmt.Sprintf("h_sum{a=\"%x\"} 1\n", i) }, "# TYPE h histogram\n")},
	{"histogram families", repeat(func(i int) string { return fmt.Sprintf("# TYPE h%x histogram\nh%x_sum 1\n", i, i) })},
	{"a histogram of many buckets between many of none", func(n int) string {
		var b strings.Builder
		b.WriteString("# TYPE h histogram\n")
		for i := range n {
			fmt.Fprintf(&b, "h_bucket{le=\"%d\"} 1\n", i)
		}
		for i := range n {
			fmt.Fprintf(&b, "h_sum{a=\"%d\"} 1\nh_bucket{le=\"1\"} 1\n", i)
		}
		return b.String()
	}},
	{"labels in another order each time", repeat(func(i int) string {
		labels := strings.SplitAfter(strings.TrimSuffix(manyLabels(256), ","), ",")
		i %= len(labels)
		return "a{" + strings.Join(labels[i:], "") + "," + strings.Join(labels[:i], "") + "} 1\n"
	})},
	{"labels of a histogram in another order each time", repeat(func(i int) string {
		labels := strings.SplitAfter(strings.TrimSuffix(manyLabels(255), ","), ",")
		i %= len(labels)
		return fmt.Sprintf("h_bucket{%s,%sle=\"%d\"} 1\n", strings.Join(labels[i:], ""), strings.Join(labels[:i], ""), i)
	}, "# TYPE h histogram\n")},
	{"samples of one histogram between others", repeat(func(i int) string {
		return fmt.Sprintf("h_bucket{le=\"%d\"} 1\na 1\n", i)
	}, "# TYPE h histogram\n")},
}

// repeat returns a body of the heads and n lines.
func repeat(line func(i int) string, heads ...string) func(n int) string {
	return func(n int) string {
		var b strings.Builder
		b.WriteString(strings.Join(heads, ""))
		for i := range n {
			b.WriteString(line(i))
		}
		return b.String()
	}
}

// TestHostileTextCostsLittle decodes long bodies. A body of ten times the size must not take more memory for each byte.
func TestHostileTextCostsLittle(t *testing.T) {
	for _, h := range hostileText {
		t.Run(h.name, func(t *testing.T) {
			for _, n := range []int{300, 3_000} {
				body := h.body(n)
				decode := ourDecode(body, exposition.Text, model.UTF8Validation)
				used := allocated(func() { assert.NoError(t, decode(discard{})) })
				assert.LessOrEqual(t, used, maxMemory(body), "for %d bytes", len(body))
			}
		})
	}
}

// hostileOpenMetrics are bodies that make a decoder work the most for each byte; # EOF is added.
var hostileOpenMetrics = []struct {
	name string
	body func(n int) string
}{
	{"heads of families", repeat(func(i int) string { return fmt.Sprintf("# HELP a%x b\n", i) })},
	{"heads of counters", repeat(func(i int) string { return fmt.Sprintf("# TYPE a%x counter\n", i) })},
	{"heads of counters, backwards", repeat(func(i int) string { return fmt.Sprintf("# TYPE a%08x counter\n", 1<<30-i) })},
	{"counters", repeat(func(i int) string { return fmt.Sprintf("# TYPE a%x counter\na%x_created 1\na%x_total 1\n", i, i, i) })},
	{"counters with exemplars", repeat(func(i int) string { return fmt.Sprintf("a_total{a=\"%x\"} 1 # {} 1\n", i) }, "# TYPE a counter\n")},
	{"buckets with exemplars", repeat(func(i int) string { return fmt.Sprintf("h_bucket{le=\"%d\"} 1 # {} 1\n", i) }, "# TYPE h histogram\n")},
	{"exemplars with many labels", repeat(func(int) string {
		return "h_bucket{le=\"1\"} 1 # {" + manyLabels(256) + "} 1\n"
	}, "# TYPE h histogram\n")},
	{"histograms of an exemplar", repeat(func(i int) string { return fmt.Sprintf("h_bucket{a=\"%x\",le=\"1\"} 1 # {} 1\n", i) }, "# TYPE h histogram\n")},
	{"histograms of a _created", repeat(func(i int) string { return fmt.Sprintf("h_created{a=\"%x\"} 1\n", i) }, "# TYPE h histogram\n")},
	{"quoted names", repeat(func(i int) string { return fmt.Sprintf("{\"\\n%x\"} 1\n", i) })},
}

// TestHostileOpenMetricsCostsLittle is TestHostileTextCostsLittle for OpenMetrics.
func TestHostileOpenMetricsCostsLittle(t *testing.T) {
	for _, h := range hostileOpenMetrics {
		t.Run(h.name, func(t *testing.T) {
			for _, n := range []int{300, 3_000} {
				body := h.body(n) + "# EOF\n"
				decode := ourDecode(body, exposition.OpenMetrics, model.UTF8Validation)
				used := allocated(func() { assert.NoError(t, decode(discard{})) })
				assert.LessOrEqual(t, used, maxMemory(body), "for %d bytes", len(body))
			}
		})
	}
}
