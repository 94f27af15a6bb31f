package timeline

import (
	"context"
	"slices"
	"strings"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Letter is a mail as its entries know it.
type Letter struct {
	Source    string // id of the message
	MessageID string
	From      string
}

// key is what the keys of a mail's entries begin with: its sender chose the Message-ID, maybe one in use.
func (l Letter) key() string {
	if l.MessageID == "" {
		return l.Source + " "
	}
	return l.MessageID + " " + l.From + " "
}

// lettered is the entry of a mail.
type lettered struct {
	Activity
	dedupe string
}

// letters are the entries of mails.
func letters(ctx context.Context, db store.Queries, list []Letter) ([]Activity, error) {
	var ids []string
	for _, l := range list {
		if l.MessageID != "" {
			ids = append(ids, l.MessageID)
		}
	}
	found, err := query.All(ctx, db, func(r store.Row) (e lettered, err error) {
		e.Activity, e.dedupe, err = scanDedupe(r)
		return e, err
	}, query.New("SELECT "+Columns+`, a.dedupe FROM activity a
		WHERE a.channel = ? AND a.message_id <> '' AND a.message_id`, Mail).In(ids))
	var out []Activity
	for _, e := range found {
		if slices.ContainsFunc(list, func(l Letter) bool { return strings.HasPrefix(e.dedupe, l.key()) }) {
			out = append(out, e.Activity)
		}
	}
	return out, err
}

func scanDedupe(r store.Row) (a Activity, dedupe string, err error) {
	a, err = Scan(more{r, &dedupe})
	return a, dedupe, err
}

// more is a row with one column after those that are asked for.
type more struct {
	store.Row
	last any
}

func (m more) Scan(into ...any) error { return m.Row.Scan(append(into, m.last)...) }

// Attach puts the entries of mails on a deal's timeline, or takes them off. The actor must see the deal; the mails are
// his own, as the caller knows. It tells how many entries there are.
func (t *Timelines) Attach(ctx context.Context, actor people.User, list []Letter, deal string,
	on bool) (n int, err error) {
	ref := record.Ref{Kind: record.Deal, ID: deal}
	err = t.db.Tx(ctx, func(tx *store.Tx) error {
		if _, err := record.Permit(ctx, tx, actor, ref); err != nil {
			return err
		}
		entries, err := letters(ctx, tx, list)
		if err != nil {
			return err
		}
		n = len(entries)
		for _, e := range entries {
			if on {
				err = Link(ctx, tx, e.ID, e.At, []record.Ref{ref})
			} else {
				_, err = tx.Exec(ctx, `DELETE FROM activity_entity WHERE activity = $1 AND entity_kind = 'deal'
					AND entity_id = $2`, e.ID, deal)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		t.Tell(ctx, []record.Ref{ref})
	}
	return n, err
}

// Attached are the deals on whose timelines mails stand, of those that the actor may see.
func (t *Timelines) Attached(ctx context.Context, actor people.User, list []Letter) ([]record.Named, error) {
	entries, err := letters(ctx, t.db, list)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	ids := make([]string, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
	}
	refs, err := query.All(ctx, t.db, func(r store.Row) (ref record.Ref, err error) {
		ref.Kind = record.Deal
		return ref, r.Scan(&ref.ID)
	}, query.New("SELECT DISTINCT entity_id FROM activity_entity WHERE entity_kind = 'deal' AND activity").In(ids))
	if err != nil || len(refs) == 0 {
		return nil, err
	}
	return record.Visible(ctx, t.db, actor, refs)
}
