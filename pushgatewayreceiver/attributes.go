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
	jobs   map[string]string // those that have a name in metrics, and the name
	most   int               // of these
}

// pushAttributes are those of a push. Without a reason, or a job, there is no such attribute.
type pushAttributes struct {
	method  string
	format  exposition.Format
	outcome journal.Outcome
	reason  string
	job     string
}

// otherJob is the job of those beyond telemetry.job_names.
const otherJob = "_other"

func newAttributes(receiver string, jobNames int) *attributes {
	a := &attributes{
		receiver: attribute.String("receiver", receiver),
		pushes:   map[pushAttributes]metric.MeasurementOption{},
		jobs:     map[string]string{},
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

func (a *attributes) ofPush(p *pushRecord, outcome journal.Outcome, reason string) metric.MeasurementOption {
	of := pushAttributes{method: p.method, format: p.format, outcome: outcome, reason: reason}
	if a.most > 0 && p.group != 0 {
		of.job = exposition.Cut(p.key.Job)
	}
	a.mu.RLock()
	of.job, _ = a.nameOf(of.job)
	option, ok := a.pushes[of]
	a.mu.RUnlock()
	if ok {
		return option
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	job, isNew := a.nameOf(of.job)
	if isNew {
		job = strings.Clone(job) // it is part of the request
		a.jobs[job] = job
	}
	of.job = job
	if option, ok = a.pushes[of]; !ok {
		option = a.option(of.list()...)
		a.pushes[of] = option
	}
	return option
}

// nameOf returns the name that a job has in metrics, and whether it is the first time that it has one. It needs the lock.
func (a *attributes) nameOf(job string) (name string, isNew bool) {
	if name, ok := a.jobs[job]; ok || job == "" {
		return name, false
	}
	if len(a.jobs) >= a.most || job == otherJob {
		return otherJob, false
	}
	return job, true
}

func (of pushAttributes) list() []attribute.KeyValue {
	list := []attribute.KeyValue{
		attribute.String("method", of.method),
		attribute.String("format", of.format.String()),
		attribute.String("outcome", string(of.outcome)),
	}
	if of.reason != "" {
		list = append(list, attribute.String("reason", of.reason))
	}
	if of.job != "" {
		list = append(list, attribute.String("pushed_job", of.job))
	}
	return list
}
