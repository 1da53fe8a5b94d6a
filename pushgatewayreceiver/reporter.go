package pushgatewayreceiver

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/collector/receiver"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/journal"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/pushgatewayreceiver/internal/metadata"
)

// A reporter tells what becomes of requests: in metrics, in the request's span, in the log, and in the journal that the status
// page shows.
type reporter struct {
	logger, warnings *zap.Logger
	metrics          *metadata.TelemetryBuilder
	attributes       *attributes
	groups           *recentGroups
	inFlight         atomic.Int64
	journal          *journal.Journal // nil without a status page
	excerpts         bool             // whether the journal may have of a body what is wrong with it
}

// Of warnings alike there are so many in a time. A backend that is away must not fill the disk; the metrics have the numbers.
const (
	warningsAtOnce = 5
	warningsWithin = 10 * time.Second
)

func newReporter(s *Settings, set receiver.Settings) (*reporter, error) {
	metrics, err := metadata.NewTelemetryBuilder(set.TelemetrySettings)
	if err != nil {
		return nil, err
	}
	r := &reporter{
		logger: set.Logger,
		warnings: set.Logger.WithOptions(zap.WrapCore(func(core zapcore.Core) zapcore.Core {
			return zapcore.NewSamplerWithOptions(core, warningsWithin, warningsAtOnce, 0)
		})),
		metrics:    metrics,
		attributes: newAttributes(set.ID.String(), s.Telemetry.JobNames),
		groups:     newRecentGroups(time.Now()),
	}
	if page := s.StatusPage.Get(); page != nil {
		r.journal = journal.New(journal.Options{Groups: page.MaxGroups, Refusals: page.MaxRefusals})
		r.excerpts = page.ShowExcerpts
	}
	return r, nil
}

// start shows what is here now, until shutdown.
func (r *reporter) start(b *budget) error {
	return errors.Join(
		r.metrics.RegisterPushgatewayReceiverInFlightBytesCallback(r.show(b.inFlight)),
		r.metrics.RegisterPushgatewayReceiverInFlightPushesCallback(r.show(r.inFlight.Load)),
		r.metrics.RegisterPushgatewayReceiverRecentGroupsCallback(r.show(func() int64 { return r.groups.count(time.Now()) })),
	)
}

// startHeld shows how much is held.
func (r *reporter) startHeld(store *groups.Store) error {
	return errors.Join(
		r.metrics.RegisterPushgatewayReceiverHeldGroupsCallback(r.show(func() int64 { return store.Totals().Groups })),
		r.metrics.RegisterPushgatewayReceiverHeldSeriesCallback(r.show(func() int64 { return store.Totals().Samples })),
		r.metrics.RegisterPushgatewayReceiverHeldBytesCallback(r.show(func() int64 { return store.Totals().Bytes })),
	)
}

func (r *reporter) show(value func() int64) metric.Int64Callback {
	return func(_ context.Context, observe metric.Int64Observer) error {
		observe.Observe(value(), r.attributes.none)
		return nil
	}
}

func (r *reporter) shutdown() { r.metrics.Shutdown() }

// accepted tells of a push that the pipeline has.
func (r *reporter) accepted(ctx context.Context, p *pushRecord) {
	r.pushEnded(ctx, p, journal.Accepted, journal.Cause{})
	format := r.attributes.ofFormat[p.format]
	r.metrics.PushgatewayReceiverPushSamples.Record(ctx, int64(p.samples), format)
	r.metrics.PushgatewayReceiverPushCompressedBytes.Record(ctx, int64(p.compressed), format)
	r.metrics.PushgatewayReceiverPushUncompressedBytes.Record(ctx, int64(p.uncompressed), format)
}

// refused tells of a request that is answered with an error. p is nil if it is no push.
func (r *reporter) refused(req *http.Request, p *pushRecord, a answer, err error) {
	ctx := req.Context()
	r.requestRefused(ctx, a.reason)
	cause := journal.Cause{Status: a.status, Reason: a.reason, Line: lineOf(err)}
	if r.journal != nil {
		cause.Message = a.forPage(err, r.excerpts)
	}
	if p != nil {
		outcome := journal.Refused
		if a.ours(err) {
			outcome = journal.Failed
		}
		r.pushEnded(ctx, p, outcome, cause)
	}
	if r.journal != nil && (p == nil || p.group == 0) && mayBePush(req) {
		refusal := journal.Refusal{At: time.Now(), Client: req.RemoteAddr, Method: method(req), Path: escapedPath(req.URL), Cause: cause}
		r.journal.Refuse(refusal, keyOf(p))
	}
	r.log(req, p, a, err, cause.Line)
}

// requestRefused counts a request that is answered with an error.
func (r *reporter) requestRefused(ctx context.Context, reason string) {
	r.metrics.PushgatewayReceiverRefusedRequests.Add(ctx, 1, r.attributes.ofReason(reason))
}

