package automation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

const maxRules = 500

// Rules are all, in order; admins only.
func (a *Automation) Rules(ctx context.Context, actor people.User) ([]Routine, error) {
	if err := people.OnlyAdmins(actor); err != nil {
		return nil, err
	}
	return all(ctx, a.db)
}

func all(ctx context.Context, q store.Queries) ([]Routine, error) {
	return query.All(ctx, q, scanRule, query.New(ruleColumns+" ORDER BY position, id"))
}

// Save keeps a new rule (no ID; it is the last) or changes one; admins only. One that is switched on again begins anew.
// Errors: *input.Invalid.
func (a *Automation) Save(ctx context.Context, actor people.User, r Routine) (Routine, error) {
	if err := people.OnlyAdmins(actor); err != nil {
		return r, err
	}
	if err := a.check(ctx, a.db, &r); err != nil {
		return r, err
	}
	err := a.db.Tx(ctx, func(tx *store.Tx) error {
		old, err := all(ctx, tx)
		if err != nil {
			return err
		}
		return query.Steps(func() error { return r.place(old) },
			func() error { return r.write(ctx, tx, a.ports.Now()) },
			func() error { return followed(ctx, tx) })
	})
	if err != nil {
		return r, err
	}
	return query.One(ctx, a.db, scanRule, query.New(ruleColumns+" WHERE id = ?", r.ID))
}

// place gives a rule what it does not say of itself.
func (r *Routine) place(old []Routine) error {
	if r.ID == "" {
		if len(old) >= maxRules {
			return input.Refuse("name", fmt.Sprintf("there are %d rules already: delete some first", maxRules))
		}
		if len(old) > 0 {
			r.Position = old[len(old)-1].Position + 1
		}
		return nil
	}
	i := slices.IndexFunc(old, func(o Routine) bool { return o.ID == r.ID })
	if i < 0 {
		return store.ErrNotFound
	}
	was := old[i]
	r.Position = was.Position
	if was.Active && r.Active {
		r.since = was.since
	}
	if !r.Active {
		r.Stopped, r.StoppedAt, r.StoppedBy = was.Stopped, was.StoppedAt, was.StoppedBy
	} else {
		r.Stopped, r.StoppedAt, r.StoppedBy = "", nil, nil
	}
	return nil
}

// write keeps a rule as it is.
func (r *Routine) write(ctx context.Context, tx *store.Tx, now time.Time) error {
	var texts []any
	by := ""
	for _, part := range []any{r.On, r.When, r.Then, r.StoppedBy} {
		text, err := json.Marshal(part)
		if err != nil {
			return err
		}
		texts = append(texts, string(text))
	}
	if r.StoppedBy != nil {
		by = texts[3].(string)
	}
	if r.since.IsZero() {
		r.since = now
	}
	var at int64
	if r.StoppedAt != nil {
		at = store.Micros(*r.StoppedAt)
	}
	if r.ID == "" {
		r.ID = store.NewID()
	}
	_, err := tx.Exec(ctx, `INSERT INTO automation_rule (id, name, position, active, kind, starts, condition, actions, since,
		stopped, stopped_at, stopped_by, created_at, updated_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, position = excluded.position, active = excluded.active,
		kind = excluded.kind, starts = excluded.starts, condition = excluded.condition, actions = excluded.actions,
		since = excluded.since, stopped = excluded.stopped, stopped_at = excluded.stopped_at,
		stopped_by = excluded.stopped_by, updated_at = excluded.updated_at`,
		r.ID, r.Name, r.Position, r.Active, r.Kind, texts[0], texts[1], texts[2], store.Micros(r.since),
		string(r.Stopped), at, by, store.Micros(now))
	return err
}

// followed has the events taken from now on where a rule waits for some, and no more where none does.
func followed(ctx context.Context, tx *store.Tx) error {
	list, err := active(ctx, tx)
	if err != nil {
		return err
	}
	if len(list) > 0 {
		return store.StartCursor(ctx, tx, cursor)
	}
	return store.EndCursor(ctx, tx, cursor)
}

// Delete removes a rule; admins only. What it did stays in the log. store.ErrNotFound.
func (a *Automation) Delete(ctx context.Context, actor people.User, id string) error {
	if err := people.OnlyAdmins(actor); err != nil {
		return err
	}
	return a.db.Tx(ctx, func(tx *store.Tx) error {
		n, err := query.Exec(ctx, tx, "DELETE FROM automation_rule WHERE id = $1", id)
		if err == nil && n == 0 {
			err = store.ErrNotFound
		}
		if err != nil {
			return err
		}
		return followed(ctx, tx)
	})
}

// Order sets the order of the rules; admins only. All have to be there: record.ErrConflict.
func (a *Automation) Order(ctx context.Context, actor people.User, ids []string) error {
	if err := people.OnlyAdmins(actor); err != nil {
		return err
	}
	return a.db.Tx(ctx, func(tx *store.Tx) error {
		old, err := all(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range old {
			if !slices.Contains(ids, r.ID) {
				return record.ErrConflict
			}
		}
		for i, id := range ids {
			if _, err := tx.Exec(ctx, "UPDATE automation_rule SET position = $1 WHERE id = $2", i, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// NamesFor are the names of the rules that name a user.
func NamesFor(ctx context.Context, q store.Queries, user string) (names []string, err error) {
	list, err := all(ctx, q)
	for _, r := range list {
		if r.give(user, user) {
			names = append(names, r.Name)
		}
	}
	return names, err
}

// Give makes the rules that name somebody name his heir.
func Give(ctx context.Context, tx *store.Tx, user, heir string) error {
	list, err := all(ctx, tx)
	if err != nil {
		return err
	}
	for _, r := range list {
		if !r.give(user, heir) {
			continue
		}
		then, err := json.Marshal(r.Then)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE automation_rule SET actions = $1 WHERE id = $2", string(then),
			r.ID); err != nil {
			return err
		}
	}
	return nil
}

// give names another user where a rule names one, and tells whether it does.
func (r *Routine) give(user, heir string) (named bool) {
	pass := func(w *Whom) {
		if w != nil && w.Who == oneUser && w.User == user {
			w.User, named = heir, true
		}
	}
	for i := range r.Then {
		pass(r.Then[i].To)
	}
	return named
}
