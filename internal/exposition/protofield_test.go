package exposition

import (
	"math"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
)

// What messages are made of, byte by byte.

func bytesField(n protowire.Number, parts ...string) string {
	return string(protowire.AppendString(protowire.AppendTag(nil, n, protowire.BytesType), strings.Join(parts, "")))
}

func varintField(n protowire.Number, v uint64) string {
	return string(protowire.AppendVarint(protowire.AppendTag(nil, n, protowire.VarintType), v))
}

func doubleField(n protowire.Number, v float64) string {
	return string(protowire.AppendFixed64(protowire.AppendTag(nil, n, protowire.Fixed64Type), math.Float64bits(v)))
}

func fixed32Field(n protowire.Number, v uint32) string {
	return string(protowire.AppendFixed32(protowire.AppendTag(nil, n, protowire.Fixed32Type), v))
}

func groupField(n protowire.Number, parts ...string) string {
	return string(protowire.AppendGroup(protowire.AppendTag(nil, n, protowire.StartGroupType), n, []byte(strings.Join(parts, ""))))
}

func packed(v ...int64) string {
	var b []byte
	for _, n := range v {
		b = protowire.AppendVarint(b, protowire.EncodeZigZag(n))
	}
	return string(b)
}

func lengthAndMessage(message string) string {
	return string(protowire.AppendString(nil, message))
}

func parseFamily(t testing.TB, text string) *dto.MetricFamily {
	family := &dto.MetricFamily{}
	require.NoError(t, prototext.Unmarshal([]byte(text), family))
	return family
}

func marshal(t testing.TB, family *dto.MetricFamily) string {
	b, err := proto.Marshal(family)
	require.NoError(t, err)
	return string(b)
}

// histogramOf returns a histogram family with one metric, with these fields of its histogram.
func histogramOf(fields ...string) string {
	return bytesField(1, "h") + varintField(3, 4) + bytesField(4, bytesField(7, fields...))
}

// unknownFields are fields that no message has, of all wire types.
var unknownFields = varintField(101, 1<<40) + doubleField(102, 1) + fixed32Field(103, 1) + bytesField(104, "unknown") +
	groupField(105, groupField(1, bytesField(1, "a"), varintField(105, 1)), fixed32Field(2, 1)) + varintField(536870911, 1)

// otherTypes are the fields 1 to last with wire types that no field of our messages has.
func otherTypes(last protowire.Number) string {
	var b strings.Builder
	for n := protowire.Number(1); n <= last; n++ {
		b.WriteString(fixed32Field(n, math.MaxUint32) + groupField(n, fixed32Field(n, 1)))
	}
	return b.String()
}

