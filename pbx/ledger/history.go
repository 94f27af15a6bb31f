package ledger

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"frontdesk/store"
	"frontdesk/store/query"
)

// Records lists calls, the newest first, and the cursor of the next page: "" at the end.
func (l *Ledger) Records(ctx context.Context, f Filter) (page []Record, next string, err error) {
	if f.Limit <= 0 || f.Limit > 200 {
		f.Limit = 50
	}
	page, err = l.find(ctx, f.conditions(), f.Before, f.Limit+1, firstWindow)
	if err != nil {
		return nil, "", fmt.Errorf("calls: %w", err)
	}
	if len(page) > f.Limit {
		page = page[:f.Limit]
		next = page[f.Limit-1].ID
	}
	return page, next, l.readPeople(ctx, page)
}

// Record is one call, running or ended, with its steps; ErrNotFound.
func (l *Ledger) Record(ctx context.Context, id string) (Record, error) {
	found, err := l.RecordsOf(ctx, []string{id})
	if err == nil && len(found) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Record{}, err
	}
	return found[0], nil
}

// RecordsOf are those of the calls that have one, each with its steps.
func (l *Ledger) RecordsOf(ctx context.Context, calls []string) ([]Record, error) {
	var records []Record
	byID := map[string]*Record{}
	steps := query.New(`SELECT call, kind, users, trunk, number, item, begun_at, ended_at, outcome, answered_by FROM call_step WHERE call`).
		In(calls).Add(" ORDER BY call, position")
	err := l.db.ReadAll(ctx, append([]store.Read{
		query.Into(func(row store.Row) (Record, error) { return scanRecord(row) },
			query.New("SELECT "+recordColumns+" FROM call_record WHERE id").In(calls), &records),
		reading(steps, func(row store.Row) error { return scanStep(row, index(records, byID)) })},
		people(calls, func(call string) *Record { return index(records, byID)[call] })...))
	return records, err
}

// index finds records by their id; byID is filled once they are read.
func index(records []Record, byID map[string]*Record) map[string]*Record {
	if len(byID) == 0 {
		for i := range records {
			byID[records[i].ID] = &records[i]
		}
	}
	return byID
}

func reading(q *query.Builder, line func(row store.Row) error) store.Read {
	return store.Read{Query: q.String(), Args: q.Args, Line: line}
}

// readPeople fills in who took part in a page of records.
func (l *Ledger) readPeople(ctx context.Context, page []Record) error {
	if len(page) == 0 {
		return nil
	}
	byID, ids := map[string]*Record{}, make([]string, len(page))
	for i := range page {
		ids[i], byID[page[i].ID] = page[i].ID, &page[i]
	}
	return l.db.ReadAll(ctx, people(ids, func(call string) *Record { return byID[call] }))
}

// people reads who took part in calls.
func people(calls []string, of func(call string) *Record) []store.Read {
	users := query.New("SELECT call, user_id, role FROM call_user WHERE call").In(calls)
	guests := query.New("SELECT call, number, name FROM call_guest WHERE call").In(calls)
	return []store.Read{
		reading(users.Add(" ORDER BY call, role, position"), func(row store.Row) error {
			var call, user, role string
			err := row.Scan(&call, &user, &role)
			if r := of(call); r != nil && role == "took" {
				r.Users = append(r.Users, user)
			} else if r != nil {
				r.Rang = append(r.Rang, user)
			}
			return err
		}),
		reading(guests.Add(" ORDER BY call, position"), func(row store.Row) error {
			var call string
			var g Guest
			err := row.Scan(&call, &g.Number, &g.Name)
			if r := of(call); r != nil {
				r.Guests = append(r.Guests, g)
			}
			return err
		})}
}

// maxAsked are asked for in one statement.
const maxAsked = 500

// MeetingsOf are the meetings of those of the ids that are calls, by call: "" of a call into none.
func MeetingsOf(ctx context.Context, db *store.DB, ids []string) (map[string]string, error) {
	of := map[string]string{}
	for some := range slices.Chunk(ids, maxAsked) {
		marks, args := make([]string, len(some)), make([]any, len(some))
		for i, id := range some {
			marks[i], args[i] = "$"+strconv.Itoa(i+1), id
		}
		rows, err := db.Query(ctx, `SELECT id, meeting FROM call_record WHERE id IN (`+strings.Join(marks, ", ")+`)`,
			args...)
		_, err = store.Collect(rows, err, func(row store.Row) (none struct{}, err error) {
			var call, meeting string
			err = row.Scan(&call, &meeting)
			of[call] = meeting
			return none, err
		})
		if err != nil {
			return nil, err
		}
	}
	return of, nil
}
