package difftest

import (
	"errors"
	"fmt"
	"math"
	"runtime/metrics"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
)

// decodeFunc decodes one body.
type decodeFunc func(sink exposition.Sink) error

// A recording is what came of decoding a body.
type recording struct {
	text     string
	err      error
	panicked bool
}

// record decodes and writes down what comes of it. It survives a panic of an oracle.
func record(decode decodeFunc, sameNaN bool) (result recording) {
	defer func() {
		if reason := recover(); reason != nil {
			result = recording{err: fmt.Errorf("panic: %v", reason), panicked: true}
		}
	}()
	r := &recorder{sameNaN: sameNaN}
	if err := decode(r); err != nil {
		return recording{err: err}
	}
	return recording{text: r.String()}
}

// disagreement compares our recording with that of the oracle. It is empty if they agree, or are meant to differ.
func disagreement(body string, oracle, ours recording, differences []difference) string {
	switch {
	case oracle.err != nil && ours.err != nil:
		return ""
	case oracle.err != nil:
		return fmt.Sprintf("only the oracle refuses it: %v", oracle.err)
	case ours.err != nil:
		if differenceOf(differences, body, ours.err) != nil {
			return ""
		}
		return fmt.Sprintf("only we refuse it: %v", ours.err)
	case oracle.text != ours.text:
		return fmt.Sprintf("the oracle has\n%s\nand we have\n%s", oracle.text, ours.text)
	default:
		return ""
	}
}

// ourDecode decodes with our own decoder.
func ourDecode(body string, format exposition.Format, names model.ValidationScheme) decodeFunc {
	return func(sink exposition.Sink) error {
		return exposition.Decode(body, exposition.Options{Format: format, NameValidation: names}, sink)
	}
}

// brokenProperty returns what is wrong with our own decoding of a body, whatever the oracle says.
func brokenProperty(body string, decode decodeFunc, first recording) string {
	if second := record(decode, false); second.text != first.text || fmt.Sprint(second.err) != fmt.Sprint(first.err) {
		return fmt.Sprintf("the first decoding gives\n%s %v\nand the second\n%s %v", first.text, first.err, second.text, second.err)
	}
	if strings.Contains(first.text, "broken promise") {
		return first.text
	}
	used := uint64(math.MaxUint64)
	for i := 0; i < 3 && used > maxMemory(body); i++ { // others, such as the fuzzer, may allocate at the same time
		used = min(used, allocated(func() { _ = decode(discard{}) }))
	}
	if used > maxMemory(body) {
		return fmt.Sprintf("decoding %d bytes takes %d bytes of memory", len(body), used)
	}
	if first.err == nil {
		return ""
	}
	const maxMessage = 1000
	if n := len(first.err.Error()); n > maxMessage {
		return fmt.Sprintf("the error has %d bytes", n)
	}
	var syntaxError *exposition.SyntaxError
	var pointError *exposition.PointError
	if !errors.As(first.err, &syntaxError) && !errors.As(first.err, &pointError) {
		return fmt.Sprintf("the error is a %T: %v", first.err, first.err)
	}
	return ""
}

// maxMemory is how much memory decoding may take: for short bodies, the room that a decoder has from the start.
func maxMemory(body string) uint64 {
	const (
		start   = 1 << 17
		perByte = 200 // a family costs most of all, and its name and value can be of four bytes
	)
	return start + perByte*uint64(len(body))
}

// allocated returns how much memory f allocates.
func allocated(f func()) uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	before := sample[0].Value.Uint64()
	f()
	metrics.Read(sample)
	return sample[0].Value.Uint64() - before
}

// discard is a Sink that is interested in nothing.
type discard struct{}

func (discard) Family(*exposition.Family) error { return nil }
func (discard) Point(*exposition.Point) error   { return nil }
