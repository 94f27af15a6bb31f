package person

import (
	"context"

	"frontdesk/store"
	"frontdesk/store/query"
)

// forgetEvents deletes the events, and the jobs that nobody does any more, that have one of the texts in what they
// tell: a person's name, number or address.
func forgetEvents(ctx context.Context, db *store.DB, texts []string) error {
	for _, t := range texts {
		like := "%" + query.EscapeLike(t) + "%"
		for _, table := range []string{"event WHERE data", "event WHERE public", "outbox WHERE data",
			"outbox WHERE public", "job WHERE state = 'dead' AND payload"} {
			if _, err := db.Exec(ctx, "DELETE FROM "+table+` LIKE $1 ESCAPE '\'`, like); err != nil {
				return err
			}
		}
	}
	return nil
}
