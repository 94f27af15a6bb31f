package mail

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"frontdesk/mail/mime/coding"
	"frontdesk/store"
)

// Inbox is the name of the folder every mailbox has (RFC 9051 section 5.1).
const Inbox = "INBOX"

// maxFolders of one mailbox, against a client gone wild.
const maxFolders = 1000

func createStandardFolders(ctx context.Context, tx *store.Tx, mailbox string) error {
	if _, err := createFolder(ctx, tx, mailbox, Inbox, ""); err != nil {
		return err
	}
	for _, use := range []string{"Sent", "Drafts", "Junk", "Trash", "Archive"} {
		if _, err := createFolder(ctx, tx, mailbox, use, use); err != nil {
			return err
		}
	}
	return nil
}

// createFolder inserts a folder with a UIDVALIDITY never used in this mailbox. It holds the mailbox's lock from then
// on.
func createFolder(ctx context.Context, tx *store.Tx, mailbox, name, use string) (Folder, error) {
	f := Folder{ID: store.NewID(), Mailbox: mailbox, Name: name, Use: use, Next: 1}
	err := tx.QueryRow(ctx, `UPDATE mailbox SET validity = CASE WHEN validity < $1 THEN $1 ELSE validity + 1 END WHERE id = $2 RETURNING validity`,
		time.Now().Unix(), mailbox).Scan(&f.Validity)
	if errors.Is(err, sql.ErrNoRows) {
		return f, ErrNoMailbox
	}
	if err != nil {
		return f, err
	}
	_, err = tx.Exec(ctx, `INSERT INTO mail_folder (id, mailbox, name, special_use, uid_validity, uid_next, modseq, total, unseen, subscribed)
		VALUES ($1, $2, $3, $4, $5, 1, 1, 0, 0, $6)`, f.ID, mailbox, name, use, int64(f.Validity), true)
	if store.IsUnique(err) {
		return f, fmt.Errorf("folder %s: %w", name, ErrExists)
	}
	return f, err
}

// folderName checks a name and gives INBOX its one spelling.
func folderName(name string) (string, error) {
	name = strings.TrimSuffix(name, "/")
	if head, rest, _ := strings.Cut(name, "/"); strings.EqualFold(head, Inbox) {
		name = strings.TrimSuffix(Inbox+"/"+rest, "/")
	}
	bad := name == "" || len(name) > 250 || strings.HasPrefix(name, "/") || strings.Contains(name, "//") ||
		strings.ContainsFunc(name, unicode.IsControl) || strings.ContainsAny(name, "*%")
	if bad || coding.Clean(name, len(name)) != name {
		return "", fmt.Errorf("folder %q: %w", name, ErrInvalid)
	}
	return name, nil
}

// CreateFolder makes a folder; ErrExists, ErrInvalid.
func (b *Box) CreateFolder(ctx context.Context, mailboxID, name string) (f Folder, err error) {
	if name, err = folderName(name); err != nil {
		return f, err
	}
	err = b.db.Tx(ctx, func(tx *store.Tx) error {
		var n int
		if err := tx.QueryRow(ctx, `SELECT count(*) FROM mail_folder WHERE mailbox = $1`,
			mailboxID).Scan(&n); err != nil {
			return err
		}
		if n >= maxFolders {
			return fmt.Errorf("a mailbox has at most %d folders: %w", maxFolders, ErrInvalid)
		}
		f, err = createFolder(ctx, tx, mailboxID, name, "")
		return err
	})
	if err == nil {
		b.Changed(mailboxID)
	}
	return f, err
}

// Folders lists those of a mailbox: INBOX, the special ones, then by name.
func (b *Box) Folders(ctx context.Context, mailboxID string) ([]Folder, error) {
	return folders(ctx, b.db, `mailbox = $1 ORDER BY CASE WHEN name = 'INBOX' THEN 0 WHEN special_use <> '' THEN 1 ELSE 2 END, name`, mailboxID)
}

// Folder is one by name, or ErrNotFound.
func (b *Box) Folder(ctx context.Context, mailboxID, name string) (Folder, error) {
	return folderByName(ctx, b.db, mailboxID, name)
}

// FolderByID is one by id, or ErrNotFound.
func (b *Box) FolderByID(ctx context.Context, id string) (Folder, error) {
	return firstFolder(folders(ctx, b.db, `id = $1`, id))
}

func folderByName(ctx context.Context, q store.Queries, mailboxID, name string) (Folder, error) {
	name, err := folderName(name)
	if err != nil {
		return Folder{}, err
	}
	return firstFolder(folders(ctx, q, `mailbox = $1 AND name = $2`, mailboxID, name))
}

func firstFolder(list []Folder, err error) (Folder, error) { return firstOf(list, err, ErrNotFound) }

func folders(ctx context.Context, q store.Queries, where string, args ...any) ([]Folder, error) {
	rows, err := q.Query(ctx, `SELECT id, mailbox, name, special_use, total, unseen, uid_validity, uid_next, recent, modseq, subscribed FROM mail_folder WHERE `+where, args...)
	return store.Collect(rows, err, func(row store.Row) (f Folder, err error) {
		err = row.Scan(&f.ID, &f.Mailbox, &f.Name, &f.Use, &f.Total, &f.Unseen, &f.Validity, &f.Next, &f.Recent,
			&f.ModSeq, &f.Subscribed)
		return f, err
	})
}

// Subscribe marks a folder as one that clients show. Of a folder that is gone the name alone is kept, or forgotten.
func (b *Box) Subscribe(ctx context.Context, mailboxID, name string, subscribed bool) error {
	name, err := folderName(name)
	if err != nil {
		return err
	}
	return b.db.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM mail_lost_subscription WHERE mailbox = $1 AND name = $2`, mailboxID,
			name); err != nil {
			return err
		}
		done, err := tx.Exec(ctx, `UPDATE mail_folder SET subscribed = $1 WHERE mailbox = $2 AND name = $3`, subscribed,
			mailboxID, name)
		if err != nil || !subscribed {
			return err
		}
		if n, err := done.RowsAffected(); n > 0 || err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `INSERT INTO mail_lost_subscription (mailbox, name) VALUES ($1, $2)`, mailboxID, name)
		return err
	})
}

// LostSubscriptions are the subscribed names of a mailbox whose folders are gone.
func (b *Box) LostSubscriptions(ctx context.Context, mailboxID string) ([]string, error) {
	rows, err := b.db.Query(ctx, `SELECT name FROM mail_lost_subscription WHERE mailbox = $1
		AND NOT EXISTS (SELECT 1 FROM mail_folder f WHERE f.mailbox = $1 AND f.name = mail_lost_subscription.name) ORDER BY name`, mailboxID)
	return store.Collect(rows, err, one[string])
}

// change runs fn in a transaction that holds the mailbox's lock, then tells of the change.
func (b *Box) change(ctx context.Context, mailboxID string, fn func(tx *store.Tx) error) error {
	err := b.db.Tx(ctx, func(tx *store.Tx) error {
		if err := lock(ctx, tx, mailboxID); err != nil {
			return err
		}
		return fn(tx)
	})
	if err == nil {
		b.Changed(mailboxID)
	}
	return err
}

// folderOf is a folder of one of the user's mailboxes, or ErrNotFound.
func (b *Box) folderOf(ctx context.Context, user, folderID string) (Folder, error) {
	return firstFolder(folders(ctx, b.db, `id = $1 AND EXISTS (SELECT 1 FROM mailbox_user u WHERE u.mailbox = mail_folder.mailbox AND u.user_id = $2)`, folderID, user))
}