// wireCases have messages of families. They serve TestWireFormat, TestAsOracle, and as seeds of FuzzProtobuf.
var wireCases = []struct{ name, message, want string }{
	{"fields in any order",
		bytesField(4, bytesField(3, doubleField(1, 1)), bytesField(1, bytesField(2, "v"), bytesField(1, "l"))) + bytesField(5, "bytes") +
			varintField(3, 0) + bytesField(4, bytesField(3)) + bytesField(2, "A.") + bytesField(1, "a"),
		"# counter a bytes A.\nl=\"v\" 1\n0"},
	{"the last one of a repeated field counts",
		varintField(3, 1) + bytesField(1, "wrong") + bytesField(2, "wrong") + bytesField(5, "wrong") + bytesField(1, "a") + bytesField(2) + bytesField(5, "s") +
			varintField(3, 0) + bytesField(4, varintField(6, 0), varintField(6, 5), bytesField(3, doubleField(1, 1), doubleField(1, 2)),
			bytesField(1, bytesField(1, "wrong"), bytesField(2, "wrong"), bytesField(1, "l"), bytesField(2, "v"))),
		"# counter a s\nl=\"v\" 2 at=5000000"},
	{"the parts of a counter",
		bytesField(1, "a") + bytesField(4,
			bytesField(3, doubleField(1, 1), bytesField(2, bytesField(1, bytesField(1, "l"))), bytesField(3, varintField(1, 7))),
			bytesField(3, bytesField(2, doubleField(2, 2), bytesField(1, bytesField(1, "m")), bytesField(3, varintField(1, 3))), bytesField(3, varintField(2, 9))),
			bytesField(3, bytesField(2, bytesField(3, varintField(2, 4))))),
		"# counter a\n1 created=7000000009 exemplar=[{l } {m }] 2 at=3000000004(true)"},
	{"the parts of a gauge", bytesField(1, "a") + varintField(3, 1) + bytesField(4, bytesField(2, doubleField(1, 1)), bytesField(2)), "# gauge a\n1"},
	{"the parts of a summary",
		bytesField(1, "a") + varintField(3, 2) + bytesField(4,
			bytesField(4, varintField(1, 300), bytesField(3, doubleField(1, 0.5)), bytesField(4, varintField(1, 1))),
			bytesField(4, doubleField(2, 4), bytesField(3, doubleField(2, 0.5)), bytesField(4, varintField(2, 1)))),
		"# summary a\ncount=300(true) sum=4 quantiles=[{0.5 0} {0 0.5}] created=1000000001"},
	{"the parts of a histogram",
		bytesField(1, "a") + varintField(3, 4) + bytesField(4,
			bytesField(7, varintField(1, 300), bytesField(3, doubleField(2, 1), bytesField(3, doubleField(2, 8))), bytesField(15, varintField(1, 1))),
			bytesField(7, doubleField(2, 4), bytesField(3, doubleField(2, 2), bytesField(3, doubleField(2, 9)), bytesField(3, bytesField(3))),
				bytesField(15, varintField(2, 1)))),
		"# histogram a\ncount=300(true) sum=4(true) buckets=[{1 0} {2 0}] created=1000000001 " +
			"exemplar=[] 8 at=0(false) exemplar=[] 9 at=0(true)"},
	{"a metric with a histogram in parts, then one without", bytesField(1, "a") + varintField(3, 4) +
		bytesField(4, bytesField(7, bytesField(3), bytesField(16), bytesField(12)), bytesField(7, varintField(7, 1))) +
		bytesField(4, bytesField(7), bytesField(1, bytesField(1, "l"))),
		"# histogram a\nnative{Schema:0 ZeroThreshold:0 ZeroCount:1 Positive:{Spans:[{Offset:0 Length:0}] Deltas:[]} " +
			"Negative:{Spans:[] Deltas:[]} CustomBounds:[]} count=0(true) sum=0(true) buckets=[] exemplar=[] 0 at=0(false)\n" +
			"l=\"\" count=0(true) sum=0(true) buckets=[]"},
	{"numbers packed and not",
		histogramOf(bytesField(12, varintField(2, 1)), varintField(13, 1), bytesField(13, packed(1, -1, 1000, math.MinInt64)), bytesField(13), varintField(13, 3),
			bytesField(10, packed(5)), varintField(10, 2), bytesField(14), bytesField(11)),
		"# histogram h\nnative{Schema:0 ZeroThreshold:0 ZeroCount:0 Positive:{Spans:[{Offset:0 Length:1}] Deltas:[-1 1 -1 1000 -9223372036854775808 -2]} " +
			"Negative:{Spans:[] Deltas:[5 1]} CustomBounds:[]} count=0(true) sum=0(true) buckets=[]"},
	{"numbers of more bits than their type has",
		bytesField(1, "h") + varintField(3, 1<<32+4) + bytesField(4, bytesField(7, varintField(5, 1<<33+6), bytesField(12, varintField(1, 1<<40+3), varintField(2, 1<<32+1)),
			bytesField(15, varintField(2, 1<<32+5)))),
		"# histogram h\nnative{Schema:3 ZeroThreshold:0 ZeroCount:0 Positive:{Spans:[{Offset:-2 Length:1}] Deltas:[]} " +
			"Negative:{Spans:[] Deltas:[]} CustomBounds:[]} count=0(true) sum=0(true) buckets=[] created=5"},
	{"tags and lengths that are longer than they must be", "\x8a\x00\x81\x80\x00a\xa2\x80\x00\x04\x9a\x00\x80\x00", "# counter a\n0"},
	{"labels with lengths that are longer than they must be, and fields behind them",
		bytesField(1, "a") + bytesField(4, bytesField(3), bytesField(1, bytesField(1, "l"), "\x12\x8a\x00a value of", bytesField(9, strings.Repeat("u", 125))),
			bytesField(1, "\x0a\x81\x00m", bytesField(9, strings.Repeat("u", 125)), bytesField(2, "v"))),
		"# counter a\nl=\"a value of\" m=\"v\" 0"},
	{"unknown fields",
		unknownFields + bytesField(1, "a") + bytesField(4, unknownFields, bytesField(1, unknownFields, bytesField(1, "l"), unknownFields, bytesField(2, "v")),
			bytesField(3, unknownFields, doubleField(1, 1), bytesField(2, unknownFields), bytesField(3, unknownFields))),
		"# counter a\nl=\"v\" 1 exemplar=[] 0 at=0(false)"},
	{"unknown fields of a summary and a histogram, which here are of no use",
		bytesField(1, "a") + bytesField(4, bytesField(3), bytesField(4, unknownFields, bytesField(3, unknownFields)),
			bytesField(7, unknownFields, bytesField(3, unknownFields), bytesField(9, unknownFields), bytesField(16, unknownFields, bytesField(3, unknownFields)))),
		"# counter a\n0"},
	{"fields of other wire types are unknown",
		otherTypes(5) + bytesField(1, "a") + varintField(1, 1) + doubleField(4, 1) + bytesField(3, "\x01") + bytesField(4, otherTypes(7), varintField(1, 1), bytesField(6, "\x01"),
			varintField(2, 0), bytesField(1, otherTypes(2), bytesField(1, "l"), varintField(2, 1), varintField(1, 1)),
			bytesField(3, otherTypes(3), varintField(1, 1), varintField(2, 1), varintField(3, 1), bytesField(1, "12345678"),
				bytesField(3, otherTypes(2), bytesField(1, "\x01")))),
		"# counter a\nl=\"\" 0"},
	{"fields of a histogram of other wire types are unknown", histogramOf(otherTypes(16), doubleField(1, 1), varintField(2, 1), varintField(3, 1),
		varintField(4, 1), doubleField(5, 1), varintField(6, 1), doubleField(7, 1), varintField(8, 1), varintField(9, 1), doubleField(10, 1), varintField(11, 1),
		varintField(12, 1), doubleField(13, 1), varintField(14, 1), varintField(15, 1), varintField(16, 1)),
		"# histogram h\ncount=0(true) sum=0(true) buckets=[]"},
}

