package difftest

import (
	"math"
	"strings"
)

// A few fields.
var (
	nameA    = bytesField(1, "a")
	isGauge  = varintField(3, 1)
	isHist   = varintField(3, 4)
	labelL   = bytesField(1, bytesField(1, "l"), bytesField(2, "v"))
	gaugeOne = bytesField(2, doubleField(1, 1))
	counter1 = bytesField(3, doubleField(1, 1))
	unknown  = varintField(99, 5) + doubleField(98, 5) + bytesField(97, "x") + "\xa5\x06abcd" + "\x9b\x06\x08\x01\x9c\x06"
)

// acceptedWire are messages that no writer of client_model makes, but a reader must understand.
var acceptedWire = []bodyCase{
	{"fields in another order", protoMessage(bytesField(4, counter1, labelL), bytesField(2, "help"), nameA)},
	{"fields twice: the last wins", protoMessage(bytesField(1, "b"), isHist, nameA, isGauge, bytesField(4, gaugeOne))},
	{"values twice are merged", protoMessage(nameA, bytesField(4, bytesField(3, doubleField(1, 5)), bytesField(3, bytesField(2, doubleField(2, 7)))))},
	{"values twice: the last wins", protoMessage(nameA, bytesField(4, counter1, bytesField(3, doubleField(1, 2))))},
	{"histograms twice are merged", protoMessage(nameA, isHist, bytesField(4,
		bytesField(7, varintField(1, 3), bytesField(3, doubleField(2, 1))), bytesField(7, doubleField(2, 4), bytesField(3, doubleField(2, 2)))))},
	{"exemplars twice are merged", protoMessage(nameA, bytesField(4, bytesField(3,
		bytesField(2, labelL), bytesField(2, doubleField(2, 5)), bytesField(2, bytesField(1, bytesField(1, "m"))))))},
	{"times twice are merged", protoMessage(nameA, bytesField(4, bytesField(3,
		bytesField(3, varintField(1, 5)), bytesField(3, varintField(2, 6)))))},
	{"summaries twice are merged", protoMessage(nameA, varintField(3, 2), bytesField(4,
		bytesField(4, varintField(1, 5), bytesField(3)), bytesField(4, doubleField(2, 6), bytesField(3))))},
	{"unknown fields everywhere", protoMessage(unknown, nameA, unknown, bytesField(4, unknown, bytesField(3, unknown, doubleField(1, 3)), bytesField(1,
		unknown, bytesField(1, "l"), unknown)))},
	{"fields of another wire type are unknown", protoMessage(nameA, doubleField(1, 1), varintField(2, 1), varintField(4, 1), bytesField(3, "x"),
		bytesField(4, counter1, varintField(1, 1), bytesField(6, "x"), varintField(3, 1), bytesField(3, varintField(1, 1), bytesField(1, "x"))))},
	{"packed and single deltas", protoMessage(nameA, isHist, bytesField(4, bytesField(7, bytesField(12, varintField(2, 3)),
		varintField(13, 3), bytesField(13, "\x02\x03\x80\x01"), varintField(13, 4), bytesField(13))))},
	{"no packed float counts", protoMessage(nameA, isHist, bytesField(4, bytesField(7, bytesField(12), bytesField(14), bytesField(11))))},
	{"numbers that are too long for their type", protoMessage(nameA, isHist, bytesField(4, bytesField(7, varintField(5, 1<<33+2),
		bytesField(12, varintField(1, math.MaxUint64), varintField(2, 1<<40+7)), varintField(1, math.MaxUint64))))},
	{"a type whose number is cut off", protoMessage(nameA, varintField(3, 1<<32+1), bytesField(4, gaugeOne))},
	{"varints that are longer than they need be", "\x8a\x80\x00" + "\x8a\x00\x81\x80\x00a\x22\x02\x1a\x00"},
	{"long names and values", protoMessage(bytesField(1, strings.Repeat("a", 200)), bytesField(4, counter1,
		bytesField(1, bytesField(1, strings.Repeat("l", 127)), bytesField(2, strings.Repeat("v", 128)))))},
	{"a value before the name of a label", protoMessage(nameA, bytesField(4, counter1, bytesField(1, bytesField(2, "v"), bytesField(1, "l"))))},
	{"a label with a name twice", protoMessage(nameA, bytesField(4, counter1, bytesField(1, bytesField(1, "k"), bytesField(2, "v"), bytesField(1, "l"))))},
	{"NaN with a payload", protoMessage(nameA, isGauge, bytesField(4, bytesField(2, doubleField(1, math.Float64frombits(0xfff8dead00000001)))))},
	{"staleness marker", protoMessage(nameA, isGauge, bytesField(4, bytesField(2, doubleField(1, math.Float64frombits(staleNaN)))))},
	{"staleness marker of a histogram", protoMessage(nameA, isHist, bytesField(4, bytesField(7, doubleField(2, math.Float64frombits(staleNaN)),
		bytesField(3, doubleField(2, 1), doubleField(4, math.Float64frombits(staleNaN))))))},
	{"staleness marker of a native float histogram", protoMessage(nameA, isHist, bytesField(4, bytesField(7,
		doubleField(2, math.Float64frombits(staleNaN)), doubleField(4, 1.5), bytesField(12, varintField(2, 1)), doubleField(14, 1.5))))},
}

// refusedWire are bodies that are not even messages.
var refusedWire = []bodyCase{
	{"text", "a 1\n"},
	{"length of nothing", "\x05"},
	{"length without an end", "\x80"},
	{"length of eleven bytes", strings.Repeat("\xff", 20)},
	{"length of 2^64-1", strings.Repeat("\xff", 9) + "\x01abc"},
	{"length of more than 2^64", strings.Repeat("\xff", 9) + "\x02abc"},
	{"length that is one too many", "\x06" + nameA + "\x22\x00"},
	{"body that ends within a message", protoMessage(nameA, bytesField(4, counter1))[:8]},
	{"field that ends behind its message", "\x03\x0a\x05a\x00\x00\x00\x00"},
	{"type that there is not", protoMessage(nameA, varintField(3, 99))},
	{"negative type", protoMessage(nameA, varintField(3, math.MaxUint64), bytesField(4, counter1))},
	{"field number zero", protoMessage(nameA, "\x02\x00")},
	{"field number that is too large", protoMessage(nameA, "\xfa\xff\xff\xff\xff\x7f\x00")},
	{"wire type that there is not", protoMessage(nameA, "\x0f")},
	{"group without an end", protoMessage(nameA, "\x9b\x06")},
	{"group with a wrong end", protoMessage(nameA, "\x9b\x06\xa4\x06")},
	{"end of a group alone", protoMessage(nameA, "\x9c\x06")},
	{"broken metric", protoMessage(nameA, bytesField(4, "\x0a\x05"))},
	{"broken label", protoMessage(nameA, bytesField(4, counter1, bytesField(1, "\x0a\x05l")))},
	{"broken value of another type", protoMessage(nameA, isGauge, bytesField(4, gaugeOne, bytesField(3, "\x09")))},
	{"broken exemplar of another type", protoMessage(nameA, isGauge, bytesField(4, gaugeOne, bytesField(3, bytesField(2, "\x0a"))))},
	{"packed deltas that end early", protoMessage(nameA, isHist, bytesField(4, bytesField(7, bytesField(13, "\x80"))))},
	{"packed counts that end early", protoMessage(nameA, isHist, bytesField(4, bytesField(7, bytesField(14, "1234567"))))},
	{"a broken message behind a good one", protoMessage(nameA, bytesField(4, counter1)) + "\x01\xff"},
}
