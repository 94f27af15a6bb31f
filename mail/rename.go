package mail

import (
	"context"
	"fmt"
	"strings"

	"frontdesk/store"
)

// DeleteFolder removes a folder with its messages; INBOX and the special ones are ErrSpecial.
func (b *Box) DeleteFolder(ctx context.Context, mailboxID, name string) error {
	return b.change(ctx, mailboxID, func(tx *store.Tx) error {
		f, err := folderByName(ctx, tx, mailboxID, name)
		if err != nil {
			return err
		}
		if f.Name == Inbox || f.Use != "" {
			return fmt.Errorf("%s: %w", f.Name, ErrSpecial)
		}
		if err := removeAll(ctx, tx, f); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `DELETE FROM mail_folder WHERE id = $1`, f.ID)
		return err
	})
}

// RenameFolder renames a folder and those below it. INBOX is emptied into the new name instead (RFC 9051 section
// 6.3.6).
func (b *Box) RenameFolder(ctx context.Context, mailboxID, name, to string) error {
	to, err := folderName(to)
	if err != nil {
		return err
	}
	return b.change(ctx, mailboxID, func(tx *store.Tx) error {
		f, err := folderByName(ctx, tx, mailboxID, name)
		if err != nil {
			return err
		}
		switch {
		case f.Name == Inbox:
			return emptyInto(ctx, tx, f, to)
		case f.Use != "" || strings.HasPrefix(to, f.Name+"/"):
			return fmt.Errorf("%s: %w", f.Name, ErrSpecial)
		}
		return rename(ctx, tx, f, to)
	})
}

func rename(ctx context.Context, tx *store.Tx, f Folder, to string) error {
	_, err := tx.Exec(ctx, `UPDATE mail_folder SET name = $1 || substr(name, $2) WHERE mailbox = $3 AND (name = $4 OR substr(name, 1, $5) = $6)`,
		to, len([]rune(f.Name))+1, f.Mailbox, f.Name, len([]rune(f.Name))+1, f.Name+"/")
	if store.IsUnique(err) {
		return fmt.Errorf("folder %s: %w", to, ErrExists)
	}
	return err
}

// emptyInto moves all of INBOX into a new folder.
func emptyInto(ctx context.Context, tx *store.Tx, inbox Folder, name string) error {
	to, err := createFolder(ctx, tx, inbox.Mailbox, name, "")
	if err != nil {
		return err
	}
	uids, err := allUIDs(ctx, tx, inbox.ID)
	if err != nil || len(uids) == 0 {
		return err
	}
	states, err := messageStates(ctx, tx, inbox.ID, uids)
	if err != nil {
		return err
	}
	_, err = move(ctx, tx, inbox, states, to)
	return err
}
