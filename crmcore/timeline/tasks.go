package timeline

import (
	"cmp"
	"context"
	"time"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// AddNote writes a note on a record's timeline.
func (t *Timelines) AddNote(ctx context.Context, actor people.User, ref record.Ref, body string) (Activity, error) {
	if err := input.Texts(input.Bound("body", &body, 1, input.MaxComment)); err != nil {
		return Activity{}, err
	}
	return t.add(ctx, actor, ref, Entry{Activity: Activity{Kind: "note", At: store.Now(), User: actor.ID, Body: body}})
}

// NewTask is a task to add; User defaults to the actor.
type NewTask struct {
	Title string     `json:"title"`
	Body  string     `json:"body,omitempty"`
	User  string     `json:"user,omitempty"`
	Due   *time.Time `json:"due,omitempty"`
}

// LeaveTask puts a task of somebody's on the timeline of a record in a transaction of the caller's, and tells it.
func LeaveTask(ctx context.Context, tx *store.Tx, ref record.Ref, task NewTask) (a Activity, err error) {
	e := Entry{Waiting: true, Activity: Activity{ID: store.NewID(), Kind: "task", At: store.Now(), User: task.User,
		Title: task.Title, Body: task.Body, Due: task.Due, Outcome: "open"}}
	if e.Entities, err = related(ctx, tx, ref); err != nil {
		return a, err
	}
	if _, err = e.Insert(ctx, tx); err != nil {
		return a, err
	}
	return e.Activity, TellTask(ctx, tx, TaskCreated, e.Activity)
}

// AddTask puts a task on a record's timeline and on its user's day.
func (t *Timelines) AddTask(ctx context.Context, actor people.User, ref record.Ref, task NewTask) (Activity, error) {
	task.User = cmp.Or(task.User, actor.ID)
	if err := input.Texts(input.Bound("title", &task.Title, 1, input.MaxTitle),
		input.Bound("body", &task.Body, 0, input.MaxComment)); err != nil {
		return Activity{}, err
	}
	if err := people.CheckUser(ctx, t.db, "user", task.User); err != nil {
		return Activity{}, err
	}
	return t.add(ctx, actor, ref, Entry{Waiting: true,
		Activity: Activity{Kind: "task", At: store.Now(), User: task.User, Title: task.Title, Body: task.Body,
			Due: task.Due, Outcome: "open"}})
}

// add writes an entry about a record that the actor may change.
func (t *Timelines) add(ctx context.Context, actor people.User, ref record.Ref, e Entry) (Activity, error) {
	e.ID = store.NewID()
	err := t.db.Tx(ctx, func(tx *store.Tx) (err error) {
		if _, err = record.Permit(ctx, tx, actor, ref); err != nil {
			return err
		}
		if e.Entities, err = related(ctx, tx, ref); err != nil {
			return err
		}
		if _, err = e.Insert(ctx, tx); err != nil {
			return err
		}
		return TellTask(ctx, tx, TaskCreated, e.Activity)
	})
	if err == nil {
		t.Tell(ctx, e.Entities)
	}
	return t.shown(ctx, actor, e.Activity, err)
}

// SetDone closes a task or opens it again.
func (t *Timelines) SetDone(ctx context.Context, actor people.User, task string, done bool) (Activity, error) {
	var a Activity
	err := t.db.Tx(ctx, func(tx *store.Tx) (err error) {
		if a, err = activityFor(ctx, tx, actor, task); err != nil {
			return err
		}
		if a.Kind != "task" {
			return input.Refuse("task", "only tasks can be done")
		}
		a.Outcome = "open"
		if done {
			a.Outcome = "done"
		}
		if !done && people.CheckUser(ctx, tx, "user", a.User) != nil {
			a.User = actor.ID // who had it is gone
		}
		err = query.Steps(
			func() error {
				_, err := tx.Exec(ctx, "UPDATE activity SET outcome = $1, dedupe = NULL, user_id = $2 WHERE id = $3",
					a.Outcome, a.User, a.ID)
				return err
			},
			func() error { return SetWaiting(ctx, tx, []string{a.ID}, !done, "") })
		if err != nil {
			return err
		}
		return TellTask(ctx, tx, map[bool]string{true: taskDone, false: taskOpened}[done], a)
	})
	if err != nil {
		return Activity{}, err
	}
	t.Tell(ctx, a.Entities)
	return t.shown(ctx, actor, a, nil)
}
