package journal

import (
	"strings"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

// What is kept of texts, in bytes, so that a group takes no more than 2 KiB, and a refusal 3 KiB, whatever comes.
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

// ShortenKey returns copies of the job and of as many labels as may be kept, and whether anything is missing. They are one string in
// memory, for each has its own overhead.
func ShortenKey(key groupingkey.Key) (job string, labels []groupingkey.Label, cut bool) {
	kept := key.Labels[:fitting(key.Labels)]
	cut = len(kept) < len(key.Labels)
	var all strings.Builder
	lengths := make([]int, 0, 1+2*len(kept))
	add := func(s string, most int) {
		cut = cut || len(s) > most
		begin := all.Len()
		all.WriteString(shorten(s, most))
		lengths = append(lengths, all.Len()-begin)
	}
	add(key.Job, maxLabelValue)
	for _, l := range kept {
		add(l.Name, maxLabelName)
		add(l.Value, maxLabelValue)
	}
	rest := strings.Clone(all.String()) // without the room to grow
	next := func() (s string) {
		s, rest, lengths = rest[:lengths[0]], rest[lengths[0]:], lengths[1:]
		return s
	}
	job = next()
	if len(kept) > 0 {
		labels = make([]groupingkey.Label, len(kept))
	}
	for i := range labels {
		labels[i] = groupingkey.Label{Name: next(), Value: next()}
	}
	return job, labels, cut
}

// fitting returns how many of the labels may be kept.
func fitting(labels []groupingkey.Label) int {
	left := maxKey
	for i, l := range labels {
		if left -= labelMemory + min(len(l.Name), maxLabelName) + min(len(l.Value), maxLabelValue); left < 0 {
			return i
		}
	}
	return len(labels)
}

// labelMemory is what a label takes beside its text.
const labelMemory = 32
