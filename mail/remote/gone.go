package remote

import (
	"context"
	"database/sql"
	"errors"

	"github.com/emersion/go-imap/v2"

	"frontdesk/mail"
	"frontdesk/store"
)

// removed deletes the copies of what is in no mirrored folder any more; what is in the provider's archive is archived.
func (c *session) removed(ctx context.Context, gone map[string]link) error {
	for _, l := range gone {
		if err := c.remove(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

func (c *session) remove(ctx context.Context, l link) error {
	f := c.byID(l.folder)
	if f == nil || l.message == "" {
		return l.drop(ctx, c.db)
	}
	uids, err := c.uidsHere(ctx, f.local, []link{l})
	if err != nil {
		return err
	}
	uid, here := uids[l.message]
	if !here {
		return l.drop(ctx, c.db)
	}
	at, err := c.box.FolderByID(ctx, f.local)
	if err != nil {
		return err
	}
	if twin, err := c.twin(ctx, l); err != nil {
		return err
	} else if twin != nil {
		return c.replace(ctx, l, *twin, at, uid)
	}
	archived, err := c.archived(ctx, l)
	if err != nil {
		return err
	}
	if archived {
		to, err := c.box.Folder(ctx, c.account.Mailbox, "Archive")
		if err == nil {
			_, err = c.box.MoveUIDs(ctx, at, []uint32{uid}, to)
		}
		return errors.Join(err, l.drop(ctx, c.db))
	}
	// The link goes first: what is deleted here must not be taken for a person's deed and be done there.
	if err := l.drop(ctx, c.db); err != nil {
		return err
	}
	return c.expunge(ctx, at, uid)
}

// twin is another copy of the message that left, in another folder: it was moved just before we saw that it left.
func (c *session) twin(ctx context.Context, l link) (*twin, error) {
	var t twin
	row := c.db.QueryRow(ctx, `SELECT m.folder, m.uid, r.folder, r.uid, r.message, r.seen, r.flagged, r.answered FROM mail_message m JOIN mail_remote_message r ON r.message = m.id
		WHERE m.mailbox = $1 AND m.id <> $2 AND m.blob = (SELECT blob FROM mail_message WHERE id = $2) ORDER BY m.id DESC LIMIT 1`, c.account.Mailbox, l.message)
	err := row.Scan(&t.at, &t.here, &t.folder, &t.uid, &t.message, &t.seen, &t.flagged, &t.answered)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	return &t, err
}

// twin is a link, and where its copy is here.
type twin struct {
	link
	at   string // folder
	here uint32 // UID
}

// replace puts the message that left in its twin's place: it stays the same one, for whoever referred to it.
func (c *session) replace(ctx context.Context, l link, t twin, at mail.Folder, uid uint32) error {
	to, err := c.box.FolderByID(ctx, t.at)
	if err != nil {
		return err
	}
	if to.ID != at.ID {
		if _, err := c.box.MoveUIDs(ctx, at, []uint32{uid}, to); err != nil {
			return err
		}
	}
	err = c.db.Tx(ctx, func(tx *store.Tx) error {
		if err := l.drop(ctx, tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE mail_remote_message SET message = $1 WHERE folder = $2 AND uid = $3`, l.message, t.folder, int64(t.uid))
		return err
	})
	if err != nil {
		return err
	}
	return c.expunge(ctx, to, t.here)
}

func (c *session) expunge(ctx context.Context, at mail.Folder, uid uint32) error {
	if _, err := c.box.ChangeFlags(ctx, at, []uint32{uid}, mail.AddFlags, mail.Flags{Deleted: true}); err != nil {
		return err
	}
	_, err := c.box.Expunge(ctx, at, []uint32{uid})
	return err
}

// archived tells whether a message is still in a folder that keeps everything and is not mirrored.
func (c *session) archived(ctx context.Context, l link) (bool, error) {
	var id string
	err := c.db.QueryRow(ctx, `SELECT message_id FROM mail_message WHERE id = $1`, l.message).Scan(&id)
	if err != nil || id == "" {
		return false, store.Found(err)
	}
	for i := range c.folders {
		f := &c.folders[i]
		if f.Chosen || f.Use != "All" && f.Use != "Archive" {
			continue
		}
		if uid, err := c.find(f, id); err != nil || uid > 0 {
			return uid > 0, err
		}
	}
	return false, nil
}

// find looks for a message in a folder there by its Message-ID. 0 when it is not in it.
func (c *session) find(f *RemoteFolder, id string) (uint32, error) {
	if _, err := c.client.Select(f.Name, c.selecting()).Wait(); err != nil {
		return 0, err
	}
	found, err := c.client.UIDSearch(
		&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-ID", Value: "<" + id + ">"}}},
		nil).Wait()
	if err != nil {
		return 0, err
	}
	uids := found.AllUIDs()
	if len(uids) == 0 {
		return 0, nil
	}
	return uint32(uids[len(uids)-1]), nil
}

func (c *session) byID(id string) *RemoteFolder {
	for i := range c.folders {
		if c.folders[i].ID == id {
			return &c.folders[i]
		}
	}
	return nil
}
