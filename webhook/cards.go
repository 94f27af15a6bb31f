package webhook

import (
	"context"
	"time"

	"frontdesk/store"
)

// cardsEvery is how often it is said that cards are read.
const cardsEvery = 20 * time.Second

// cardOpen is the one event that is told only while somebody reads it.
const cardOpen = "card.open"

func (w *Webhooks) tellCards(ctx context.Context) {
	rows, err := w.db.Query(ctx, `SELECT `+hookColumns+` FROM webhook WHERE active`)
	hooks, err := store.Collect(rows, err, scanHook)
	if err != nil && ctx.Err() == nil {
		w.log.Warn("whether a webhook wants cards is not known", "err", err)
	}
	for _, h := range hooks {
		if h.wants(cardOpen) {
			w.config.Cards()
			return
		}
	}
}
