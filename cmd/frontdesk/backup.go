package main

import (
	"context"
	"flag"
	"fmt"
	"path/filepath"
	"time"

	keep "frontdesk/store/backup"
)

// backup is `frontdesk backup`.
func backup(ctx context.Context, args []string) error {
	place, folder, err := backupFlags("backup", "to", "folder for the backup: a new one, or that of the last", args)
	if err != nil {
		return err
	}
	if err := keep.Make(ctx, place, folder, printed); err != nil {
		return fmt.Errorf("backup: %w", err)
	}
	printed("The backup in " + folder + " is whole.")
	return nil
}

// restore is `frontdesk restore`.
func restore(ctx context.Context, args []string) error {
	place, folder, err := backupFlags("restore", "from", "folder of the backup", args)
	if err != nil {
		return err
	}
	made, err := keep.Restore(ctx, folder, place, printed)
	if err != nil {
		return fmt.Errorf("restore: %w", err)
	}
	printed("All is back as it was at " + made.Format(time.RFC3339) + ". Now start the server.")
	return nil
}

func printed(line string) { fmt.Println(line) }

func backupFlags(command, where, what string, args []string) (of keep.Place, folder string, err error) {
	flags := flag.NewFlagSet(command, flag.ContinueOnError)
	file := flags.String("config", "", "configuration file of the server")
	flags.StringVar(&folder, where, "", what)
	if err := parse(flags, args); err != nil {
		return of, "", err
	}
	if folder == "" {
		return of, "", fmt.Errorf("%s: --%s FOLDER is missing", command, where)
	}
	c, err := configOf(*file)
	of = keep.Place{Database: c.Database, Blobs: c.Blobs, Data: c.Data, Seal: filepath.Join(c.Data, sealKey)}
	return of, folder, err
}
