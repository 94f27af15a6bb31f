package store

import (
	"context"
	"errors"
)

// OpenAt makes a database as it was before the migrations beyond a number, writes to it, and opens it as this program
// does.
func OpenAt(ctx context.Context, url string, number int64, statements ...string) (*DB, error) {
	older, err := connect(url, false)
	if err != nil {
		return nil, err
	}
	m, err := migrator(older)
	if err == nil {
		_, err = m.UpTo(ctx, number)
	}
	for _, statement := range statements {
		if err == nil {
			_, err = older.write.ExecContext(ctx, statement)
		}
	}
	if err = errors.Join(err, older.Close()); err != nil {
		return nil, err
	}
	return Open(ctx, url)
}
