package person

import (
	"context"
	"slices"
	"strings"

	"frontdesk/crmcore/bin"
	"frontdesk/crmcore/event"
	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Erase deletes all that the CRM has of a person. Of a call or mail on a deal's timeline, too, it stays that it was;
// deals stay without him, and his name is taken out of what they are called. Offers stay without whom they were for;
// invoices that have a number stay as they are, as the law wants.
func Erase(ctx context.Context, tx *store.Tx, actor people.User, p Person) error {
	entries, err := p.entries(ctx, tx)
	if err != nil {
		return err
	}
	merged, err := p.InBin(ctx, tx)
	if err != nil {
		return err
	}
	return query.Steps(
		func() error { return p.unaddress(ctx, tx) },
		func() error { return p.unname(ctx, tx) },
		func() error { return p.eraseEntries(ctx, tx, entries) },
		func() error { return p.eraseAddressed(ctx, tx) },
		func() error { return p.eraseRecords(ctx, tx, actor, merged) },
		func() error { return eraseWords(ctx, tx, p.Tokens()) },
		func() error {
			for _, ref := range p.Refs() {
				if err := event.Record(ctx, tx, ref, event.Deleted, ""); err != nil {
					return err
				}
			}
			return nil
		})
}

// gone stands for a name in a text that stays.
const gone = "…"

// unaddress takes him off the offers of his deals.
func (p Person) unaddress(ctx context.Context, tx *store.Tx) error {
	for some := range slices.Chunk(p.documents, together) {
		q := query.New(`SELECT id, intro, note FROM offer WHERE NOT (kind = 'invoice' AND number <> '') AND id`).In(some)
		all, err := query.All(ctx, tx, func(r store.Row) (d [3]string, err error) {
			return d, r.Scan(&d[0], &d[1], &d[2])
		}, q)
		if err != nil {
			return err
		}
		for _, d := range all {
			if _, err := tx.Exec(ctx, `UPDATE offer SET client = $2, email = '', intro = $3, note = $4
				WHERE id = $1`, d[0], gone, p.without(d[1]), p.without(d[2])); err != nil {
				return err
			}
		}
	}
	return nil
}

// unname takes his names out of the titles and comments of his deals.
func (p Person) unname(ctx context.Context, tx *store.Tx) error {
	for _, r := range p.Records {
		if r.Kind != record.Contact {
			continue
		}
		deals, err := query.All(ctx, tx, func(s store.Row) (d [3]string, err error) {
			return d, s.Scan(&d[0], &d[1], &d[2])
		}, query.New("SELECT id, name, comment FROM deal WHERE contact = ?", r.ID))
		if err != nil {
			return err
		}
		for _, d := range deals {
			title, comment := p.without(d[1]), p.without(d[2])
			if title == d[1] && comment == d[2] {
				continue
			}
			if _, err := tx.Exec(ctx, "UPDATE deal SET name = $1, folded = $2, comment = $3 WHERE id = $4", title,
				record.SortKey(title), comment, d[0]); err != nil {
				return err
			}
			if err := record.Index(ctx, tx, record.Deal.Ref(d[0]), nil, title); err != nil {
				return err
			}
			for _, table := range []string{"notice", "automation_run"} { // they say what it was called
				if _, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE record = $1", d[0]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// without is a text without his names, numbers and addresses.
func (p Person) without(text string) string {
	for _, token := range p.Tokens() {
		text = strings.ReplaceAll(text, token, gone)
	}
	return text
}

const together = 200

// eraseEntries deletes what is on his timelines alone; of what others take part in, or deals, it stays that it was.
func (p Person) eraseEntries(ctx context.Context, tx *store.Tx, entries []string) error {
	for some := range slices.Chunk(entries, together) {
		for _, q := range []*query.Builder{
			// what people wrote, and what was said of changes, is his wherever it stands but with another person
			query.New("DELETE FROM activity AS a WHERE a.id").In(some).
				Add(" AND a.kind IN ('note', 'task', 'change', 'automation') AND ").With(p.alone),
			query.New(`UPDATE activity AS a SET title = '', body = '', address = '', made = '', dedupe = NULL, message_id = ''
				WHERE a.id`).In(some).Add(" AND ").With(p.alone),
			query.New("DELETE FROM activity_entity AS e WHERE e.activity").In(some).Add(" AND ").With(p.on("e")),
			query.New(`DELETE FROM activity AS a WHERE a.id`).In(some).Add(` AND a.title = '' AND a.address = ''
				AND NOT EXISTS (SELECT 1 FROM activity_entity o WHERE o.activity = a.id)`),
		} {
			if _, err := tx.Exec(ctx, q.String(), q.Args...); err != nil {
				return err
			}
		}
	}
	return nil
}

// eraseAddressed takes his numbers and addresses out of entries that stand on nobody's timeline, or on others'.
func (p Person) eraseAddressed(ctx context.Context, tx *store.Tx) error {
	own := slices.Concat(p.Numbers, p.Addresses)
	if len(own) == 0 {
		return nil
	}
	q := query.New(`UPDATE activity SET title = '', body = '', address = '', made = '', dedupe = NULL, message_id = ''
		WHERE address`).In(own)
	_, err := tx.Exec(ctx, q.String(), q.Args...)
	return err
}

// eraseRecords deletes his records for good, past the bin, with those that were merged into them.
func (p Person) eraseRecords(ctx context.Context, tx *store.Tx, actor people.User, merged []string) error {
	for _, r := range p.Records {
		err := query.Steps(func() error { return bin.Put(ctx, tx, actor, r.Ref, bin.ByHand, "") },
			func() error { return bin.Erase(ctx, tx, r.Ref) },
			func() error { return forgetPlaces(ctx, tx, r.ID) })
		if err != nil {
			return err
		}
	}
	for _, id := range merged {
		if err := query.Steps(func() error { return bin.Erase(ctx, tx, record.Ref{ID: id}) },
			func() error { return forgetPlaces(ctx, tx, id) }); err != nil {
			return err
		}
	}
	return nil
}

// forgetPlaces deletes what says that there was such a record.
func forgetPlaces(ctx context.Context, tx *store.Tx, id string) error {
	for _, table := range []string{"calling_item WHERE record", "handed_over WHERE ref", "merged WHERE into_id",
		"merged WHERE id"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+table+" = $1", id); err != nil {
			return err
		}
	}
	return nil
}

// eraseWords deletes the parts of words by which nothing is found any more.
func eraseWords(ctx context.Context, tx *store.Tx, texts []string) error {
	words := map[string]bool{}
	for _, t := range texts {
		for _, w := range fold.Words(t) {
			words[w] = true
		}
		words[fold.Clip(fold.Text(t), fold.MaxWord)] = true
	}
	for w := range words {
		if _, err := tx.Exec(ctx, `DELETE FROM search_part WHERE word = $1
			AND NOT EXISTS (SELECT 1 FROM search_word s WHERE s.word = $1)`, []byte(w)); err != nil {
			return err
		}
	}
	return nil
}
