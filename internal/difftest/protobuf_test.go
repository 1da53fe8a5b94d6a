package difftest

import (
	"bytes"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/encoding/prototext"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// protobufDisagreement compares our decoding of a protobuf body with that of client_model; it is empty if they agree,
// or are meant to differ.
func protobufDisagreement(body string, names model.ValidationScheme) string {
	decode := ourDecode(body, exposition.Protobuf, names)
	ours := record(decode, false)
	if broken := brokenProperty(body, decode, ours); broken != "" {
		return broken
	}
	return disagreement(body, recordClientModel(body, names), ours, protobufDifferences)
}

func recordClientModel(body string, names model.ValidationScheme) recording {
	return record(func(sink exposition.Sink) error { return DecodeProtobuf(body, names, sink) }, false)
}

// delimited returns a protobuf body of families that are written as prototext.
func delimited(t testing.TB, families ...string) string {
	t.Helper()
	var b bytes.Buffer
	for _, text := range families {
		family := &dto.MetricFamily{}
		require.NoError(t, prototext.Unmarshal([]byte(text), family))
		_, err := protodelim.MarshalTo(&b, family)
		require.NoError(t, err)
	}
	return b.String()
}

// A protobufCase has families as prototext.
type protobufCase struct {
	name     string
	families []string
}

// bodies returns the cases as bodies.
func bodies(t testing.TB, cases []protobufCase) []bodyCase {
	t.Helper()
	var all []bodyCase
	for _, tc := range cases {
		all = append(all, bodyCase{tc.name, delimited(t, tc.families...)})
	}
	return all
}

func TestProtobufThatAllAccept(t *testing.T) {
	for _, tc := range append(bodies(t, acceptedProtobuf), acceptedWire...) {
		t.Run(tc.name, func(t *testing.T) {
			assert.NoError(t, recordClientModel(tc.body, model.UTF8Validation).err)
			for _, names := range namings {
				assert.Empty(t, protobufDisagreement(tc.body, names))
			}
			assert.NoError(t, ourDecode(tc.body, exposition.Protobuf, model.UTF8Validation)(discard{}))
		})
	}
}

func TestProtobufThatAllRefuse(t *testing.T) {
	for _, tc := range append(bodies(t, refusedProtobuf), refusedWire...) {
		t.Run(tc.name, func(t *testing.T) {
			require.Error(t, recordClientModel(tc.body, model.UTF8Validation).err)
			for _, names := range namings {
				assert.Empty(t, protobufDisagreement(tc.body, names))
			}
		})
	}
}

// TestProtobufThatOnlyClientModelAccepts sees to it that each difference is one, and is found.
func TestProtobufThatOnlyClientModelAccepts(t *testing.T) {
	requireDifferences(t, bodies(t, differingProtobuf), protobufDifferences, func(body string) (string, error) {
		return protobufDisagreement(body, model.UTF8Validation),
			ourDecode(body, exposition.Protobuf, model.UTF8Validation)(discard{})
	})
}

func TestProtobufPages(t *testing.T) {
	for _, p := range pages(t, ".pb") {
		t.Run(p.name, func(t *testing.T) {
			for _, names := range namings {
				assert.Empty(t, protobufDisagreement(p.body, names))
			}
			assert.NoError(t, ourDecode(p.body, exposition.Protobuf, model.UTF8Validation)(discard{}))
		})
	}
}

// TestProtobufPagesWithADamagedByte decodes pages with one byte left out or changed, at many places.
func TestProtobufPagesWithADamagedByte(t *testing.T) {
	const places = 1000
	for _, p := range pages(t, ".pb") {
		t.Run(p.name, func(t *testing.T) {
			body := p.body[:min(len(p.body), maxSeed)]
			for i := 0; i < len(body); i += max(1, len(body)/places) {
				flipped := string([]byte{body[i] ^ 1<<(i%8)})
				for _, damaged := range []string{
					body[:i] + body[i+1:], body[:i] + flipped + body[i+1:], body[:i] + "\xff" + body[i+1:], body[:i],
				} {
					require.Empty(t, protobufDisagreement(damaged, model.UTF8Validation))
				}
			}
		})
	}
}

func FuzzProtobuf(f *testing.F) {
	addSeeds(f, bodies(f, acceptedProtobuf), bodies(f, refusedProtobuf), bodies(f, differingProtobuf),
		acceptedWire, refusedWire, pages(f, ".pb"))
	f.Fuzz(func(t *testing.T, body string) {
		for _, names := range namings {
			if found := protobufDisagreement(body, names); found != "" {
				t.Errorf("%s\nof the body\n%q", found, body)
			}
		}
	})
}

// protobufDifferences are the reasons for which we refuse a protobuf body that client_model accepts.
var protobufDifferences = []difference{
	{
		"a label twice",
		"A series has each label once. The Pushgateway refuses it too, but only later.",
		says("it has label \""),
	},
	{
		"a family that has the name of another's series",
		"The Pushgateway refuses it too, but only later.",
		says(" has a series of that name too"),
	},
}
