package pushgatewayreceiver

import (
	"context"
	"net/http"
	"time"

	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.uber.org/zap"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/exposition"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// servePush takes a push from the request to the pipeline. When it returns nil, the pipeline has it; when it returns an
// error, nothing of it, save its push_failure_time_seconds.
func (r *pushgatewayReceiver) servePush(req *http.Request, op operation) error {
	ctx, cancel := r.withDeadline(req.Context())
	defer cancel()
	key, err := groupingkey.Parse(op.keyPath, r.decoding.NameValidation)
	if err != nil {
		return err
	}
	if encoding := req.Header.Get(contentEncoding); encoding != "" { // confighttp takes it away when it decodes
		return &encodingError{encoding: encoding, accepted: acceptedEncodings(r.encodings)}
	}
	format := exposition.FormatOf(req.Header.Get("Content-Type"))
	body, err := readBody(req)
	received, end, waitErr := r.turns.take(ctx, key)
	if waitErr != nil {
		if err == nil {
			err = &consumeError{err: waitErr}
		}
		return err
	}
	defer end()
	var metrics pmetric.Metrics
	if err == nil {
		metrics, err = r.decode(body, format, key, received)
	}
	if err != nil {
		r.consumeFailure(ctx, format, key, received)
		return err
	}
	return r.consume(ctx, metrics, format)
}

// withDeadline leaves some of the time until the server cuts the connection for the answer.
func (r *pushgatewayReceiver) withDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if r.answerIn <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, r.answerIn)
}

// serveDelete answers DELETE where it is accepted: there is nothing to delete, but the key must be one.
func (r *pushgatewayReceiver) serveDelete(op operation) error {
	_, err := groupingkey.Parse(op.keyPath, r.decoding.NameValidation)
	return err
}

// decode decodes and translates the body.
func (r *pushgatewayReceiver) decode(
	body string, format exposition.Format, key groupingkey.Key, received time.Time,
) (pmetric.Metrics, error) {
	builder := translate.NewBuilder(key, received, r.options)
	if body == "" {
		return builder.Metrics() // an empty push, whatever its format
	}
	decoding := r.decoding
	decoding.Format = format
	if err := exposition.Decode(body, decoding, builder); err != nil {
		return pmetric.Metrics{}, err
	}
	return builder.Metrics()
}

// consume hands the metrics to the pipeline. An error is a *consumeError. Of an empty push there is nothing to hand
// over.
func (r *pushgatewayReceiver) consume(ctx context.Context, metrics pmetric.Metrics, format exposition.Format) error {
	points := metrics.DataPointCount()
	if points == 0 {
		return nil
	}
	ctx = r.obsrep.StartMetricsOp(ctx)
	err := r.next.ConsumeMetrics(ctx, metrics)
	r.obsrep.EndMetricsOp(ctx, format.String(), points, err)
	if err != nil {
		return &consumeError{err: err}
	}
	return nil
}

// failureTimeout is how long the client of a refused push waits for the reason at most, while the pipeline takes
// push_failure_time_seconds. Clients give up after some ten seconds.
const failureTimeout = 2 * time.Second

// consumeFailure sends the time of a refused push, also if the client is gone by now. That the pipeline does not take
// it changes nothing for the client.
func (r *pushgatewayReceiver) consumeFailure(
	ctx context.Context, format exposition.Format, key groupingkey.Key, received time.Time,
) {
	if !r.options.PushTimeMetrics {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), failureTimeout)
	defer cancel()
	err := r.consume(ctx, translate.PushFailure(key, received, r.options), format)
	if err != nil {
		r.logger.Warn("The pipeline did not take push_failure_time_seconds",
			zap.String("grouping_key", exposition.Cut(key.String())), zap.Error(err))
	}
}
