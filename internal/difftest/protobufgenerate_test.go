package difftest

import (
	"math"
	"math/rand/v2"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// A wireGenerator makes messages of random fields, as no writer would: in any order, and any number of times.
type wireGenerator struct{ *rand.Rand }

var (
	wireStrings = []string{"a", "l", "b", "", "a_sum", "a_bucket", "ü", "\xff", "a long name, but not longer than others of its kind"}
	wireNumbers = []uint64{0, 1, 2, 3, 4, 5, 127, 128, 300, 1 << 20, 1 << 31, 1 << 32, 1700000000123, math.MaxInt64, math.MaxUint64}
	wireDoubles = []float64{0, 1, 2, 7, 0.5, -1, 1e30, math.Inf(1), math.NaN(), math.Copysign(0, -1), math.Float64frombits(staleNaN)}
)

// message returns a message of that type: fields of each kind, with what is most often needed first.
func (g wireGenerator) message(m protoreflect.MessageDescriptor, needed ...string) []byte {
	var b []byte
	fields := m.Fields()
	for _, f := range needed {
		b = append(b, f...)
	}
	for range g.IntN(fields.Len() + 2) {
		f := fields.Get(g.IntN(fields.Len()))
		if g.IntN(3) == 0 && f.Number() > 1 {
			f = fields.Get(g.IntN(min(3, fields.Len())))
		}
		b = g.field(b, f)
	}
	return b
}

// field appends a field; now and then one that is unknown, or broken.
func (g wireGenerator) field(b []byte, f protoreflect.FieldDescriptor) []byte {
	number := f.Number()
	if g.IntN(100) == 0 {
		number = protowire.Number(g.IntN(40))
	}
	if g.IntN(1000) == 0 {
		b = append(b, byte(g.IntN(256)))
	}
	kind := f.Kind()
	if g.IntN(100) == 0 {
		kind = protoreflect.Kind(1 + g.IntN(18))
	}
	switch kind {
	case protoreflect.MessageKind:
		b = protowire.AppendTag(b, number, protowire.BytesType)
		if f.Message() == nil {
			return protowire.AppendBytes(b, nil)
		}
		return protowire.AppendBytes(b, g.message(f.Message()))
	case protoreflect.StringKind, protoreflect.BytesKind:
		b = protowire.AppendTag(b, number, protowire.BytesType)
		return protowire.AppendString(b, wireStrings[g.skewed(len(wireStrings))])
	case protoreflect.DoubleKind:
		if f.IsList() && g.IntN(2) == 0 {
			b = protowire.AppendTag(b, number, protowire.BytesType)
			return protowire.AppendBytes(b, make([]byte, 8*g.IntN(3)))
		}
		b = protowire.AppendTag(b, number, protowire.Fixed64Type)
		return protowire.AppendFixed64(b, math.Float64bits(wireDoubles[g.skewed(len(wireDoubles))]))
	default:
		v := wireNumbers[g.skewed(len(wireNumbers))]
		if f.IsList() && g.IntN(2) == 0 {
			b = protowire.AppendTag(b, number, protowire.BytesType)
			return protowire.AppendBytes(b, protowire.AppendVarint(protowire.AppendVarint(nil, v), 3))
		}
		b = protowire.AppendTag(b, number, protowire.VarintType)
		return protowire.AppendVarint(b, v)
	}
}

// skewed returns an index, most often a low one.
func (g wireGenerator) skewed(n int) int { return min(g.IntN(n), g.IntN(n), g.IntN(n)) }

// family returns a MetricFamily whose points mostly have a value of its type.
func (g wireGenerator) family() []byte {
	kinds := []protowire.Number{3, 2, 4, 5, 7} // the field of the value, by the number of the type
	kind := g.IntN(len(kinds))
	ofMetric := (*dto.Metric)(nil).ProtoReflect().Descriptor()
	var points []byte
	for range g.IntN(4) {
		metric := g.message(ofMetric)
		if g.IntN(8) > 0 {
			value := ofMetric.Fields().ByNumber(kinds[kind])
			metric = protowire.AppendTag(metric, value.Number(), protowire.BytesType)
			metric = protowire.AppendBytes(metric, g.message(value.Message()))
		}
		points = append(points, bytesField(4, string(metric))...)
	}
	head := []string{bytesField(1, wireStrings[g.IntN(3)]), varintField(3, uint64(kind))}
	if g.IntN(5) == 0 {
		return g.message((*dto.MetricFamily)(nil).ProtoReflect().Descriptor(), append(head, string(points))...)
	}
	return []byte(head[0] + head[1] + string(points))
}

func TestGeneratedProtobuf(t *testing.T) {
	const messages = 100_000
	g := wireGenerator{rand.New(rand.NewPCG(5, 6))}
	accepted := 0
	for range messages {
		var body []byte
		for range 1 + g.IntN(2) {
			body = protowire.AppendBytes(body, g.family())
		}
		if recordClientModel(string(body), model.UTF8Validation).err == nil {
			accepted++
		}
		if found := protobufDisagreement(string(body), model.UTF8Validation); found != "" {
			assert.Fail(t, found, "%q", body)
		}
	}
	assert.Greater(t, accepted, messages/10)
}
