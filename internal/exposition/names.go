package exposition

import (
	"slices"
	"sort"
	"strings"
)

// A nameIndex finds families by their names.
//
// Most programs write their families in the order of their names, so a name that is new is mostly behind all others, and
// needs no map: that would take a third of the time of reading such a body. With the first name that is out of order, it
// becomes a map.
type nameIndex struct {
	byBase  bool      // the names are the families' bases
	ordered []*family // in the order of their names, while there are no others
	byName  map[string]*family
}

func (x *nameIndex) nameOf(f *family) string {
	if x.byBase {
		return f.base
	}
	return f.Name
}

// forget empties the index, but keeps its room.
func (x *nameIndex) forget() {
	x.ordered = x.ordered[:0]
	clear(x.byName)
}

// find returns the family of that name.
func (x *nameIndex) find(name string) (*family, bool) {
	if len(x.byName) > 0 {
		f, ok := x.byName[name]
		return f, ok
	}
	if x.isLast(name) {
		return nil, false
	}
	i, ok := slices.BinarySearchFunc(x.ordered, name, func(f *family, name string) int { return strings.Compare(x.nameOf(f), name) })
	if !ok {
		return nil, false
	}
	return x.ordered[i], true
}

// findBytes is find for a name that is put together for that alone.
func (x *nameIndex) findBytes(name []byte) (*family, bool) {
	if len(x.byName) > 0 {
		f, ok := x.byName[string(name)]
		return f, ok
	}
	i := sort.Search(len(x.ordered), func(i int) bool { return x.nameOf(x.ordered[i]) >= string(name) })
	if i == len(x.ordered) || x.nameOf(x.ordered[i]) != string(name) {
		return nil, false
	}
	return x.ordered[i], true
}

// add adds a family whose name is new.
func (x *nameIndex) add(f *family) {
	if len(x.byName) == 0 && x.isLast(x.nameOf(f)) {
		x.ordered = append(x.ordered, f)
		return
	}
	if x.byName == nil {
		x.byName = map[string]*family{}
	}
	for _, known := range x.ordered {
		x.byName[x.nameOf(known)] = known
	}
	x.ordered = x.ordered[:0]
	x.byName[x.nameOf(f)] = f
}

// isLast says whether name is behind all names in order.
func (x *nameIndex) isLast(name string) bool {
	n := len(x.ordered)
	return n == 0 || name > x.nameOf(x.ordered[n-1])
}
