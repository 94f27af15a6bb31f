package ledger

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"frontdesk/store"
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
	r, err := scanRecord(l.db.QueryRow(ctx, `SELECT `+recordColumns+` FROM call_record WHERE id = $1`, id))
	if err != nil {
		return Record{}, store.Found(err)
	}
	if r.Steps, err = l.steps(ctx, id); err != nil {
		return Record{}, err
	}
	page := []Record{r}
	err = l.readPeople(ctx, page)
	return page[0], err
}

// readPeople fills in who took part in a page of records.
func (l *Ledger) readPeople(ctx context.Context, page []Record) error {
	if len(page) == 0 {
		return nil
	}
	byID, ids, marks := map[string]*Record{}, []any{}, []string{}
	for i := range page {
		byID[page[i].ID] = &page[i]
		ids = append(ids, page[i].ID)
		marks = append(marks, "$"+strconv.Itoa(i+1))
	}
	these := ` WHERE call IN (` + strings.Join(marks, ", ") + `) ORDER BY call, `
	rows, err := l.db.Query(ctx, `SELECT call, user_id, role FROM call_user`+these+`role, position`, ids...)
	_, err = store.Collect(rows, err, func(row store.Row) (none struct{}, err error) {
		var call, user, role string
		if err = row.Scan(&call, &user, &role); err != nil {
			return none, err
		}
		if r := byID[call]; r != nil && role == "took" {
			r.Users = append(r.Users, user)
		} else if r != nil {
			r.Rang = append(r.Rang, user)
		}
		return none, nil
	})
	if err != nil {
		return err
	}
	rows, err = l.db.Query(ctx, `SELECT call, number, name FROM call_guest`+these+`position`, ids...)
	_, err = store.Collect(rows, err, func(row store.Row) (g Guest, err error) {
		var call string
		err = row.Scan(&call, &g.Number, &g.Name)
		if r := byID[call]; r != nil {
			r.Guests = append(r.Guests, g)
		}
		return g, err
	})
	return err
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
