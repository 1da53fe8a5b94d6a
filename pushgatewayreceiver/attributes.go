package pushgatewayreceiver

import (
	"strings"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/journal"
)

// attributes are those of the receiver's own metrics. There are only so many sets of them, whatever is pushed, and each is made
// once.
type attributes struct {
	receiver attribute.KeyValue
	none     metric.MeasurementOption                             // but the receiver
	ofFormat [exposition.OpenMetrics + 1]metric.MeasurementOption // by exposition.Format
	ofPhase  [3]metric.MeasurementOption                          // receive, decode, consume

	mu     sync.RWMutex
	pushes map[pushAttributes]metric.MeasurementOption
	jobs   map[jobAttributes]metric.MeasurementOption
	names  map[string]string // jobs that have a name in metrics, and the name
	most   int               // of these
}

// pushAttributes are those of a push. Without a reason there is no such attribute.
type pushAttributes struct {
	method  string
	format  exposition.Format
	outcome journal.Outcome
	reason  string
}

// jobAttributes are those of a push, by its job.
type jobAttributes struct {
	job     string
	outcome journal.Outcome
	reason  string
}

const (
	// otherJob is the job of those beyond telemetry.job_names.
	otherJob = "_other"
	// maxJobSets is how many sets of attributes have the name of a job. OpenTelemetry's SDK makes one of all sets of an instrument
	// beyond 2,000, and nobody would see what of these failed. What is beyond this number counts for otherJob, which has some thirty.
	maxJobSets = 1900
)

func newAttributes(receiver string, jobNames int) *attributes {
	a := &attributes{
		receiver: attribute.String("receiver", receiver),
		pushes:   map[pushAttributes]metric.MeasurementOption{},
		jobs:     map[jobAttributes]metric.MeasurementOption{},
		names:    map[string]string{},
		most:     jobNames,
	}
	a.none = a.option()
	for format := range a.ofFormat {
		a.ofFormat[format] = a.option(attribute.String("format", exposition.Format(format).String()))
	}
	for phase, name := range [...]string{"receive", "decode", "consume"} {
		a.ofPhase[phase] = a.option(attribute.String("phase", name))
	}
	return a
}

func (a *attributes) option(more ...attribute.KeyValue) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(append(more, a.receiver)...))
}

func (a *attributes) ofReason(reason string) metric.MeasurementOption {
	return a.option(attribute.String("reason", reason))
}

func (a *attributes) ofCause(cause string) metric.MeasurementOption {
	return a.option(attribute.String("cause", cause))
}

func (a *attributes) ofOutcome(outcome string) metric.MeasurementOption {
	return a.option(attribute.String("outcome", outcome))
}

func (a *attributes) ofPush(of pushAttributes) metric.MeasurementOption {
	a.mu.RLock()
	option, ok := a.pushes[of]
	a.mu.RUnlock()
	if ok {
		return option
	}
	option = a.option(append(outcomeAttributes(of.outcome, of.reason),
		attribute.String("method", of.method), attribute.String("format", of.format.String()))...)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.pushes[of] = option
	return option
}

// ofJob returns the attributes of a job, or those of otherJob. The name may be part of the request.
func (a *attributes) ofJob(of jobAttributes) metric.MeasurementOption {
	of.job = exposition.Cut(of.job)
	a.mu.RLock()
	option, ok := a.jobs[a.named(of)]
	a.mu.RUnlock()
	if ok {
		return option
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	of = a.named(of)
	if _, known := a.names[of.job]; !known && of.job != otherJob {
		of.job = strings.Clone(of.job)
		a.names[of.job] = of.job
	}
	if option, ok = a.jobs[of]; !ok {
		option = a.option(append(outcomeAttributes(of.outcome, of.reason), attribute.String("pushed_job", of.job))...)
		a.jobs[of] = option
	}
	return option
}

// named returns the attributes with the name that the job has in metrics. It needs the lock.
func (a *attributes) named(of jobAttributes) jobAttributes {
	if name, known := a.names[of.job]; known {
		of.job = name
	} else if len(a.names) >= a.most {
		of.job = otherJob
	}
	if _, made := a.jobs[of]; !made && len(a.jobs) >= maxJobSets {
		of.job = otherJob
	}
	return of
}

func outcomeAttributes(outcome journal.Outcome, reason string) []attribute.KeyValue {
	list := []attribute.KeyValue{attribute.String("outcome", string(outcome))}
	if reason != "" {
		list = append(list, attribute.String("reason", reason))
	}
	return list
}
