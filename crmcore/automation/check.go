package automation

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"frontdesk/crmcore/field"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// check refuses a rule that could not work. Errors: *input.Invalid.
func (a *Automation) check(ctx context.Context, q store.Queries, r *Routine) error {
	if err := input.Texts(input.Bound("name", &r.Name, 1, input.MaxName)); err != nil {
		return err
	}
	if !slices.Contains(record.Kinds(), r.Kind) {
		return input.Refuse("kind", "is lead, deal, contact or company")
	}
	fields, err := field.All(ctx, q)
	if err != nil {
		return err
	}
	if err := r.On.check(ctx, q, r.Kind, fields); err != nil {
		return err
	}
	if err := r.When.Check(known(r.Kind, fields)); err != nil {
		return err
	}
	if len(r.Then) == 0 || len(r.Then) > 20 {
		return input.Refuse("then", "are 1 to 20 actions")
	}
	for i := range r.Then {
		if err := a.checkAction(ctx, q, r.Kind, &r.Then[i], fmt.Sprintf("then[%d]", i)); err != nil {
			return err
		}
	}
	return nil
}

func (t *Trigger) check(ctx context.Context, q store.Queries, kind record.Kind, fields []field.Field) error {
	switch t.What {
	case made, changed:
		return nil
	case entered, left:
		if kind != record.Deal && kind != record.Lead {
			return input.Refuse("on.what", "only deals and leads have stages")
		}
		for _, id := range t.Stages {
			if err := checkStage(ctx, q, kind, id, "on.stages"); err != nil {
				return err
			}
		}
		return nil
	}
	return input.Refuse("on.what", "is made, entered, left or changed")
}

func checkStage(ctx context.Context, q store.Queries, kind record.Kind, id, at string) error {
	if kind == record.Lead {
		if slices.Contains([]string{"new", "in_progress", "converted", "junk"}, id) {
			return nil
		}
		return input.Refuse(at, "of a lead are new, in_progress, converted and junk")
	}
	_, err := query.One(ctx, q, query.Text, query.New("SELECT id FROM stage WHERE id = ?", id))
	if errors.Is(err, store.ErrNotFound) {
		return input.Refuse(at, "there is no such stage")
	}
	return err
}

func (a *Automation) checkAction(ctx context.Context, q store.Queries, kind record.Kind, x *Effect, at string) error {
	title := func() error { return input.Texts(input.Bound(at+".title", &x.Title, 1, input.MaxTitle)) }
	switch x.Do {
	case assign:
		return x.To.check(ctx, q, at+".to", false)
	case set:
		return checkField(ctx, q, kind, x.Field, x.Values, at)
	case tag:
		if len(x.Values) == 0 {
			return input.Refuse(at+".values", "are the tags")
		}
		return checkField(ctx, q, kind, "tags", x.Values, at)
	case move:
		return checkMove(ctx, q, kind, x.Stage, at)
	case task:
		if x.In > 0 && x.Unit != hours && x.Unit != days {
			return input.Refuse(at+".unit", "is hours or days")
		}
		return query.Steps(title,
			func() error { return input.Texts(input.Bound(at+".text", &x.Text, 0, 10_000)) },
			func() error { return x.To.check(ctx, q, at+".to", false) })
	case notify:
		return query.Steps(title, func() error { return x.To.check(ctx, q, at+".to", true) })
	case hook:
		if a.ports.Webhook == nil {
			return input.Refuse(at+".do", "there are no webhooks")
		}
		_, err := a.ports.Webhook(ctx, q, x.Webhook)
		return err
	case list:
		return checkList(ctx, q, kind, x.List, at)
	}
	return input.Refuse(at+".do", "is assign, set, move, tag, task, notify, webhook or list")
}

func checkMove(ctx context.Context, q store.Queries, kind record.Kind, stage, at string) error {
	if kind != record.Deal && kind != record.Lead {
		return input.Refuse(at+".do", "only deals and leads have stages")
	}
	if kind == record.Lead && stage == "converted" {
		return input.Refuse(at+".stage", "a lead is converted by a person")
	}
	return checkStage(ctx, q, kind, stage, at+".stage")
}

func checkField(ctx context.Context, q store.Queries, kind record.Kind, id string, values []string, at string) error {
	_, _, err := field.Named(ctx, q, kind, id, values)
	if errors.Is(err, store.ErrNotFound) {
		return input.Refuse(at+".field", "there is no such field")
	}
	if err == nil {
		_, err = field.Checked(ctx, q, kind, record.Values{id: values})
	}
	return err
}

// checkList refuses a list that the client of a record of this kind can't be on.
func checkList(ctx context.Context, q store.Queries, kind record.Kind, id, at string) error {
	of, err := query.One(ctx, q, query.Text, query.New("SELECT kind FROM calling_list WHERE id = ?", id))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return input.Refuse(at+".list", "there is no such calling list")
	case err != nil:
		return err
	case of != string(kind) && (kind != record.Deal || of == string(record.Lead)):
		return input.Refuse(at+".list", "has records of another kind")
	}
	return nil
}
