// Package bin keeps deleted records of the CRM for some time, each with all that brings it back as it was: addresses,
// fields, its timeline, and what pointed to it. A record in the bin is in no list, and no caller is taken for it.
package bin

import (
	"context"
	"encoding/base64"
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

// Cause is why something is in the bin.
type Cause string

const (
	ByHand Cause = ""
	Import Cause = "import" // an import was taken back
	Merge  Cause = "merge"  // it was merged into another record
)

// Deleted is a record in the bin.
type Deleted struct {
	record.Ref
	Name        string    `json:"name"`
	Responsible string    `json:"responsible"`
	By          string    `json:"by" doc:"Id of the user who deleted it"`
	At          time.Time `json:"at"`
	Cause       Cause     `json:"cause" enum:",import,merge"`
	CauseID     string    `json:"cause_id,omitempty" doc:"Of the import or merge"`
}

const columns = "SELECT t.id, t.kind, t.name, t.responsible, t.user_id, t.at, t.cause, t.cause_id FROM bin t WHERE "

func scanDeleted(r store.Row) (i Deleted, err error) {
	var at int64
	err = r.Scan(&i.ID, &i.Kind, &i.Name, &i.Responsible, &i.By, &at, &i.Cause, &i.CauseID)
	i.At = store.Time(at)
	return i, err
}

// List are the records of a kind, or of all, in the bin that the actor could see when they were none, the latest first.
func List(ctx context.Context, db store.Queries, actor people.User, kind record.Kind,
	p record.Page) (record.List[Deleted], error) {
	q := query.New(columns).With(people.Readable(actor, "t"))
	if kind != "" {
		q.Add(" AND t.kind = ?", kind)
	}
	if p.Cursor != "" {
		at, id, err := readCursor(p.Cursor)
		if err != nil {
			return record.List[Deleted]{}, err
		}
		q.Add(" AND (t.at, t.id) < (?, ?)", at, id)
	}
	limit := record.PageLimit(p.Limit)
	items, err := query.All(ctx, db, scanDeleted, q.Add(" ORDER BY t.at DESC, t.id DESC LIMIT ?", limit+1))
	list := record.List[Deleted]{Items: items}
	if len(items) > limit {
		list.Items, list.Next = items[:limit], cursorAt(items[limit-1])
	}
	return list, err
}

func cursorAt(i Deleted) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%d %s", store.Micros(i.At), i.ID))
}

func readCursor(cursor string) (at int64, id string, err error) {
	raw, err := base64.RawURLEncoding.DecodeString(cursor)
	when, id, found := strings.Cut(string(raw), " ")
	at, number := strconv.ParseInt(when, 10, 64)
	if err != nil || number != nil || !found || len(cursor) > 1000 {
		return 0, "", input.Refuse("cursor", "is not one of ours; start from the first page")
	}
	return at, id, nil
}

// find is what stands in the bin under the id of a record: store.ErrNotFound, ErrForbidden.
func find(ctx context.Context, db store.Queries, actor people.User, id string) (Deleted, error) {
	item, err := query.One(ctx, db, scanDeleted, query.New(columns+"t.id = ?", id))
	if err != nil || actor.SeesAll() {
		return item, err
	}
	q := query.New(columns+"t.id = ? AND ", id).With(people.Readable(actor, "t"))
	seen, err := query.All(ctx, db, scanDeleted, q)
	if err == nil && len(seen) == 0 {
		err = people.ErrForbidden
	}
	return item, err
}

// Caused are the ids of the records in the bin for one cause.
func Caused(ctx context.Context, db store.Queries, cause Cause, id string) ([]string, error) {
	return query.All(ctx, db, query.Text, query.New("SELECT id FROM bin WHERE cause_id = ? AND cause = ?", id, cause))
}