func TestWireFormat(t *testing.T) {
	for _, tc := range wireCases {
		t.Run(tc.name, func(t *testing.T) {
			got, err := decode(lengthAndMessage(tc.message), Protobuf)
			require.NoError(t, err)
			assert.Equal(t, tc.want, got)
		})
	}
}

// badWireCases have messages that are not well-formed. They serve TestBadWireFormat, TestAsOracle, and as seeds of
// FuzzProtobuf.
var badWireCases = []struct{ name, message string }{
	{"field number 0", varintField(0, 1)},
	{"field number too large", "\x80\x80\x80\x80\x10\x01"},
	{"field number much too large", "\xf8\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01"},
	{"tag that does not end", "\x8a"},
	{"tag alone", "\x0a"},
	{"reserved wire type", "\x0e\x01"},
	{"varint that does not end", "\x18\x80\x80"},
	{"varint that is too long", "\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f"},
	{"fixed64 that is too short", "\x11\x01\x02\x03"},
	{"length behind the end", "\x0a\x02a"},
	{"huge length", "\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01a"},
	{"group that does not end", "\x0b\x08\x01"},
	{"group that ends as another one", "\x0b\x14"},
	{"end of a group that has not begun", "\x0c"},
	{"groups in groups without end", strings.Repeat("\x0b", 20_000)},
	{"metric", bytesField(4, "\x0a\x05")},
	{"label", bytesField(4, bytesField(3), bytesField(1, "\x0a\x05a"))},
	{"gauge", bytesField(4, bytesField(3), bytesField(2, "\x09\x01"))},
	{"counter", bytesField(4, bytesField(3, "\x09\x01"))},
	{"untyped", bytesField(4, bytesField(3), bytesField(5, "\x09\x01"))},
	{"summary", bytesField(4, bytesField(3), bytesField(4, "\x08"))},
	{"histogram", bytesField(4, bytesField(3), bytesField(7, "\x08"))},
	{"exemplar", bytesField(4, bytesField(3, bytesField(2, bytesField(1, "\x00"))))},
	{"exemplar timestamp", bytesField(4, bytesField(3, bytesField(2, bytesField(3, "\x08"))))},
	{"created timestamp", bytesField(4, bytesField(3, bytesField(3, "\x08")))},
	{"created timestamp of a summary", bytesField(4, bytesField(3), bytesField(4, bytesField(4, "\x08")))},
	{"quantile", bytesField(4, bytesField(3), bytesField(4, bytesField(3, "\x08")))},
	{"bucket", histogramOf(bytesField(3, "\x08"))},
	{"bucket exemplar", histogramOf(bytesField(3, bytesField(3, "\x08")))},
	{"span", histogramOf(bytesField(9, "\x08"))},
	{"packed deltas", histogramOf(bytesField(10, "\x01\x80"))},
	{"packed float counts", histogramOf(bytesField(14, "1234567"))},
	{"created timestamp of a histogram", histogramOf(bytesField(15, "\x08"))},
	{"exemplar of a native histogram", histogramOf(bytesField(16, "\x08"))},
}

func TestBadWireFormat(t *testing.T) {
	for _, tc := range badWireCases {
		t.Run(tc.name, func(t *testing.T) {
			_, err := decode(lengthAndMessage(bytesField(1, "a")+tc.message), Protobuf)
			assert.ErrorIs(t, err, errBrokenMessage)
		})
	}
}
