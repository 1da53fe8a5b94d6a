package pushgatewayreceiver

import (
	"fmt"
	"time"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
)

// Limits are the settings that keep a push, a job, or all pushes together from taking more than their share. No sane job meets the
// defaults.
type Limits struct {
	// SamplesPerPush counts lines of text: those of a histogram are its buckets, its sum and its count. A native histogram is one.
	SamplesPerPush int `mapstructure:"samples_per_push"`
	// LabelsPerSample is without the name, the grouping labels, and those of exemplars, which may be as many again.
	LabelsPerSample int `mapstructure:"labels_per_sample"`
	// MetricNameLength, LabelNameLength and LabelValueLength are in bytes. The grouping labels and the job are labels, too.
	MetricNameLength int `mapstructure:"metric_name_length"`
	LabelNameLength  int `mapstructure:"label_name_length"`
	LabelValueLength int `mapstructure:"label_value_length"`
	// GroupingLabelsPerKey is without the job.
	GroupingLabelsPerKey int `mapstructure:"grouping_labels_per_key"`
	// PushesPerSecondPerJob may come all at once, too. 0 is no limit.
	PushesPerSecondPerJob int `mapstructure:"pushes_per_second_per_job"`
	// InFlightMiB is the memory that all pushes together may take, from their arrival until they are answered. A quarter of it is
	// for small pushes alone.
	InFlightMiB int `mapstructure:"in_flight_mib"`
	// InFlightWait is how long a push waits for that memory, in all, before it is refused.
	InFlightWait time.Duration `mapstructure:"in_flight_wait"`

	// prevent unkeyed literal initialization
	_ struct{}
}

func defaultLimits() Limits {
	return Limits{
		SamplesPerPush:        100_000, // more would not fit into the memory anyway
		LabelsPerSample:       256,     // sane series have some dozens at most
		MetricNameLength:      1 << 10,
		LabelNameLength:       1 << 10,
		LabelValueLength:      16 << 10, // stack traces and queries have been seen as values
		GroupingLabelsPerKey:  128,
		PushesPerSecondPerJob: 10_000, // a function that runs in thousands of instances is one job
		InFlightMiB:           64,     // with what garbage collection leaves lying, the process stays below 256 MiB
		InFlightWait:          time.Second,
	}
}

// maxInFlightMiB is a terabyte.
const maxInFlightMiB = 1 << 20

// validate returns what is wrong with each key.
func (l *Limits) validate() []error {
	var errs []error
	atLeast := func(key string, value, least int) {
		if value < least {
			errs = append(errs, fmt.Errorf("limits.%s is %d: it must be at least %d", key, value, least))
		}
	}
	atLeast("samples_per_push", l.SamplesPerPush, 1)
	atLeast("labels_per_sample", l.LabelsPerSample, 1)
	atLeast("metric_name_length", l.MetricNameLength, 1)
	atLeast("label_name_length", l.LabelNameLength, 1)
	atLeast("label_value_length", l.LabelValueLength, 1)
	atLeast("grouping_labels_per_key", l.GroupingLabelsPerKey, 1)
	atLeast("pushes_per_second_per_job", l.PushesPerSecondPerJob, 0)
	atLeast("in_flight_mib", l.InFlightMiB, 1)
	if l.InFlightMiB > maxInFlightMiB {
		errs = append(errs, fmt.Errorf("limits.in_flight_mib is %d: it must be at most %d", l.InFlightMiB, maxInFlightMiB))
	}
	if l.InFlightWait < 0 {
		errs = append(errs, fmt.Errorf("limits.in_flight_wait is %v: it must not be negative", l.InFlightWait))
	}
	return errs
}

func (l *Limits) forBodies() exposition.Limits {
	return exposition.Limits{
		Labels: l.LabelsPerSample, MetricName: l.MetricNameLength, LabelName: l.LabelNameLength, LabelValue: l.LabelValueLength,
	}
}

func (s *Settings) keyOptions() groupingkey.Options {
	return groupingkey.Options{
		NameValidation: s.validationScheme(),
		Labels:         s.Limits.GroupingLabelsPerKey,
		LabelName:      s.Limits.LabelNameLength,
		LabelValue:     s.Limits.LabelValueLength,
	}
}
