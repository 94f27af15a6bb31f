package automation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/calling"
	"frontdesk/crmcore/field"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/notice"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
)

// doing is a rule at work with a record.
type doing struct {
	*Automation
	tx   *store.Tx
	rule Routine
	run  string
	f    *facts
	told after
}

// all does what a rule says, in order, all or nothing. Errors: *input.Invalid for what can't be done.
func (d *doing) all(ctx context.Context) (did []timeline.RuleDeed, err error) {
	for i, action := range d.rule.Then {
		deed, err := d.one(ctx, action)
		if err != nil {
			return nil, fmt.Errorf("%d. %s: %w", i+1, action.Do, err)
		}
		did = append(did, deed)
	}
	return did, nil
}

func (d *doing) one(ctx context.Context, a Effect) (timeline.RuleDeed, error) {
	switch a.Do {
	case assign:
		return d.assign(ctx, a)
	case set:
		return d.set(ctx, a.Field, a.Values, set)
	case tag:
		return d.set(ctx, "tags", unite(d.f.values["tags"], a.Values), tag)
	case move:
		return d.move(ctx, a)
	case task:
		return d.task(ctx, a)
	case notify:
		return d.notify(ctx, a)
	case hook:
		return d.hook(ctx, a)
	case list:
		name, err := calling.Put(ctx, d.tx, a.List, d.f.client())
		return timeline.RuleDeed{What: string(list), Name: name}, err
	}
	return timeline.RuleDeed{}, input.Refuse("do", "this version does not know it")
}

// amend changes the record, and reads it anew for what is done next.
func (d *doing) amend(ctx context.Context, change crmcore.Amendment) error {
	if _, err := d.core.Amend(ctx, d.tx, people.System(), d.f.Ref, change); err != nil {
		return err
	}
	now, err := d.factsOf(ctx, d.tx, d.f.Ref, false)
	if err == nil {
		d.f = now
	}
	return err
}

func (d *doing) assign(ctx context.Context, a Effect) (deed timeline.RuleDeed, err error) {
	user, note, err := d.pick(ctx, d.tx, *a.To, d.f)
	if err != nil {
		return deed, err
	}
	deed = timeline.RuleDeed{What: string(assign), Name: note}
	if deed.To, err = callingOf(ctx, d.tx, user); err != nil {
		return deed, err
	}
	return deed, d.amend(ctx, crmcore.Amendment{Responsible: user})
}

func (d *doing) set(ctx context.Context, id string, values []string, as Do) (deed timeline.RuleDeed, err error) {
	f, said, err := field.Named(ctx, d.tx, d.f.Kind, id, values)
	if err != nil {
		return deed, input.Refuse("field", "there is no such field any more")
	}
	if values == nil {
		values = []string{}
	}
	return timeline.RuleDeed{What: string(as), Name: f.Name, To: said},
		d.amend(ctx, crmcore.Amendment{Fields: record.Values{id: values}})
}

func (d *doing) move(ctx context.Context, a Effect) (deed timeline.RuleDeed, err error) {
	deed = timeline.RuleDeed{What: string(move), To: a.Stage}
	if d.f.Kind == record.Deal {
		err := d.tx.QueryRow(ctx, "SELECT name FROM stage WHERE id = $1", a.Stage).Scan(&deed.To)
		if err != nil && store.Found(err) == store.ErrNotFound {
			return deed, input.Refuse("stage", "there is no such stage any more")
		}
		if err != nil {
			return deed, err
		}
	}
	return deed, d.amend(ctx, crmcore.Amendment{Stage: a.Stage})
}

func (d *doing) task(ctx context.Context, a Effect) (deed timeline.RuleDeed, err error) {
	user, _, err := d.pick(ctx, d.tx, *a.To, d.f)
	if err != nil {
		return deed, err
	}
	todo := timeline.NewTask{Title: d.worded(a.Title), Body: a.Text, User: user}
	if a.In > 0 {
		due := later(d.f.now, a.In, a.Unit)
		todo.Due = &due
	}
	made, err := timeline.LeaveTask(ctx, d.tx, d.f.Ref, todo)
	if err != nil {
		return deed, err
	}
	d.told.records = append(d.told.records, made.Entities...)
	deed = timeline.RuleDeed{What: string(task), Name: todo.Title}
	deed.To, err = callingOf(ctx, d.tx, user)
	return deed, err
}

// later is so many hours, or days of the calendar, after a time.
func later(at time.Time, n int, unit Unit) time.Time {
	if unit == hours {
		return at.Add(time.Duration(n) * time.Hour)
	}
	return at.AddDate(0, 0, n)
}

func (d *doing) notify(ctx context.Context, a Effect) (deed timeline.RuleDeed, err error) {
	users, err := d.Automation.all(ctx, d.tx, *a.To, d.f)
	if err != nil {
		return deed, err
	}
	deed = timeline.RuleDeed{What: string(notify), Name: d.worded(a.Title)}
	about := d.f.Named
	if err := notice.Tell(ctx, d.tx, notice.UserNotice{What: notice.Rule, Text: deed.Name, Name: d.rule.Name,
		About: &about}, users...); err != nil {
		return deed, err
	}
	d.told.users = append(d.told.users, users...)
	names, err := people.Names(ctx, d.tx, users...)
	var said []string
	for _, u := range users[:min(len(users), 5)] {
		said = append(said, names[u])
	}
	deed.To = strings.Join(said, ", ")
	return deed, err
}

// HookEvent is the event that a rule tells one webhook, whatever types that one wants.
const HookEvent = "automation.webhook"

// Hooked is the data of HookEvent.
type Hooked struct {
	Webhook string       `json:"webhook"` // id
	Rule    string       `json:"rule"`
	Name    string       `json:"name"` // of the rule
	Run     string       `json:"run"`
	Record  record.Named `json:"record"`
}

func (d *doing) hook(ctx context.Context, a Effect) (deed timeline.RuleDeed, err error) {
	deed = timeline.RuleDeed{What: string(hook)}
	if d.ports.Webhook == nil {
		return deed, input.Refuse("webhook", "there are none")
	}
	if deed.Name, err = d.ports.Webhook(ctx, d.tx, a.Webhook); err != nil {
		return deed, err
	}
	return deed, d.tx.Tell(ctx, store.Event{Type: HookEvent, Key: d.f.ID,
		Data: Hooked{a.Webhook, d.rule.ID, d.rule.Name, d.run, d.f.Named}})
}

// worded is a text with the record's name in its place.
func (d *doing) worded(text string) string {
	text = strings.ReplaceAll(text, "{name}", d.f.Name)
	runes := []rune(text)
	return string(runes[:min(len(runes), input.MaxTitle)])
}

// unite are values of two lists, each once.
func unite(a, b []string) []string {
	out := slices.Clone(a)
	for _, v := range b {
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}
