package crmcore

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
)

// maxSaid is how much of a value its change tells.
const maxSaid = 200

// trait is what every record of a kind has, as people read it. The company's own fields tell of themselves.
type trait struct{ name, value string }

// traits are those of a record, whoever asks.
func traits(ctx context.Context, db store.Queries, ref record.Ref) ([]trait, error) {
	switch ref.Kind {
	case record.Contact:
		x, err := contacts().Get(ctx, db, ref.ID)
		return []trait{{"name", x.Name}, {"position", x.Position}, {"company", cmp.Or(x.CompanyName, x.Company)},
			{"points", saidPoints(x.Points)}, {"comment", x.Comment}}, err
	case record.Company:
		x, err := companies().Get(ctx, db, ref.ID)
		return []trait{{"name", x.Name}, {"website", x.Website}, {"points", saidPoints(x.Points)},
			{"comment", x.Comment}}, err
	case record.Lead:
		x, err := leads().Get(ctx, db, ref.ID)
		return []trait{{"title", x.Title}, {"name", x.Name}, {"company", x.CompanyName},
			{"points", saidPoints(x.Points)}, {"comment", x.Comment}}, err
	}
	x, err := deals().Get(ctx, db, ref.ID)
	return []trait{{"title", x.Title}, {"contact", cmp.Or(x.ContactName, x.Contact)},
		{"company", cmp.Or(x.CompanyName, x.Company)}, {"amount", saidMoney(x.Amount, x.Currency)},
		{"comment", x.Comment}}, err
}

func saidPoints(points []record.Point) string {
	var all []string
	for _, p := range points {
		text := cmp.Or(p.Value, p.Raw)
		if p.Ext != "" {
			text += " ext. " + p.Ext
		}
		all = append(all, text)
	}
	return strings.Join(all, ", ")
}

func saidMoney(amount int64, currency string) string {
	return fmt.Sprintf("%d.%02d %s", amount/100, amount%100, currency)
}

// logged runs fn on a record, and tells on its timeline which of its traits that changed.
func logged(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref, fn func() error) error {
	before, err := traits(ctx, tx, ref)
	if err != nil {
		return err
	}
	if err := fn(); err != nil {
		return err
	}
	return logTraits(ctx, tx, actor, ref, before)
}

// logTraits tells what is other of a record than before.
func logTraits(ctx context.Context, tx *store.Tx, actor people.User, ref record.Ref, before []trait) error {
	after, err := traits(ctx, tx, ref)
	if err != nil {
		return err
	}
	for i, now := range after {
		was := before[i]
		if was == now {
			continue
		}
		if err := timeline.LogChange(ctx, tx, actor, ref, timeline.Made{What: "trait", Name: now.name,
			From: shortened(was.value), To: shortened(now.value)}); err != nil {
			return err
		}
	}
	return nil
}

// shortened is the beginning of a long text, with its lines in one.
func shortened(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if cut := fold.Clip(text, maxSaid); cut != text {
		return cut + "…"
	}
	return text
}
