package journal

import (
	"container/list"
	"iter"
)

// recent has values by their keys, in the order in which they were put last. The oldest make room.
type recent[K comparable, V any] struct {
	most  int
	byKey map[K]*list.Element // of *recentEntry[K, V]
	order list.List           // the newest first
}

type recentEntry[K comparable, V any] struct {
	key   K
	value *V
}

func newRecent[K comparable, V any](most int) *recent[K, V] {
	return &recent[K, V]{most: max(most, 1), byKey: map[K]*list.Element{}}
}

// get returns nil if there is no value.
func (r *recent[K, V]) get(key K) *V {
	if e, ok := r.byKey[key]; ok {
		return e.Value.(*recentEntry[K, V]).value
	}
	return nil
}

// put makes the value the newest.
func (r *recent[K, V]) put(key K, value *V) {
	if e, ok := r.byKey[key]; ok {
		e.Value.(*recentEntry[K, V]).value = value
		r.order.MoveToFront(e)
		return
	}
	if len(r.byKey) >= r.most {
		oldest := r.order.Remove(r.order.Back()).(*recentEntry[K, V])
		delete(r.byKey, oldest.key)
	}
	r.byKey[key] = r.order.PushFront(&recentEntry[K, V]{key: key, value: value})
}

// all yields the newest first.
func (r *recent[K, V]) all() iter.Seq[*V] {
	return func(yield func(*V) bool) {
		for e := r.order.Front(); e != nil; e = e.Next() {
			if !yield(e.Value.(*recentEntry[K, V]).value) {
				return
			}
		}
	}
}
