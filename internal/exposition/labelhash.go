package exposition

import "hash/maphash"

// sameLabels says whether two lists of labels are equal, in the same order.
func sameLabels(x, y []Label) bool {
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i] != y[i] {
			return false
		}
	}
	return true
}

// equalLabels says whether two lists have the same labels, in whatever order.
func equalLabels(x, y []Label) bool {
	if len(x) != len(y) {
		return false
	}
	if sameLabels(x, y) {
		return true
	}
	for _, l := range x {
		if !contains(y, l) {
			return false
		}
	}
	return true
}

func contains(labels []Label, l Label) bool {
	for i := range labels {
		if labels[i] == l {
			return true
		}
	}
	return false
}

// seed makes hashes that nobody outside can foresee.
var seed = maphash.MakeSeed()

// HashLabels returns a hash that does not depend on the order of the labels.
func HashLabels(labels []Label) uint64 {
	sum := uint64(0)
	for i := range labels {
		sum += HashLabel(HashName(labels[i].Name), labels[i].Value)
	}
	return sum
}

// HashName returns the hash of a label name, for HashLabel.
func HashName(name string) uint64 { return maphash.String(seed, name) }

// HashLabel returns what a label adds to the hash of its labels.
func HashLabel(name uint64, value string) uint64 {
	const odd = 0x9e3779b97f4a7c15
	h := (name ^ maphash.String(seed, value)*odd)
	h ^= h >> 32
	return h * odd
}
