package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"frontdesk/store"
	keep "frontdesk/store/backup"
	"frontdesk/store/blob"
)

// transfer is what `db copy` and `db compare` are asked to do.
type transfer struct {
	from, to           string
	blobsFrom, blobsTo string
}

// db copies a company's data to another database and store, or compares the two.
func db(ctx context.Context, args []string) error {
	if len(args) == 0 || args[0] != "copy" && args[0] != "compare" {
		return errors.New("db: say what to do: `frontdesk db copy …` or `frontdesk db compare …`")
	}
	flags := flag.NewFlagSet("db "+args[0], flag.ContinueOnError)
	var t transfer
	flags.StringVar(&t.from, "from", "",
		"database with the data: sqlite:///path/to/frontdesk.db or postgres://user@host/name (PGPASSWORD in the "+
			"environment)")
	flags.StringVar(&t.to, "to", "", "the other database; to copy, a new and empty one")
	flags.StringVar(&t.blobsFrom, "blobs-from", "",
		"where the mails are: the folder blobs in the data folder, or s3://… as in the configuration")
	flags.StringVar(&t.blobsTo, "blobs-to", "", "where they shall be")
	if err := parse(flags, args[1:]); err != nil {
		return err
	}
	if (t.from == "") != (t.to == "") || (t.blobsFrom == "") != (t.blobsTo == "") || t.from+t.blobsFrom == "" {
		return fmt.Errorf("%s: --from and --to go together, and so do --blobs-from and --blobs-to", flags.Name())
	}
	if args[0] == "compare" {
		return t.run(ctx, blob.Compare, store.Compare)
	}
	return t.run(ctx, blob.Copy, store.Copy)
}

// run does the blobs first: they can be copied again and again, and a database that names them is only made when they
// are there.
func (t transfer) run(ctx context.Context, blobs func(ctx context.Context, from, to blob.Store,
	say func(string)) error, rows func(ctx context.Context, from, to string, say func(string)) error) error {
	if t.blobsFrom != "" {
		if _, err := os.Stat(t.blobsFrom); err != nil && !strings.Contains(t.blobsFrom, "://") {
			return fmt.Errorf("--blobs-from: %w", err) // opening would make it
		}
		from, err := keep.Contents(ctx, t.blobsFrom)
		if err != nil {
			return fmt.Errorf("--blobs-from: %w", err)
		}
		to, err := keep.Contents(ctx, t.blobsTo)
		if err != nil {
			return fmt.Errorf("--blobs-to: %w", err)
		}
		if err := blobs(ctx, from, to, printed); err != nil {
			return err
		}
	}
	if t.from != "" {
		return rows(ctx, t.from, t.to, printed)
	}
	return nil
}
