package exposition

import (
	"mime"

	"github.com/prometheus/common/model"
)

// Format is an exposition format.
type Format uint8

// The exposition formats that Decode understands.
const (
	Text     Format = iota // the text format, version 0.0.4
	Protobuf               // delimited io.prometheus.client.MetricFamily messages
)

// String returns the format's name, as in "protobuf".
func (f Format) String() string {
	return [...]string{"text", "protobuf"}[f]
}

// FormatOf returns the format of a body with this Content-Type.
//
// As the Pushgateway: it is protobuf if the type, the message and the encoding say so, and text in every other case,
// because curl says form-urlencoded, and other clients say nothing or something else.
func FormatOf(contentType string) Format {
	mediaType, params, err := mime.ParseMediaType(contentType)
	if err == nil && mediaType == "application/vnd.google.protobuf" &&
		params["proto"] == "io.prometheus.client.MetricFamily" && params["encoding"] == "delimited" {
		return Protobuf
	}
	return Text
}

// Options are the settings of Decode.
type Options struct {
	Format Format
	// NameValidation says which metric and label names are valid.
	NameValidation model.ValidationScheme
}

// Decode reads the body and delivers its families and points to the sink. The first error ends it: a *SyntaxError, or
// what the sink returned. The sink may have seen points by then, so it must be dropped as a whole.
func Decode(body string, o Options, sink Sink) error {
	if o.Format == Protobuf {
		return decodeProtobuf(body, o, sink)
	}
	return decodeText(body, o, sink)
}
