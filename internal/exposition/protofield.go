package exposition

import (
	"encoding/binary"
	"math"
	"unsafe"

	"google.golang.org/protobuf/encoding/protowire"
)

// The wire types of the fields that we read: https://protobuf.dev/programming-guides/encoding/#structure.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
)

// tagBroken is the tag of what is not a field.
const tagBroken = 0

// nextField reads the field that a message, or what is left of it, begins with. The tag is its number and its wire
// type; the value is number for a wireVarint or a wireFixed64, and bytes for a wireBytes: a string, a message, or
// packed numbers, all parts of s. No other wire type is of use. A message is read like this:
//
//	for rest := message; rest != ""; {
//		tag, number, bytes, after := nextField(rest)
//		rest = after
//		switch tag {
//		case tagOfTheName:
//			name = bytes
//		case tagOfTheCount:
//			count = number
//		case tagBroken:
//			return false
//		}
//	}
//	return true
//
// So fields that the switch does not know are passed over, and also those that do not have the wire type that they
// should. The values are returned in registers: with a pointer to a struct of them a metric takes some 15 % more time.
//
// Nearly all fields have a tag of one byte, and a length or varint, if any, of up to two: these are read here.
func nextField(s string) (tag, number uint64, bytes, rest string) {
	if len(s) < 2 || s[0] < 1<<3 || s[0] >= 0x80 {
		return nextAnyField(s)
	}
	tag = uint64(s[0])
	wireType := tag & 7
	if wireType == wireFixed64 && len(s) >= 9 {
		return tag, binary.LittleEndian.Uint64(bytesOf(s[1:9])), "", s[9:]
	}
	number, rest = uint64(s[1]), s[2:]
	if number >= 0x80 {
		if rest == "" || rest[0] >= 0x80 {
			return nextAnyField(s)
		}
		number, rest = number&0x7f|uint64(rest[0])<<7, rest[1:]
	}
	switch {
	case wireType == wireVarint:
		return tag, number, "", rest
	case wireType == wireBytes && number <= uint64(len(rest)):
		return tag, 0, rest[:number], rest[number:]
	default:
		return nextAnyField(s)
	}
}

func nextAnyField(s string) (tag, number uint64, bytes, rest string) {
	b := bytesOf(s)
	field, wireType, start := protowire.ConsumeTag(b)
	if start < 0 || !field.IsValid() {
		return tagBroken, 0, "", ""
	}
	length := 0
	switch wireType {
	case protowire.VarintType:
		number, length = protowire.ConsumeVarint(b[start:])
	case protowire.Fixed64Type:
		number, length = protowire.ConsumeFixed64(b[start:])
	case protowire.BytesType:
		var value []byte
		value, length = protowire.ConsumeBytes(b[start:])
		bytes = s[start+max(length, 0)-len(value):][:len(value)]
	default:
		length = protowire.ConsumeFieldValue(field, wireType, b[start:])
	}
	if length < 0 {
		return tagBroken, 0, "", ""
	}
	return protowire.EncodeTag(field, wireType), number, bytes, s[start+length:]
}

var errBrokenMessage = Errorf("the message is not a MetricFamily in the wire format of protobuf")

// The numbers of a field as the types of protobuf have them: what is too much for a type is cut off.

func asDouble(number uint64) float64 { return math.Float64frombits(number) }

func asInt64(number uint64) int64 { return int64(number) } //nolint:gosec // see above

func asInt32(number uint64) int32 { return int32(number) } //nolint:gosec // see above

func asUint32(number uint64) uint32 { return uint32(number) } //nolint:gosec // see above

func asSint64(number uint64) int64 { return protowire.DecodeZigZag(number) }

func asSint32(number uint64) int32 {
	return int32(protowire.DecodeZigZag(number & math.MaxUint32)) //nolint:gosec // see above
}

// bytesOf returns the bytes of s, because protowire knows no strings. They are those of s itself, not a copy, so they
// must never be written to.
func bytesOf(s string) []byte {
	return unsafe.Slice(unsafe.StringData(s), len(s)) //nolint:gosec // protowire only reads them
}
