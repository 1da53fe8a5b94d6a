package pushgatewayreceiver

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"go.opentelemetry.io/collector/component"
	"go.opentelemetry.io/collector/extension/xextension/storage"
	"go.uber.org/zap"

	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groupingkey"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/groups"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/persistence"
	"github.com/otelcol-pushgateway/otelcol-pushgateway/internal/translate"
)

// heldGroups is the memory of groups, and what goes to the pipeline because of it: staleness markers of what leaves, and from time to
// time all that is held. Whoever changes a group must have its turn.
//
// A push is written to the storage, then it goes to the pipeline, and then it is held: what cannot be written has not reached the
// pipeline, and what the pipeline refuses is taken back from the storage. That it is refused leaves no trace, but for some markers if
// there are thousands, which the next republication makes good. What is removed goes the other way, for then it comes back by itself
// if it fails halfway.
type heldGroups struct {
	settings Groups
	id       component.ID
	store    *groups.Store
	storage  *persistence.Storage // nil: memory only
	turns    *turns
	options  translate.Options
	reporter *reporter
	logger   *zap.Logger
	// consume hands over what is in a batch. Its error is a *consumeError.
	consume func(context.Context, *translate.Batch) error

	unwritten *unwritten

	// large has room for one change that needs more memory than a push may have: that of a group with a great many series.
	large chan struct{}

	// stop ends the visits, and abandon what they have on its way; nil before start.
	stop, abandon context.CancelFunc
	visited       chan struct{} // closed when the visits have ended
	closing       sync.Once
}

// newHeldGroups returns nil if nothing is held.
func newHeldGroups(settings *Groups, r *pushgatewayReceiver, id component.ID) *heldGroups {
	if settings == nil {
		return nil
	}
	h := &heldGroups{
		settings: *settings,
		id:       id,
		store:    groups.New(settings.bounds()),
		turns:    r.turns,
		options:  r.options,
		reporter: r.reporter,
		logger:   r.logger,
		consume:  r.consumeBatch,
		large:    make(chan struct{}, 1),
	}
	h.unwritten = &unwritten{heldGroups: h, keys: map[uint64]groupingkey.Key{}}
	return h
}

// start loads what the storage has, and begins to visit the groups.
func (h *heldGroups) start(ctx context.Context, host component.Host) error {
	if h == nil {
		return nil
	}
	if err := h.open(ctx, host); err != nil {
		return err
	}
	if err := h.reporter.startHeld(h.store); err != nil {
		return err
	}
	abandoned, abandon := context.WithCancel(context.WithoutCancel(ctx))
	visits, stop := context.WithCancel(abandoned)
	h.stop, h.abandon, h.visited = stop, abandon, make(chan struct{})
	go func() {
		defer close(h.visited)
		var both sync.WaitGroup
		both.Go(func() { h.visitAll(visits, abandoned) })
		both.Go(func() { h.unwritten.settleOften(visits, abandoned) })
		both.Wait()
	}()
	return nil
}

// shutdown ends the visits and closes the storage. What is on its way may end as long as ctx does not. Pushes that are still here
// cannot be written, and so are refused.
func (h *heldGroups) shutdown(ctx context.Context) error {
	if h == nil {
		return nil
	}
	var err error
	if h.stop != nil {
		h.stop()
		select {
		case <-h.visited:
		case <-ctx.Done():
			err = ctx.Err()
		}
		h.abandon()
	}
	h.closing.Do(func() { err = errors.Join(err, h.storage.Close(ctx)) })
	return err
}

// open opens the storage, if there is one, and loads the groups in it.
func (h *heldGroups) open(ctx context.Context, host component.Host) error {
	if h.settings.Storage == nil {
		return nil
	}
	extension, ok := host.GetExtensions()[*h.settings.Storage]
	if !ok {
		return fmt.Errorf("groups.storage is %s, which is none of the service's extensions: add it to service::extensions", h.settings.Storage)
	}
	storages, ok := extension.(storage.Extension)
	if !ok {
		return fmt.Errorf("groups.storage is %s, which is no storage extension", h.settings.Storage)
	}
	client, err := storages.GetClient(ctx, component.KindReceiver, h.id, "groups")
	if err != nil {
		return fmt.Errorf("cannot open groups.storage %s: %w; another Collector may have it open, or it is damaged", h.settings.Storage, err)
	}
	if h.storage, err = persistence.Open(client); err != nil {
		return errors.Join(fmt.Errorf("groups.storage is %s: %w", h.settings.Storage, err), client.Close(ctx))
	}
	if err := h.load(ctx); err != nil {
		return fmt.Errorf("cannot read groups.storage %s: %w", h.settings.Storage, err)
	}
	return nil
}

func (h *heldGroups) load(ctx context.Context) error {
	err := h.storage.Load(ctx, h.loadGroup, func(entry string, err error) {
		h.logger.Warn("Skipped an entry of the storage", zap.String("entry", entry), zap.Error(err))
	})
	if err == nil {
		held := h.store.Totals()
		h.logger.Info("Loaded groups", zap.Int64("groups", held.Groups), zap.Int64("series", held.Samples))
	}
	return err
}

func (h *heldGroups) loadGroup(g *groups.Group) error {
	if err := translate.SetSeries(g); err != nil {
		return fmt.Errorf("cannot read what it has of a metric: %w", err)
	}
	g.ID = h.turns.hash(g.Key)
	if !h.store.Load(g) {
		return errors.New("its group is there already")
	}
	h.turns.saw(g.ID, g.LastPush)
	h.turns.saw(g.ID, g.LastFailure)
	return nil
}
