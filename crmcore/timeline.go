package crmcore

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Timeline is what happened with a record, newest first. A company's shows that of its contacts and deals too, as far
// as the actor may read them.
func (c *Core) Timeline(ctx context.Context, actor people.User, ref record.Ref,
	p record.Page) (record.List[Activity], error) {
	if _, err := record.Permit(ctx, c.db, actor, ref); err != nil {
		return record.List[Activity]{}, err
	}
	q := query.New("SELECT " + activityColumns + " FROM (").With(entries(ref, people.Readable(actor, "t")))
	q.Add(") e JOIN activity a ON a.id = e.activity")
	if p.Cursor != "" {
		at, id, err := readMoment(p.Cursor)
		if err != nil {
			return record.List[Activity]{}, err
		}
		q.Add(" WHERE (e.at, e.activity) < (?, ?)", at, id)
	}
	limit := record.PageLimit(p.Limit)
	found, err := activities(ctx, c.db, q.Add(fmt.Sprintf(" ORDER BY e.at DESC, e.activity DESC LIMIT %d", limit+1)))
	if err != nil {
		return record.List[Activity]{}, err
	}
	list := record.List[Activity]{Items: found}
	if len(found) > limit {
		list.Items, list.Next = found[:limit], moment(found[limit-1])
	}
	return list, c.show(ctx, actor, list.Items)
}

// entries selects (at, activity) of a record's timeline; of a company's contacts and deals those that the predicate
// over t admits.
func entries(ref record.Ref, admit func(*query.Builder)) func(*query.Builder) {
	return func(q *query.Builder) {
		q.Add("SELECT at, activity FROM activity_entity WHERE entity_kind = ? AND entity_id = ?", ref.Kind, ref.ID)
		if ref.Kind != record.Company {
			return
		}
		for _, kind := range []record.Kind{record.Contact, record.Deal} {
			q.Add(" UNION SELECT at, activity FROM activity_entity WHERE entity_kind = '"+string(kind)+
				"' AND entity_id IN (SELECT t.id FROM "+string(kind)+" t WHERE t.company = ? AND (", ref.ID)
			q.With(admit).Add("))")
		}
	}
}

func moment(a Activity) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d\n%s", store.Micros(a.At), a.ID))
}

func readMoment(cursor string) (at int64, id string, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	when, id, found := strings.Cut(string(raw), "\n")
	at, number := strconv.ParseInt(when, 10, 64)
	if err != nil || number != nil || !found || len(cursor) > 1000 {
		return 0, "", input.Refuse("cursor", "is not one of ours; start from the first page")
	}
	return at, id, nil
}

// Activity reads one activity of those the actor takes part in or whose records he may read.
func (c *Core) Activity(ctx context.Context, actor people.User, id string) (Activity, error) {
	a, err := activityFor(ctx, c.db, actor, id)
	return c.shown(ctx, actor, a, err)
}

func activityFor(ctx context.Context, db store.Queries, actor people.User, id string) (Activity, error) {
	found, err := activities(ctx, db, query.New("SELECT "+activityColumns+" FROM activity a WHERE a.id = ?", id))
	if err != nil {
		return Activity{}, err
	}
	if len(found) == 0 {
		return Activity{}, ErrNotFound
	}
	a := found[0]
	if a.User == actor.ID || actor.SeesAll() {
		return a, nil
	}
	for _, ref := range a.Entities {
		if _, err := record.Permit(ctx, db, actor, ref); !errors.Is(err, people.ErrForbidden) {
			return a, err
		}
	}
	return Activity{}, people.ErrForbidden
}

// AddNote writes a note on a record's timeline.
func (c *Core) AddNote(ctx context.Context, actor people.User, ref record.Ref, body string) (Activity, error) {
	if err := input.Texts(input.Bound("body", &body, 1, input.MaxComment)); err != nil {
		return Activity{}, err
	}
	return c.add(ctx, actor, ref, entry{Activity: Activity{Kind: "note", At: store.Now(), User: actor.ID, Body: body}})
}

// NewTask is a task to add; User defaults to the actor.
type NewTask struct {
	Title string     `json:"title"`
	Body  string     `json:"body,omitempty"`
	User  string     `json:"user,omitempty"`
	Due   *time.Time `json:"due,omitempty"`
}

// AddTask puts a task on a record's timeline and on its user's day.
func (c *Core) AddTask(ctx context.Context, actor people.User, ref record.Ref, t NewTask) (Activity, error) {
	t.User = cmp.Or(t.User, actor.ID)
	if err := input.Texts(input.Bound("title", &t.Title, 1, input.MaxTitle),
		input.Bound("body", &t.Body, 0, input.MaxComment)); err != nil {
		return Activity{}, err
	}
	if err := people.CheckUser(ctx, c.db, "user", t.User); err != nil {
		return Activity{}, err
	}
	return c.add(ctx, actor, ref, entry{waiting: true,
		Activity: Activity{Kind: "task", At: store.Now(), User: t.User, Title: t.Title, Body: t.Body, Due: t.Due,
			Outcome: "open"}})
}

