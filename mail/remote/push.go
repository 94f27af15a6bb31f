package remote

import (
	"bytes"
	"context"
	"database/sql"
	"io"
	"slices"

	"github.com/emersion/go-imap/v2"

	"frontdesk/store"
)

// deed is what was done here with the copy of a message, and not there so far.
type deed struct {
	link
	gone bool
	to   string // id of the folder here that the copy is in
	now  link   // flags of the copy
}

// push does there what was done here: flags, moves between mirrored folders, and deletions of single messages.
func (c *session) push(ctx context.Context) error {
	rows, err := c.db.Query(ctx, `SELECT r.folder, r.uid, r.message, r.seen, r.flagged, r.answered, m.id, m.folder, m.seen, m.flagged, m.answered
		FROM mail_remote_message r JOIN mail_remote_folder f ON f.id = r.folder LEFT JOIN mail_message m ON m.id = r.message
		WHERE f.account = $1 AND f.local <> '' AND r.message <> '' AND (m.id IS NULL OR m.folder <> f.local OR m.seen <> r.seen OR m.flagged <> r.flagged OR m.answered <> r.answered)`,
		c.account.ID)
	deeds, err := store.Collect(rows, err, scanDeed)
	if err != nil {
		return err
	}
	for i := range c.folders {
		f := &c.folders[i]
		mine := slices.DeleteFunc(slices.Clone(deeds), func(d deed) bool { return d.folder != f.ID })
		if len(mine) == 0 {
			continue
		}
		if err := c.pushFolder(ctx, f, mine); err != nil {
			return err
		}
	}
	return nil
}

func scanDeed(row store.Row) (d deed, err error) {
	var id, folder sql.NullString
	var seen, flagged, answered sql.NullBool
	err = row.Scan(&d.folder, &d.uid, &d.message, &d.seen, &d.flagged, &d.answered, &id, &folder, &seen, &flagged,
		&answered)
	d.gone, d.to, d.now = !id.Valid, folder.String, d.link
	d.now.seen, d.now.flagged, d.now.answered = seen.Bool, flagged.Bool, answered.Bool
	return d, err
}

func (c *session) pushFolder(ctx context.Context, f *RemoteFolder, deeds []deed) error {
	selected := false
	choose := func() error {
		if selected {
			return nil
		}
		selected = true
		_, err := c.client.Select(f.Name, c.selecting()).Wait()
		return err
	}
	var gone []deed
	moves := map[string][]deed{}
	for _, d := range deeds {
		switch {
		case d.gone:
			gone = append(gone, d)
			continue
		case d.to != f.local && c.mirrorOf(d.to) != nil:
			moves[d.to] = append(moves[d.to], d)
		}
		if d.now != d.link {
			if err := choose(); err != nil {
				return err
			}
			if err := c.flagThere(ctx, d); err != nil {
				return err
			}
		}
	}
	for to, list := range moves {
		if err := choose(); err != nil {
			return err
		}
		if err := c.moveThere(ctx, list, c.mirrorOf(to)); err != nil {
			return err
		}
	}
	if len(gone) == 0 {
		return nil
	}
	if err := choose(); err != nil {
		return err
	}
	return c.deleteThere(ctx, gone)
}

// mirrorOf is the folder there of one here; nil when there is none.
func (c *session) mirrorOf(local string) *RemoteFolder {
	for i := range c.folders {
		if c.folders[i].local == local {
			return &c.folders[i]
		}
	}
	return nil
}

func (c *session) flagThere(ctx context.Context, d deed) error {
	set := imap.UIDSetNum(imap.UID(d.uid))
	for _, f := range []struct {
		was, is bool
		flag    imap.Flag
	}{{d.seen, d.now.seen, imap.FlagSeen}, {d.flagged, d.now.flagged, imap.FlagFlagged},
		{d.answered, d.now.answered, imap.FlagAnswered}} {
		if f.was == f.is {
			continue
		}
		op := imap.StoreFlagsDel
		if f.is {
			op = imap.StoreFlagsAdd
		}
		if err := c.client.Store(set, &imap.StoreFlags{Op: op, Silent: true, Flags: []imap.Flag{f.flag}}, nil).
			Close(); err != nil {
			return err
		}
	}
	return d.now.agree(ctx, c.db)
}

