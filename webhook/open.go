package webhook

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/store"
)

// New makes them over a migrated database. Register their work with Handle, and run Follow.
func New(c Config, db *store.DB, events *store.EventLog, log *slog.Logger, reg prometheus.Registerer) *Webhooks {
	c = c.withDefaults()
	return &Webhooks{config: c, db: db, events: events, log: log, metrics: newMetrics(reg), secure: c.client(false),
		plain: c.client(true)}
}

// Handle registers the job that sends. Call it before jobs.Run.
func (w *Webhooks) Handle(jobs *store.Jobs) { jobs.Handle(sendJob, workers, w.run) }

// Follow turns what happens into deliveries until ctx ends.
func (w *Webhooks) Follow(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.events.Follow(ctx, cursors, w.take)
	}()
	tick := time.NewTicker(cardsEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		w.tellCards(ctx)
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
	<-done
	w.secure.CloseIdleConnections()
	w.plain.CloseIdleConnections()
}
