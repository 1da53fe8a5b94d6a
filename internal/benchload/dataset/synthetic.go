package dataset

import (
	"fmt"
	"strings"
)

// seriesFamilies is the number of metric families that Series makes.
const seriesFamilies = 10

// Series returns the text of n series, spread over ten metric families, by turns counters and gauges. A series has four
// labels, of which instance_id differs in each; its line is of 86 to 90 bytes, if there are at most a million of them.
func Series(n int) string {
	var (
		b       strings.Builder
		types   = [...]string{"counter", "gauge"}
		methods = [...]string{"GET", "PUT"}
		codes   = [...]string{"200", "404", "500"}
	)
	const lineSize = 91 // with its line feed
	b.Grow(n*lineSize + seriesFamilies*100)
	i := 0
	for family := range seriesFamilies {
		fmt.Fprintf(&b, "# HELP bench_metric_%d A metric of the benchmark.\n", family)
		fmt.Fprintf(&b, "# TYPE bench_metric_%d %s\n", family, types[family%len(types)])
		for end := n * (family + 1) / seriesFamilies; i < end; i++ {
			fmt.Fprintf(&b, "bench_metric_%d{method=%q,handler=\"/api/v1/item%d\",code=%q,instance_id=\"%06d\"} %v\n",
				family, methods[i%len(methods)], i%10, codes[i%len(codes)], i, float64(i%2000)/2)
		}
	}
	return b.String()
}

// Families returns the text of n metric families of one series each, which has the labels of those of Series.
func Families(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "# HELP bench_family_%d A metric of the benchmark.\n# TYPE bench_family_%d gauge\n"+
			"bench_family_%d{method=\"GET\",handler=\"/api/v1/item%d\",code=\"200\",instance_id=\"%06d\"} %v\n", i, i, i, i%10, i, float64(i)/2)
	}
	return b.String()
}

// bounds are the upper bounds of client_golang's default buckets.
var bounds = [...]string{"0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5", "10", "+Inf"}

// Histograms returns the text of one metric family of n histograms with twelve buckets each, the one up to +Inf
// included.
func Histograms(n int) string {
	const seriesSize = 1200 // about that of fourteen lines
	var b strings.Builder
	b.Grow(n*seriesSize + 200)
	b.WriteString("# HELP bench_duration_seconds A histogram of the benchmark.\n# TYPE bench_duration_seconds histogram\n")
	for i := range n {
		labels := fmt.Sprintf(`method="GET",handler="/api/v1/item%04d"`, i)
		count := 0
		for j, bound := range bounds {
			count += i%7 + j
			fmt.Fprintf(&b, "bench_duration_seconds_bucket{%s,le=%q} %d\n", labels, bound, count)
		}
		fmt.Fprintf(&b, "bench_duration_seconds_sum{%s} %v\n", labels, float64(count)*0.375)
		fmt.Fprintf(&b, "bench_duration_seconds_count{%s} %d\n", labels, count)
	}
	return b.String()
}
