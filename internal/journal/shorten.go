package journal

import (
	"strings"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

// What is kept of texts, in bytes, so that an entry takes no more than some 2 KiB, whatever comes.
const (
	maxKey        = 1024 // of all labels together; those that do not fit in are left out
	maxLabelName  = 100
	maxLabelValue = 256 // the job's too
	maxMessage    = 512
	maxPath       = 256
)

// shorten returns a copy, cut if it is longer.
func shorten(s string, most int) string {
	if len(s) <= most {
		return strings.Clone(s)
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

// shortenKey returns copies of the job and of as many labels as may be kept, and whether anything is missing.
func shortenKey(key groupingkey.Key) (job string, labels []groupingkey.Label, cut bool) {
	job, cut = shorten(key.Job, maxLabelValue), len(key.Job) > maxLabelValue
	left := maxKey
	for _, l := range key.Labels {
		cut = cut || len(l.Name) > maxLabelName || len(l.Value) > maxLabelValue
		l = groupingkey.Label{Name: shorten(l.Name, maxLabelName), Value: shorten(l.Value, maxLabelValue)}
		if left -= labelMemory + len(l.Name) + len(l.Value); left < 0 {
			return job, labels, true
		}
		labels = append(labels, l)
	}
	return job, labels, cut
}

// labelMemory is what a label takes beside its text.
const labelMemory = 32
