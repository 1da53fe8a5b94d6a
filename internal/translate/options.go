package translate

import "github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"

// TimestampPolicy says what becomes of explicit timestamps.
type TimestampPolicy uint8

// The timestamp policies.
const (
	HonorTimestamps  TimestampPolicy = iota // a sample with a timestamp keeps it
	IgnoreTimestamps                        // every sample gets the receive time
	RejectTimestamps                        // a push with a timestamp is refused, as the Pushgateway does
)

// Placement says where the grouping labels other than job and instance go.
type Placement uint8

// The placements.
const (
	OnBoth       Placement = iota // to the resource and to each datapoint
	OnResource                    // to the resource
	OnDatapoints                  // to each datapoint
)

// Options are the settings of a Builder.
type Options struct {
	GroupingLabels Placement
	Timestamps     TimestampPolicy
	// TrimMetricSuffixes drops unit and _total suffixes from metric names.
	TrimMetricSuffixes bool
	// PushTimeMetrics adds push_time_seconds, and drops what was pushed under the names of the push time metrics.
	PushTimeMetrics bool
	// ScopeName is the scope of metrics that do not name theirs.
	ScopeName string
	// Samples is how many a push may have; 0 is no limit.
	Samples int
}

// An InconsistentError says why a push that was decoded cannot be accepted: it contradicts itself, or OTLP cannot
// express it. Series names the place, as in x{l="v"}; it may be a metric name alone.
type InconsistentError struct {
	Series string
	Err    error
}

func (e *InconsistentError) Error() string { return e.message().Error() }

// Redacted is Error without what is of the body.
func (e *InconsistentError) Redacted() string { return exposition.Redact(e.message()) }

func (e *InconsistentError) message() error {
	return exposition.Errorf("pushed metrics are invalid or inconsistent: %s: %w", e.Series, e.Err)
}

// Unwrap returns the reason.
func (e *InconsistentError) Unwrap() error { return e.Err }

var (
	errDuplicateSeries = exposition.Errorf("the same series (after the grouping labels have replaced those of the body) stands in it twice")
	errSecondTarget    = exposition.Errorf("it stands in it twice, but a push is of one target")
	errTargetType      = exposition.Errorf("it must be a gauge or an info")
	errTimestamp       = exposition.Errorf("pushed metrics must not have timestamps (timestamps is reject)")
)
