package exposition

import (
	"errors"
	"io"
	"strings"

	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/encoding/protodelim"
	"google.golang.org/protobuf/proto"
)

// decodeProtobuf decodes a sequence of io.prometheus.client.MetricFamily messages, each behind its length as a varint:
// https://github.com/prometheus/client_model/blob/master/io/prometheus/client/metrics.proto. No message is believed to
// be longer than what is left of the body, so a false length costs no memory.
func decodeProtobuf(body string, o Options, sink Sink) error {
	r := strings.NewReader(body)
	for r.Len() > 0 {
		offset := int64(len(body) - r.Len())
		family := &dto.MetricFamily{}
		err := protodelim.UnmarshalOptions{MaxSize: int64(r.Len())}.UnmarshalFrom(r, family)
		if err != nil {
			return &SyntaxError{Format: Protobuf, Offset: offset, Err: protobufError(err)}
		}
		setImplied(family)
		err = walkFamilies([]*dto.MetricFamily{family}, o.NameValidation, sink)
		if syntaxError := (*SyntaxError)(nil); errors.As(err, &syntaxError) {
			syntaxError.Format, syntaxError.Offset = Protobuf, offset
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func protobufError(err error) error {
	var tooLarge *protodelim.SizeTooLargeError
	if errors.As(err, &tooLarge) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("the body ends before the message does")
	}
	return err
}

// setImplied sets counts and sums that are absent to 0: a writer of protobuf may leave a zero out. For a text body an
// absent one means something else, that the line is missing.
func setImplied(family *dto.MetricFamily) {
	for _, m := range family.Metric {
		if s := m.Summary; s != nil && s.SampleCount == nil {
			s.SampleCount = proto.Uint64(0)
		}
		h := m.Histogram
		if h == nil {
			continue
		}
		if h.SampleSum == nil {
			h.SampleSum = proto.Float64(0)
		}
		if h.SampleCount == nil && h.SampleCountFloat == nil && !hasInfBucket(h) {
			h.SampleCount = proto.Uint64(0)
		}
	}
}
