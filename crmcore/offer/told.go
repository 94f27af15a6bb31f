package offer

import (
	"context"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/store/query"
)

// happened is the data of events of offers and invoices.
type happened struct {
	Offer    string `json:"offer"`
	Deal     string `json:"deal"`
	Number   string `json:"number"`
	State    State  `json:"state"`
	Total    int64  `json:"total"`
	Currency string `json:"currency"`
}

// Events are the types of those that are told of offers and invoices.
func Events() []string {
	return []string{"offer.created", "offer.sent", "offer.accepted", "offer.declined", "offer.reopened",
		"invoice.created", "invoice.issued", "invoice.sent", "invoice.paid", "invoice.cancelled", "invoice.reopened"}
}

// tell writes what became of a document onto the deal's timeline, and tells whoever may read the deal.
func tell(ctx context.Context, tx *store.Tx, actor people.User, o Offer, what string) error {
	ref := record.Deal.Ref(o.Deal)
	there, err := query.All(ctx, tx, query.Text, query.New("SELECT id FROM deal WHERE id = ?", o.Deal))
	if err != nil || len(there) == 0 {
		return err // an invoice that outlived it: on no timeline
	}
	return query.Steps(func() error {
		return timeline.LogChange(ctx, tx, actor, ref,
			timeline.Made{What: "document", Name: o.Number, From: string(o.Kind), To: what})
	}, func() error {
		return tx.Tell(ctx, store.Event{Type: string(o.Kind) + "." + what, Key: o.ID,
			Data:   happened{o.ID, o.Deal, o.Number, o.State, o.Totals.Total, o.Currency},
			Record: store.EventRecord{Kind: string(record.Deal), ID: o.Deal}})
	})
}
