package exposition

import (
	"mime"
	"strings"

	"github.com/prometheus/common/model"
)

// Format is an exposition format.
type Format uint8

// The exposition formats that Decode understands.
const (
	Text        Format = iota // the text format, version 0.0.4
	Protobuf                  // delimited io.prometheus.client.MetricFamily messages
	OpenMetrics               // OpenMetrics text, version 1.0.0
)

// String returns the format's name, as in "protobuf".
func (f Format) String() string {
	return [...]string{"text", "protobuf", "openmetrics"}[f]
}

// FormatOf returns the format of a body with this Content-Type.
//
// As the Pushgateway: it is protobuf if the type, the message and the encoding say so, and text in every other case,
// because curl says form-urlencoded, and other clients say nothing or something else. Unlike the Pushgateway, it is
// OpenMetrics if the type says that.
func FormatOf(contentType string) Format {
	mediaType, _, _ := strings.Cut(contentType, ";")
	switch mediaType = strings.TrimSpace(mediaType); {
	case strings.EqualFold(mediaType, "application/openmetrics-text"):
		return OpenMetrics
	case !strings.EqualFold(mediaType, "application/vnd.google.protobuf"):
		return Text // nearly always, so this is decided without a look at the parameters
	}
	_, params, err := mime.ParseMediaType(contentType)
	if err == nil && params["proto"] == "io.prometheus.client.MetricFamily" && params["encoding"] == "delimited" {
		return Protobuf
	}
	return Text
}

// Options are the settings of Decode.
type Options struct {
	Format Format
	// NameValidation says which metric and label names are valid.
	NameValidation model.ValidationScheme
	// Lenient accepts lines of the text formats that end in CR LF, a last line without newline unless it is a comment, and a
	// byte order mark.
	Lenient bool
	// IgnoreNative takes histograms as classic ones, as Prometheus scrapes them by default: of one that is native alone,
	// count and sum are left.
	IgnoreNative bool
	Limits       Limits
	// Grow is asked before the decoding takes so many bytes of memory beyond the body. An error of it ends the decoding. nil
	// is without a limit.
	Grow func(bytes int) error
}

// Decode reads the body and delivers its families and points to the sink. The first error ends it: a *SyntaxError, or
// what the sink returned. The sink may have seen points by then, so it must be dropped as a whole.
func Decode(body string, o Options, sink Sink) error {
	if o.Format == Protobuf {
		return decodeProtobuf(body, o, sink)
	}
	if o.Lenient {
		body = forgive(body)
	}
	switch o.Format {
	case OpenMetrics:
		return decodeOpenMetrics(body, o, sink)
	default:
		return decodeText(body, o, sink)
	}
}
