package store

import (
	"context"
	"errors"
	"io/fs"
)

// Schema tells whether a database fits this version of the program.
type Schema string

const (
	SchemaMissing Schema = "missing" // an empty database, or a file to be made: the first start makes the tables
	SchemaCurrent Schema = "current"
	SchemaOlder   Schema = "older" // the next start brings it up to date
)

// Look tells what is in a database without changing it. That of a newer version of the program is an error.
func Look(ctx context.Context, rawURL string) (Schema, error) {
	db, err := connect(rawURL, true)
	if errors.Is(err, fs.ErrNotExist) {
		return SchemaMissing, nil
	}
	if err != nil {
		return "", err
	}
	defer db.Close()
	had, err := applied(ctx, db)
	if err != nil || had == nil {
		return SchemaMissing, err
	}
	known, err := knownMigrations()
	if err != nil {
		return "", err
	}
	state := SchemaCurrent
	for _, version := range known {
		if !had[version] {
			state = SchemaOlder
		}
		delete(had, version)
	}
	if len(had) > 0 {
		return "", errors.New("it is of a newer version of the program: use that one")
	}
	return state, nil
}
