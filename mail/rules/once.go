package rules

import (
	"database/sql"
	"errors"
)

// errOnce ends a transaction whose work was done before.
var errOnce = errors.New("it was done before")

// once fails with errOnce where a statement changed nothing.
func once(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return errOnce
}

func unlessOnce(err error) error {
	if errors.Is(err, errOnce) {
		return nil
	}
	return err
}