// moveThere moves messages of the selected folder. Where the server tells their new UIDs they stay linked; else, and
// in a folder that is mirrored, they are recognised when they are fetched from it.
func (c *session) moveThere(ctx context.Context, list []deed, to *RemoteFolder) error {
	set := imap.UIDSet{}
	for _, d := range list {
		set.AddNum(imap.UID(d.uid))
	}
	told, err := c.client.Move(set, to.Name).Wait()
	if err != nil {
		return err
	}
	fresh := newUIDs(told.SourceUIDs, told.DestUIDs)
	return c.db.Tx(ctx, func(tx *store.Tx) error {
		for _, d := range list {
			if err := d.drop(ctx, tx); err != nil {
				return err
			}
			uid, known := fresh[d.uid]
			if !known || !to.Chosen || told.UIDValidity != to.validity || uid >= to.next {
				continue // fetched from there like new mail, and recognised
			}
			moved := d.now
			moved.folder, moved.uid = to.ID, uid
			if err := moved.insert(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// newUIDs pairs the UIDs of COPYUID (RFC 4315 section 3).
func newUIDs(from, to imap.NumSet) map[uint32]uint32 {
	source, ok := from.(imap.UIDSet)
	dest, ok2 := to.(imap.UIDSet)
	if !ok || !ok2 {
		return nil
	}
	a, _ := source.Nums()
	b, _ := dest.Nums()
	if len(a) != len(b) {
		return nil
	}
	pairs := map[uint32]uint32{}
	for i := range a {
		pairs[uint32(a[i])] = uint32(b[i])
	}
	return pairs
}

// deleteThere removes messages of the selected folder for good. A server without UIDPLUS would remove others with them:
// there they are only marked.
func (c *session) deleteThere(ctx context.Context, list []deed) error {
	set := imap.UIDSet{}
	for _, d := range list {
		set.AddNum(imap.UID(d.uid))
	}
	if err := c.client.Store(set,
		&imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: []imap.Flag{imap.FlagDeleted}}, nil).
		Close(); err != nil {
		return err
	}
	if c.client.Caps().Has(imap.CapUIDPlus) {
		if err := c.client.UIDExpunge(set).Close(); err != nil {
			return err
		}
	}
	return c.db.Tx(ctx, func(tx *store.Tx) error {
		for _, d := range list {
			if err := d.drop(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// upload puts what was sent from here into Sent there, unless its server does that by itself. It looks first: an upload
// that was cut short may have succeeded.
func (c *session) upload(ctx context.Context) error {
	at := slices.IndexFunc(c.folders, func(f RemoteFolder) bool { return f.Use == "Sent" })
	if at < 0 || c.account.keepsSent || !c.folders[at].Chosen || !c.folders[at].filled {
		return nil
	}
	f := &c.folders[at]
	rows, err := c.db.Query(ctx, `SELECT m.id, m.blob, m.message_id, m.seen, m.flagged, m.answered FROM mail_message m WHERE m.folder = $1 AND m.outgoing
		AND m.received_at >= $2 AND NOT EXISTS (SELECT 1 FROM mail_remote_message r WHERE r.message = m.id)`, f.local, store.Micros(c.account.created))
	list, err := store.Collect(rows, err, func(row store.Row) (s sent, err error) {
		return s, row.Scan(&s.message, &s.blob, &s.name, &s.seen, &s.flagged, &s.answered)
	})
	if err != nil {
		return err
	}
	for _, s := range list {
		if err := c.uploadOne(ctx, f, s); err != nil {
			return err
		}
	}
	return nil
}

// sent is a message that was sent from here.
type sent struct {
	link
	blob, name string
}

func (c *session) uploadOne(ctx context.Context, f *RemoteFolder, s sent) error {
	if s.name != "" {
		if uid, err := c.find(f, s.name); err != nil || uid > 0 && uid < f.next {
			s.folder, s.uid = f.ID, uid
			if err == nil {
				err = s.insert(ctx, c.db)
			}
			return err
		} else if uid > 0 {
			return nil // fetched with the next pass, and recognised
		}
	}
	r, err := c.blobs.Open(ctx, s.blob)
	if err != nil {
		return err
	}
	defer r.Close()
	content, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	adding := c.client.Append(f.Name, int64(len(content)), &imap.AppendOptions{Flags: []imap.Flag{imap.FlagSeen}})
	if _, err := io.Copy(adding, bytes.NewReader(content)); err != nil {
		return err
	}
	if err := adding.Close(); err != nil {
		return err
	}
	_, err = adding.Wait() // it is recognised when it is fetched
	return err
}
