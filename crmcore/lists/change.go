package lists

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Change is what becomes of many records at once; what is left out stays.
type Change struct {
	Responsible *string       `json:"responsible,omitempty" doc:"Id of a user"`
	Stage       *string       `json:"stage,omitempty" doc:"Of leads and deals"`
	Fields      record.Values `json:"fields,omitempty" doc:"By the ids of fields; an empty list takes the value away"`
	AddTags     []string      `json:"add_tags,omitempty" maxItems:"20" maxLength:"50"`
	RemoveTags  []string      `json:"remove_tags,omitempty" maxItems:"20" maxLength:"50"`
}

// Changed tells what became of it.
type Changed struct {
	ID      string `json:"id" doc:"For the way back: POST /changes/{id}/undo, for a day"`
	Changed int    `json:"changed"`
	Refused int    `json:"refused" doc:"Not there any more, not one's own to change, or not so to be changed"`
	Why     string `json:"why,omitempty" doc:"Of the first refused"`
}

// MaxTogether records are changed at once.
const MaxTogether = 1000

// keptFor is how long there is a way back.
const keptFor = 24 * time.Hour

// was is a record before and after a change.
type was struct {
	ID          string        `json:"id"`
	Responsible string        `json:"responsible"`
	Stage       string        `json:"stage,omitempty"`
	Fields      record.Values `json:"fields"`
	After       time.Time     `json:"after"` // when it was changed: has it changed again, it stays as it is
}

// Apply changes the records of a kind that the actor may change, each by itself. What is wrong with the change for
// every record is an error.
func (l *Lists) Apply(ctx context.Context, actor people.User, kind record.Kind, ids []string,
	c Change) (Changed, error) {
	if len(ids) == 0 || len(ids) > MaxTogether {
		return Changed{}, input.Refuse("ids", "are 1 to 1000")
	}
	if c.Stage != nil && kind != record.Lead && kind != record.Deal {
		return Changed{}, input.Refuse("change.stage", "is what leads and deals have")
	}
	out := Changed{ID: store.NewID()}
	var before []was
	var first error
	for _, id := range ids {
		old, err := l.one(ctx, actor, kind.Ref(id), c)
		if err != nil {
			if !refused(err) {
				return out, err
			}
			if first == nil {
				first = err
			}
			out.Refused++
			continue
		}
		before = append(before, old)
	}
	if out.Changed = len(before); out.Changed == 0 {
		return out, first
	}
	if first != nil {
		out.Why = first.Error()
	}
	return out, l.remember(ctx, actor, kind, out.ID, before)
}

// refused tells an answer about one record from a failure of ours.
func refused(err error) bool {
	var bad *input.Invalid
	return errors.As(err, &bad) || errors.Is(err, store.ErrNotFound) || errors.Is(err, people.ErrForbidden) ||
		errors.Is(err, record.ErrConflict)
}

func (l *Lists) remember(ctx context.Context, actor people.User, kind record.Kind, id string, before []was) error {
	text, err := json.Marshal(before)
	if err != nil {
		return err
	}
	return l.db.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM bulk_change WHERE at < $1",
			store.Micros(time.Now().Add(-keptFor))); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO bulk_change (id, user_id, at, kind, before) VALUES ($1, $2, $3, $4, $5)`, id,
			actor.ID, store.Micros(time.Now()), kind, string(text))
		return err
	})
}

// Undo takes a change of the actor's own back, of each record that nobody has changed since.
func (l *Lists) Undo(ctx context.Context, actor people.User, id string) (Changed, error) {
	var kind record.Kind
	text, err := query.One(ctx, l.db, func(r store.Row) (text string, err error) { return text, r.Scan(&kind, &text) },
		query.New("SELECT kind, before FROM bulk_change WHERE id = ? AND user_id = ?", id, actor.ID))
	if err != nil {
		return Changed{}, err
	}
	var before []was
	if err := json.Unmarshal([]byte(text), &before); err != nil {
		return Changed{}, err
	}
	out := Changed{ID: id}
	for _, old := range before {
		_, err := l.write(ctx, actor, kind.Ref(old.ID), func(now *was) error {
			if !now.After.Equal(old.After) {
				return record.ErrConflict
			}
			*now = old
			return nil
		})
		switch {
		case err == nil:
			out.Changed++
		case !refused(err):
			return out, err
		default:
			out.Refused++
		}
	}
	_, err = l.db.Exec(ctx, "DELETE FROM bulk_change WHERE id = $1", id)
	return out, err
}

// one changes one record, and tells how it was.
func (l *Lists) one(ctx context.Context, actor people.User, ref record.Ref, c Change) (old was, err error) {
	after, err := l.write(ctx, actor, ref, func(now *was) error {
		old = *now
		if c.Responsible != nil {
			now.Responsible = *c.Responsible
		}
		if c.Stage != nil {
			now.Stage = *c.Stage
		}
		now.Fields = now.Fields.With(c.Fields).With(c.tags(now.Fields))
		return nil
	})
	old.After = after
	return old, err
}

// write reads a record, has it changed, and writes it; after is its new time.
func (l *Lists) write(ctx context.Context, actor people.User, ref record.Ref, change func(*was) error) (after time.Time,
	err error) {
	switch ref.Kind {
	case record.Contact:
		return rewrite(ctx, actor, ref.ID, change, l.core.Contact, l.core.UpdateContact,
			func(x *crmcore.Contact) parts {
				return parts{&x.Responsible, new(string), &x.Fields, &x.Updated}
			})
	case record.Company:
		return rewrite(ctx, actor, ref.ID, change, l.core.Company, l.core.UpdateCompany,
			func(x *crmcore.Company) parts {
				return parts{&x.Responsible, new(string), &x.Fields, &x.Updated}
			})
	case record.Lead:
		return rewrite(ctx, actor, ref.ID, change, l.core.Lead, l.core.UpdateLead, func(x *crmcore.Lead) parts {
			return parts{&x.Responsible, &x.Stage, &x.Fields, &x.Updated}
		})
	}
	return rewrite(ctx, actor, ref.ID, change, l.core.Deal, l.core.UpdateDeal, func(x *crmcore.Deal) parts {
		return parts{&x.Responsible, &x.Stage, &x.Fields, &x.Updated}
	})
}

// parts are what of a record is changed here.
type parts struct {
	responsible, stage *string
	fields             *record.Values
	updated            *time.Time
}

func rewrite[T any](ctx context.Context, actor people.User, id string, change func(*was) error,
	get func(context.Context, people.User, string) (T, error),
	put func(context.Context, people.User, T) (T, error), of func(*T) parts) (after time.Time, err error) {
	x, err := get(ctx, actor, id)
	if err != nil {
		return after, err
	}
	p := of(&x)
	now := was{ID: id, Responsible: *p.responsible, Stage: *p.stage, Fields: *p.fields, After: *p.updated}
	if err := change(&now); err != nil {
		return after, err
	}
	*p.responsible, *p.stage, *p.fields = now.Responsible, now.Stage, now.Fields
	made, err := put(ctx, actor, x)
	if err != nil {
		return after, err
	}
	return *of(&made).updated, nil
}

// tags are the tags that a record has after the change, nil where it leaves them.
func (c Change) tags(old record.Values) record.Values {
	if len(c.AddTags)+len(c.RemoveTags) == 0 {
		return nil
	}
	tags := []string{}
	for _, t := range slices.Concat(old["tags"], c.AddTags) {
		if !slices.Contains(c.RemoveTags, t) && !slices.Contains(tags, t) {
			tags = append(tags, t)
		}
	}
	return record.Values{"tags": tags}
}