// pushEnded tells of a push, whatever became of it.
func (r *reporter) pushEnded(ctx context.Context, p *pushRecord, outcome journal.Outcome, cause journal.Cause) {
	r.metrics.PushgatewayReceiverPushes.Add(ctx, 1,
		r.attributes.ofPush(pushAttributes{method: p.method, format: p.format, outcome: outcome, reason: cause.Reason}))
	if r.attributes.most > 0 && p.group != 0 {
		r.metrics.PushgatewayReceiverJobPushes.Add(ctx, 1,
			r.attributes.ofJob(jobAttributes{job: p.key.Job, outcome: outcome, reason: cause.Reason}))
	}
	for phase, took := range [...]time.Duration{p.receive(), p.decode(), p.consume()} {
		if took > 0 {
			r.metrics.PushgatewayReceiverPushDurationSeconds.Record(ctx, took.Seconds(), r.attributes.ofPhase[phase])
		}
	}
	if span := trace.SpanFromContext(ctx); span.IsRecording() {
		span.SetAttributes(spanAttributes(p, outcome, cause)...)
	}
	if p.group == 0 {
		return
	}
	r.groups.saw(p.group, p.begin)
	if r.journal != nil {
		ended := p.forJournal(outcome, cause)
		r.journal.Add(p.group, p.key, &ended)
	}
}

func spanAttributes(p *pushRecord, outcome journal.Outcome, cause journal.Cause) []attribute.KeyValue {
	attributes := []attribute.KeyValue{
		attribute.String("pushgateway.format", p.format.String()),
		attribute.Int("pushgateway.samples", p.samples),
		attribute.String("pushgateway.outcome", string(outcome)),
	}
	if p.key.Job != "" {
		attributes = append(attributes, attribute.String("pushgateway.job", p.key.Job))
	}
	if cause.Reason != "" {
		attributes = append(attributes, attribute.String("pushgateway.reason", cause.Reason))
	}
	if cause.Line > 0 {
		attributes = append(attributes, attribute.Int("pushgateway.line", cause.Line))
	}
	return attributes
}

// log tells the operator of our own trouble. A bad client must not fill the log, so what it does is there at debug level only.
func (r *reporter) log(req *http.Request, p *pushRecord, a answer, err error, line int) {
	logger, level := r.logger, zap.DebugLevel
	if a.ours(err) && a.reason != "client_gone" {
		logger, level = r.warnings, zap.WarnLevel
	}
	entry := logger.Check(level, "Refused a request")
	if entry == nil {
		return
	}
	fields := []zap.Field{
		zap.String("client", req.RemoteAddr), zap.String("method", req.Method),
		zap.String("path", exposition.Cut(escapedPath(req.URL))), zap.Int("status", a.status), zap.String("reason", a.reason),
	}
	if job := keyOf(p).Job; job != "" {
		fields = append(fields, zap.String("job", exposition.Cut(job)))
	}
	if line > 0 {
		fields = append(fields, zap.Int("line", line))
	}
	entry.Write(append(fields, zap.String("error", forLog(err)))...)
}

// failureNotTaken tells of a push_failure_time_seconds that is lost.
func (r *reporter) failureNotTaken(p *pushRecord, err error) {
	r.warnings.Warn("push_failure_time_seconds was not passed on",
		zap.String("grouping_key", exposition.Cut(p.key.String())), zap.Error(err))
}

// removed counts a group that is held no more.
func (r *reporter) removed(ctx context.Context, cause string) {
	r.metrics.PushgatewayReceiverRemovedGroups.Add(ctx, 1, r.attributes.ofCause(cause))
}

// republished counts groups that were to be sent again.
func (r *reporter) republished(ctx context.Context, outcome string, groups int) {
	if groups > 0 {
		r.metrics.PushgatewayReceiverRepublishedGroups.Add(ctx, int64(groups), r.attributes.ofOutcome(outcome))
	}
}

// notRepublished and notRemoved tell of what the next round makes good.
func (r *reporter) notRepublished(groups int, err error) {
	r.warnings.Warn("Groups were not republished", zap.Int("groups", groups), zap.Error(err))
}

func (r *reporter) notRemoved(key groupingkey.Key, err error) {
	r.warnings.Warn("A group has expired, but cannot be removed yet", zap.String("grouping_key", exposition.Cut(key.String())), zap.Error(err))
}

// notWritten tells of a group of which the storage has something else than what is held.
func (r *reporter) notWritten(key groupingkey.Key, err error) {
	r.warnings.Warn("A group cannot be written to the storage now, which has an older or a refused push of it",
		zap.String("grouping_key", exposition.Cut(key.String())), zap.Error(err))
}

func keyOf(p *pushRecord) groupingkey.Key {
	if p == nil {
		return groupingkey.Key{}
	}
	return p.key
}

// mayBePush says whether a client may have meant a push, or to delete one.
func mayBePush(req *http.Request) bool { return method(req) != "" }

// method returns a method that changes something, in a string of our own.
func method(req *http.Request) string {
	for _, m := range [...]string{http.MethodPut, http.MethodPost, http.MethodDelete} {
		if req.Method == m {
			return m
		}
	}
	return ""
}
