package timeline

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Timeline is what happened with a record, newest first. A company's shows that of its contacts and deals too, as far
// as the actor may read them.
func (t *Timelines) Timeline(ctx context.Context, actor people.User, ref record.Ref,
	p record.Page) (record.List[Activity], error) {
	return t.TimelineOf(ctx, actor, ref, "", p)
}

// TimelineOf is of a timeline what is of one kind; "": all.
func (t *Timelines) TimelineOf(ctx context.Context, actor people.User, ref record.Ref, kind string,
	p record.Page) (record.List[Activity], error) {
	if _, err := record.Permit(ctx, t.db, actor, ref); err != nil {
		return record.List[Activity]{}, err
	}
	q := query.New("SELECT " + Columns + " FROM (").With(Entries(ref, people.Readable(actor, "t")))
	q.Add(") e JOIN activity a ON a.id = e.activity WHERE TRUE")
	if kind != "" {
		q.Add(" AND a.kind = ?", kind)
	}
	if p.Cursor != "" {
		at, id, err := readMoment(p.Cursor)
		if err != nil {
			return record.List[Activity]{}, err
		}
		q.Add(" AND (e.at, e.activity) < (?, ?)", at, id)
	}
	limit := record.PageLimit(p.Limit)
	found, err := Read(ctx, t.db, q.Add(fmt.Sprintf(" ORDER BY e.at DESC, e.activity DESC LIMIT %d", limit+1)))
	if err != nil {
		return record.List[Activity]{}, err
	}
	list := record.List[Activity]{Items: found}
	if len(found) > limit {
		list.Items, list.Next = found[:limit], moment(found[limit-1])
	}
	return list, t.Show(ctx, actor, list.Items)
}

// Calls are the ids of the latest calls on a record's timeline that the actor sees, at most so many.
func (t *Timelines) Calls(ctx context.Context, actor people.User, ref record.Ref, most int) ([]string, error) {
	if _, err := record.Permit(ctx, t.db, actor, ref); err != nil {
		return nil, err
	}
	q := query.New("SELECT a.source FROM (").With(Entries(ref, people.Readable(actor, "t")))
	q.Add(`) e JOIN activity a ON a.id = e.activity WHERE a.kind = 'call' AND a.source <> ''
		ORDER BY e.at DESC LIMIT ?`, most)
	return query.All(ctx, t.db, query.Text, q)
}

// Entries selects (at, activity) of a record's timeline; of a company's contacts and deals those that the predicate
// over t admits.
func Entries(ref record.Ref, admit func(*query.Builder)) func(*query.Builder) {
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
func (t *Timelines) Activity(ctx context.Context, actor people.User, id string) (Activity, error) {
	a, err := activityFor(ctx, t.db, actor, id)
	return t.shown(ctx, actor, a, err)
}

func activityFor(ctx context.Context, db store.Queries, actor people.User, id string) (Activity, error) {
	found, err := Read(ctx, db, query.New("SELECT "+Columns+" FROM activity a WHERE a.id = ?", id))
	if err != nil {
		return Activity{}, err
	}
	if len(found) == 0 {
		return Activity{}, store.ErrNotFound
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
