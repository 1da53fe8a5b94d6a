package persistence

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"slices"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
)

// An entry is a group in the storage:
//
//	entry   = magic checksum push failure job count { name value } count { family }
//	family  = name type pushed data
//
// The checksum is CRC-32C of all that follows, in four bytes, little-endian. Times are nanoseconds since 1970 and 0 for never; they,
// counts and types are varints. Strings and data have their length in front. What Family.Data says of its series is not repeated.
const magic = "PGG1"

// manyFamilies is for how many families there is room at once. What says that there are more may be wrong.
const manyFamilies = 256

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func encode(g *groups.Group) []byte {
	b := make([]byte, len(magic)+crc32.Size, entrySize(g))
	copy(b, magic)
	b = appendTime(b, g.LastPush)
	b = appendTime(b, g.LastFailure)
	b = appendString(b, g.Key.Job)
	b = binary.AppendUvarint(b, uint64(len(g.Key.Labels)))
	for _, l := range g.Key.Labels {
		b = appendString(b, l.Name)
		b = appendString(b, l.Value)
	}
	b = binary.AppendUvarint(b, uint64(len(g.Families)))
	for i := range g.Families {
		f := &g.Families[i]
		b = appendString(b, f.Name)
		b = binary.AppendUvarint(b, uint64(f.Type))
		b = appendTime(b, f.Pushed)
		b = binary.AppendUvarint(b, uint64(len(f.Data)))
		b = append(b, f.Data...)
	}
	seal(b)
	return b
}

// seal sets the checksum.
func seal(b []byte) {
	binary.LittleEndian.PutUint32(b[len(magic):], crc32.Checksum(b[len(magic)+crc32.Size:], castagnoli))
}

// entrySize returns about how many bytes an entry has.
func entrySize(g *groups.Group) int {
	size := 64 + len(g.Key.Job)
	for _, l := range g.Key.Labels {
		size += len(l.Name) + len(l.Value) + 2*binary.MaxVarintLen16
	}
	for i := range g.Families {
		size += len(g.Families[i].Name) + len(g.Families[i].Data) + 3*binary.MaxVarintLen64
	}
	return size
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return binary.AppendVarint(b, 0)
	}
	return binary.AppendVarint(b, t.UnixNano())
}

var (
	errForeign  = errors.New("it does not begin like an entry of this version")
	errChecksum = errors.New("its checksum is wrong")
	errCut      = errors.New("it ends too early")
	errLonger   = errors.New("there is more behind its end")
)

// decode returns a group without id, and its families without series.
func decode(b []byte) (*groups.Group, error) {
	if len(b) < len(magic)+crc32.Size || string(b[:len(magic)]) != magic {
		return nil, errForeign
	}
	checksum := binary.LittleEndian.Uint32(b[len(magic):])
	r := reader{rest: b[len(magic)+crc32.Size:]}
	if crc32.Checksum(r.rest, castagnoli) != checksum {
		return nil, errChecksum
	}
	g := &groups.Group{LastPush: r.time(), LastFailure: r.time(), Key: groupingkey.Key{Job: string(r.bytes())}}
	for range r.count() {
		g.Key.Labels = append(g.Key.Labels, groupingkey.Label{Name: string(r.bytes()), Value: string(r.bytes())})
		if r.err != nil {
			break
		}
	}
	count := r.count()
	g.Families = slices.Grow(g.Families, min(count, manyFamilies))
	for range count {
		f := groups.Family{Name: string(r.bytes())}
		t := r.uint()
		if t > uint64(exposition.TypeGaugeHistogram) {
			return nil, fmt.Errorf("a metric has the unknown type %d", t)
		}
		f.Type, f.Pushed, f.Data = exposition.Type(t), r.time(), bytes.Clone(r.bytes()) // the whole entry would stay as long as any of it
		g.Families = append(g.Families, f)
		if r.err != nil {
			break
		}
	}
	if r.err == nil && len(r.rest) > 0 {
		r.err = errLonger
	}
	return g, r.err
}

// A reader reads the parts of an entry. After an error all parts are empty.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) uint() uint64 {
	v, n := binary.Uvarint(r.rest)
	if n <= 0 {
		r.rest, r.err = nil, errCut
		return 0
	}
	r.rest = r.rest[n:]
	return v
}

// count returns how many parts there are, each of which has a byte at least.
func (r *reader) count() int {
	n := r.uint()
	if n > uint64(len(r.rest)) {
		r.rest, r.err = nil, errCut
		return 0
	}
	return int(n) //nolint:gosec // it is not more than there are bytes
}

func (r *reader) bytes() []byte {
	n := r.count()
	b := r.rest[:n:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) time() time.Time {
	v, n := binary.Varint(r.rest)
	if n <= 0 {
		r.rest, r.err = nil, errCut
		return time.Time{}
	}
	r.rest = r.rest[n:]
	if v == 0 {
		return time.Time{}
	}
	return time.Unix(0, v)
}