// add writes an entry about a record that the actor may change.
func (c *Core) add(ctx context.Context, actor people.User, ref record.Ref, e entry) (Activity, error) {
	e.ID = store.NewID()
	err := c.db.Tx(ctx, func(tx *store.Tx) (err error) {
		if _, err = record.Permit(ctx, tx, actor, ref); err != nil {
			return err
		}
		if e.Entities, err = related(ctx, tx, ref); err != nil {
			return err
		}
		if _, err = e.insert(ctx, tx); err != nil {
			return err
		}
		return tellTask(ctx, tx, taskCreated, e.Activity)
	})
	if err == nil {
		c.tell(ctx, e.Entities)
	}
	return c.shown(ctx, actor, e.Activity, err)
}

// tell announces that timelines changed.
func (c *Core) tell(ctx context.Context, refs []record.Ref) {
	for _, ref := range refs {
		c.hooks.Changed(ctx, ref)
	}
}

// SetDone closes a task or opens it again.
func (c *Core) SetDone(ctx context.Context, actor people.User, task string, done bool) (Activity, error) {
	var a Activity
	err := c.db.Tx(ctx, func(tx *store.Tx) (err error) {
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
			func() error { return setWaiting(ctx, tx, []string{a.ID}, !done, "") })
		if err != nil {
			return err
		}
		return tellTask(ctx, tx, map[bool]string{true: taskDone, false: taskOpened}[done], a)
	})
	if err != nil {
		return Activity{}, err
	}
	c.tell(ctx, a.Entities)
	return c.shown(ctx, actor, a, nil)
}

// Choose says whom a call or mail was with, where several clients share the address or it was only similar: it and
// the follow-up it left stay on that timeline alone. The actor must see the record it goes to and all that it leaves
// (ErrForbidden), unless nobody chose yet and it was he who took part; what was changed on a record stays on it.
func (c *Core) Choose(ctx context.Context, actor people.User, activity string, ref record.Ref) (Activity, error) {
	var a Activity
	var before []record.Ref
	err := c.db.Tx(ctx, func(tx *store.Tx) (err error) {
		if a, err = activityFor(ctx, tx, actor, activity); err != nil {
			return err
		}
		if a.Kind == "change" {
			return input.Refuse("activity", "what was changed on a record stays on it")
		}
		ends := []record.Ref{ref}
		if !a.Several || a.User != actor.ID {
			ends = append(ends, a.Entities...)
		}
		if err = permitAll(ctx, tx, actor, ends); err != nil {
			return err
		}
		before, a.Several = a.Entities, false
		if a.Entities, err = withDeal(ctx, tx, ref); err != nil {
			return err
		}
		return relink(ctx, tx, a)
	})
	if err != nil {
		return Activity{}, err
	}
	c.tell(ctx, append(before, a.Entities...))
	return c.shown(ctx, actor, a, nil)
}

func permitAll(ctx context.Context, db store.Queries, actor people.User, refs []record.Ref) error {
	for _, ref := range refs {
		if _, err := record.Permit(ctx, db, actor, ref); err != nil {
			return err
		}
	}
	return nil
}

// relink replaces the links of an activity and of the tasks it left.
func relink(ctx context.Context, tx *store.Tx, a Activity) error {
	if _, err := tx.Exec(ctx, "UPDATE activity SET several = FALSE WHERE id = $1", a.ID); err != nil {
		return err
	}
	left, err := activities(ctx, tx, query.New("SELECT "+activityColumns+
		" FROM activity a WHERE a.kind = 'task' AND a.waiting AND a.address = ? AND a.source = ?", a.Address, a.ID))
	if err != nil {
		return err
	}
	for _, each := range append(left, a) {
		if _, err := tx.Exec(ctx, "DELETE FROM activity_entity WHERE activity = $1", each.ID); err != nil {
			return err
		}
		if err := link(ctx, tx, each.ID, each.At, a.Entities); err != nil {
			return err
		}
	}
	return nil
}

// withDeal are the timelines of what happens with a client: a contact's only open deal goes along, of several none.
func withDeal(ctx context.Context, db store.Queries, ref record.Ref) ([]record.Ref, error) {
	if ref.Kind != record.Contact {
		return related(ctx, db, ref)
	}
	open, err := query.All(ctx, db, query.Text,
		query.New("SELECT d.id FROM deal d JOIN stage s ON s.id = d.stage WHERE d.contact = ? AND s.kind = 'open' LIMIT 2", ref.ID))
	if len(open) == 1 {
		return []record.Ref{ref, record.Deal.Ref(open[0])}, err
	}
	return []record.Ref{ref}, err
}
