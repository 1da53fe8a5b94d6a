package pushgatewayreceiver

import (
	"context"
	"errors"
	"net/http"
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// servePush takes a push from the request to the pipeline. When it returns nil, the pipeline has it; when it returns an
// error, nothing of it, save its push_failure_time_seconds. The record gets what is seen of it.
func (r *pushgatewayReceiver) servePush(req *http.Request, op operation, p *pushRecord) error {
	ctx, cancel := r.withDeadline(req.Context())
	defer cancel()
	var err error
	if p.key, err = groupingkey.Parse(op.keyPath, r.keyOptions); err != nil {
		return err
	}
	p.group = r.turns.hash(p.key)
	if err := r.rates.allow(p.key.Job, p.begin); err != nil {
		return err
	}
	memory, err := r.budget.enter(ctx)
	if err != nil {
		return err
	}
	defer memory.leave()
	push, err := r.decode(req, p, memory)
	if errors.As(err, new(*overBudgetError)) {
		return err // nothing is wrong with the push
	}
	received, end, waitErr := r.turns.take(ctx, p.group)
	if waitErr != nil {
		if err == nil {
			err = &consumeError{err: waitErr}
		}
		return err
	}
	defer end()
	if err == nil {
		err = r.deliver(ctx, op, p, push, received, memory)
		if !errors.As(err, new(*groups.ConflictError)) && !errors.As(err, new(*pushMemoryError)) {
			return err
		}
	}
	r.consumeFailure(ctx, p, received)
	return err
}

// deliver hands a push to the pipeline.
func (r *pushgatewayReceiver) deliver(ctx context.Context, op operation, p *pushRecord, push *translate.Builder, received time.Time, memory *share) error {
	p.turn = time.Now()
	defer func() { p.consumed = time.Now() }()
	if r.held != nil {
		return r.held.push(ctx, p, push, op.kind == replace, received, memory)
	}
	return r.consume(ctx, push.Metrics(received), p.format.String())
}

// withDeadline leaves some of the time until the server cuts the connection for the answer.
func (r *pushgatewayReceiver) withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if r.answerIn <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, r.answerIn)
}

// serveDelete answers DELETE where it is accepted: if nothing is held, there is nothing to delete, but the key must be one.
func (r *pushgatewayReceiver) serveDelete(ctx context.Context, op operation) error {
	key, err := groupingkey.Parse(op.keyPath, r.keyOptions)
	if err != nil || r.held == nil {
		return err
	}
	return r.deleteHeld(ctx, key)
}

// deleteHeld deletes a group, if it is held.
func (r *pushgatewayReceiver) deleteHeld(ctx context.Context, key groupingkey.Key) error {
	if err := r.rates.allow(key.Job, time.Now()); err != nil {
		return err
	}
	ctx, cancel := r.withDeadline(ctx)
	defer cancel()
	memory, err := r.budget.enter(ctx)
	if err != nil {
		return err
	}
	defer memory.leave()
	return r.held.delete(ctx, key, memory)
}

// usualGrowth is how much more than its text a push usually takes.
const usualGrowth = 5

// decode reads the body, decodes it and translates it.
func (r *pushgatewayReceiver) decode(req *http.Request, p *pushRecord, memory *share) (*translate.Builder, error) {
	body, size, err := r.bodies.read(req, p.encoding, memory)
	if err != nil {
		return nil, err
	}
	p.received, p.compressed, p.uncompressed = time.Now(), size, len(body)
	builder := translate.NewBuilder(p.key, r.options, memory.take)
	if body == "" {
		return builder, nil // an empty push, whatever its format
	}
	if err := memory.foresee(usualGrowth * len(body)); err != nil {
		return nil, err
	}
	decoding := r.decoding
	decoding.Format, decoding.Grow = p.format, memory.take
	err = exposition.Decode(body, decoding, builder)
	if err == nil {
		err = builder.Check()
	}
	p.decoded, p.samples = time.Now(), builder.Samples()
	if err != nil {
		return nil, err
	}
	return builder, nil
}

// consume hands the metrics to the pipeline. An error is a *consumeError. Of an empty push there is nothing to hand
// over.
func (r *pushgatewayReceiver) consume(ctx context.Context, metrics pmetric.Metrics, format string) error {
	points := metrics.DataPointCount()
	if points == 0 {
		return nil
	}
	ctx = r.obsrep.StartMetricsOp(ctx)
	err := r.next.ConsumeMetrics(ctx, metrics)
	r.obsrep.EndMetricsOp(ctx, format, points, err)
	if err != nil {
		return &consumeError{err: err}
	}
	return nil
}

// consumeBatch hands over what is made of what is held.
func (r *pushgatewayReceiver) consumeBatch(ctx context.Context, b *translate.Batch) error {
	return r.consume(ctx, b.Take(), "held")
}

// failureTimeout is how long the client of a refused push waits for the reason at most, while the pipeline takes
// push_failure_time_seconds. Clients give up after some ten seconds.
const failureTimeout = 2 * time.Second

// consumeFailure sends the time of a refused push, also if the client is gone by now. That the pipeline does not take
// it changes nothing for the client.
func (r *pushgatewayReceiver) consumeFailure(ctx context.Context, p *pushRecord, received time.Time) {
	if !r.options.PushTimeMetrics {
		return
	}
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), r.failureDeadline(ctx))
	defer cancel()
	if err := r.deliverFailure(ctx, p, received); err != nil {
		r.reporter.failureNotTaken(p, err)
	}
}

// deliverFailure notes the failure with the group. If there is no room for a new one, it is sent on at least.
func (r *pushgatewayReceiver) deliverFailure(ctx context.Context, p *pushRecord, received time.Time) error {
	if r.held != nil {
		if err := r.held.failure(ctx, p, received); !errors.As(err, new(*groups.FullError)) {
			return err
		}
	}
	return r.consume(ctx, translate.PushFailure(p.key, received, r.options), p.format.String())
}

// failureDeadline is after failureTimeout, but so long before the server cuts the connection that there is time for the answer: by
// half of what withDeadline leaves.
func (r *pushgatewayReceiver) failureDeadline(ctx context.Context) time.Time {
	until := time.Now().Add(failureTimeout)
	if deadline, ok := ctx.Deadline(); ok {
		if last := deadline.Add(r.answerIn / 10); last.Before(until) {
			return last
		}
	}
	return until
}
