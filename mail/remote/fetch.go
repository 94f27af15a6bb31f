package remote

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"frontdesk/mail"
	"frontdesk/mail/mime"
	"frontdesk/store"
	"frontdesk/store/query"
)

const (
	together  = 200     // messages that are fetched at once
	committed = 50      // … of which so many are stored in one transaction
	writers   = 8       // contents that are written at a time
	large     = 1 << 20 // bytes from which on one is written alone
)

// letter is a message that was fetched.
type letter struct {
	link
	blob     string
	size     int64
	parsed   *mime.Message
	received time.Time
	draft    bool
}

// fetch brings messages of the selected folder here, with their flags.
func (c *session) fetch(ctx context.Context, f *RemoteFolder, uids []uint32, past bool, gone map[string]link) error {
	letters, err := c.download(ctx, f, uids)
	if err != nil {
		return err
	}
	slices.SortFunc(letters, func(a, b *letter) int { return int(int64(a.uid) - int64(b.uid)) })
	for part := range slices.Chunk(letters, committed) {
		if err := c.keep(ctx, f, part, past, gone); err != nil {
			return err
		}
	}
	return nil
}

// download fetches messages and stores their contents, several at a time.
func (c *session) download(ctx context.Context, f *RemoteFolder, uids []uint32) (letters []*letter, err error) {
	if _, err := c.client.Select(f.Name, c.selecting()).Wait(); err != nil {
		return nil, err
	}
	set := imap.UIDSet{}
	for _, uid := range uids {
		set.AddNum(imap.UID(uid))
	}
	whole := &imap.FetchItemBodySection{Peek: true}
	fetching := c.client.Fetch(set,
		&imap.FetchOptions{UID: true, Flags: true, InternalDate: true,
			BodySection: []*imap.FetchItemBodySection{whole}})
	var storing sync.WaitGroup
	slots, failed := make(chan struct{}, writers), make(chan error, writers)
	for {
		m := fetching.Next()
		if m == nil {
			break
		}
		l, content, err := c.receive(f, m)
		if err != nil {
			fetching.Close()
			storing.Wait()
			return nil, err
		}
		if l.uid == 0 || content == nil {
			continue // flags that it told on its own, or a message that went meanwhile
		}
		letters = append(letters, l)
		slots <- struct{}{}
		store := func() {
			defer func() { <-slots }()
			if err := c.write(ctx, l, content); err != nil {
				select {
				case failed <- err:
				default:
				}
			}
		}
		if len(content) > large {
			storing.Wait()
			store()
			continue
		}
		storing.Go(store)
	}
	storing.Wait()
	if err := fetching.Close(); err != nil {
		return nil, err
	}
	select {
	case err := <-failed:
		return nil, err
	default:
		return letters, nil
	}
}

// receive reads one message. What is bigger than we take is read past: it stays there alone.
func (c *session) receive(f *RemoteFolder, m *imapclient.FetchMessageData) (l *letter, content []byte, err error) {
	l = &letter{link: link{folder: f.ID}}
	for {
		item := m.Next()
		if item == nil {
			return l, content, nil
		}
		switch item := item.(type) {
		case imapclient.FetchItemDataUID:
			l.uid = uint32(item.UID)
		case imapclient.FetchItemDataFlags:
			l.link = l.with(item.Flags)
			l.draft = slices.Contains(item.Flags, imap.FlagDraft)
		case imapclient.FetchItemDataInternalDate:
			l.received = item.Time
		case imapclient.FetchItemDataBodySection:
			if item.Literal == nil {
				continue
			}
			if content, err = io.ReadAll(io.LimitReader(item.Literal, c.config.MaxSize+1)); err != nil {
				return nil, nil, err
			}
			if int64(len(content)) > c.config.MaxSize {
				c.log.Warn("a mail kept elsewhere is too big to be fetched", "account", c.account.ID, "bytes",
					item.Literal.Size())
				io.Copy(io.Discard, item.Literal)
				content = []byte{}
			}
		}
	}
}

// write stores the content of a letter; of one that is too big there is none.
func (c *session) write(ctx context.Context, l *letter, content []byte) (err error) {
	if len(content) == 0 {
		return nil
	}
	l.parsed = mime.ParseBytes(content)
	l.blob, l.size, err = c.blobs.Put(ctx, bytes.NewReader(content))
	return err
}

// keep stores letters, each once: what is here already is only linked.
func (c *session) keep(ctx context.Context, f *RemoteFolder, letters []*letter, past bool, gone map[string]link) error {
	at, err := c.box.FolderByID(ctx, f.local)
	if err != nil {
		return err
	}
	if err := c.moved(ctx, at, letters, gone); err != nil {
		return err
	}
	if err := c.here(ctx, at, letters); err != nil {
		return err
	}
	var fresh []*letter
	var additions []mail.Addition
	for _, l := range letters {
		if l.message == "" && l.parsed != nil {
			fresh, additions = append(fresh, l), append(additions, c.addition(f, at, l, past))
		}
	}
	err = c.db.Tx(ctx, func(tx *store.Tx) error {
		if len(additions) > 0 {
			refs, err := c.box.AppendAllTx(ctx, tx, additions)
			if err != nil {
				return err
			}
			for i, ref := range refs {
				fresh[i].message = ref.ID
			}
		}
		for _, l := range letters {
			if err := l.insert(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		for _, l := range fresh {
			l.message = ""
		}
		return fmt.Errorf("folder %s: %w", f.Name, err)
	}
	c.box.Changed(c.account.Mailbox)
	return nil
}

func (c *session) addition(f *RemoteFolder, at mail.Folder, l *letter, past bool) mail.Addition {
	byUs := strings.EqualFold(l.parsed.Author().Address, c.account.Address)
	a := mail.Addition{Mailbox: c.account.Mailbox, Folder: at.Name, Blob: l.blob, Size: l.size, Parsed: l.parsed,
		Received: l.received, Flags: mail.Flags{Seen: l.seen, Flagged: l.flagged, Answered: l.answered, Draft: l.draft},
		Verdict:  verdict(l.parsed, c.account.IMAP),
		Outgoing: f.Use == "Sent" || byUs && f.Use != useInbox, Past: past}
	a.Verdict.Junk = f.Use == "Junk"
	a.Intake = f.Use != "Junk" && f.Use != "Trash" && f.Use != "Drafts" && !l.draft
	return a
}

// moved takes letters for messages that left another folder in the same pass: they move here, too, and stay what they
// are.
func (c *session) moved(ctx context.Context, to mail.Folder, letters []*letter, gone map[string]link) error {
	if len(gone) == 0 {
		return nil
	}
	q := query.New(`SELECT id, blob, folder, uid FROM mail_message WHERE mailbox = ?`, c.account.Mailbox).Add(` AND blob`).In(blobsOf(letters))
	copies, err := query.All(ctx, c.db,
		func(row store.Row) (m copied, err error) { return m, row.Scan(&m.id, &m.blob, &m.folder, &m.uid) }, q)
	if err != nil {
		return err
	}
	for _, m := range copies {
		left, went := gone[m.id]
		at := slices.IndexFunc(letters, func(l *letter) bool { return l.blob == m.blob && l.message == "" })
		if !went || at < 0 {
			continue
		}
		if m.folder != to.ID {
			from, err := c.box.FolderByID(ctx, m.folder)
			if err != nil {
				return err
			}
			if _, err := c.box.MoveUIDs(ctx, from, []uint32{m.uid}, to); err != nil {
				return err
			}
		}
		if err := left.drop(ctx, c.db); err != nil {
			return err
		}
		letters[at].message = m.id
		delete(gone, m.id)
	}
	return nil
}

// copied is a message here.
type copied struct {
	id, blob, folder, name string
	uid                    uint32
}

func blobsOf(letters []*letter) (blobs []string) {
	for _, l := range letters {
		if l.blob != "" {
			blobs = append(blobs, l.blob)
		}
	}
	return blobs
}

// here links letters with messages of the folder that belong to none there: what was sent from here and is in Sent
// there, and everything once UIDs were given anew.
func (c *session) here(ctx context.Context, at mail.Folder, letters []*letter) error {
	var ids []string
	for _, l := range letters {
		if l.parsed != nil && l.parsed.MessageID != "" {
			ids = append(ids, l.parsed.MessageID)
		}
	}
	const unlinked = ` AND NOT EXISTS (SELECT 1 FROM mail_remote_message r WHERE r.message = m.id)`
	q := query.New(`SELECT m.id, m.blob, m.message_id FROM mail_message m WHERE m.mailbox = ? AND m.folder = ? AND (m.blob`, c.account.Mailbox, at.ID).
		In(blobsOf(letters)).Add(` OR m.message_id`).In(ids).Add(`)` + unlinked)
	copies, err := query.All(ctx, c.db,
		func(row store.Row) (m copied, err error) { return m, row.Scan(&m.id, &m.blob, &m.name) }, q)
	if err != nil {
		return err
	}
	for _, m := range copies {
		same := func(l *letter) bool {
			return l.message == "" && l.parsed != nil &&
				(l.blob == m.blob || m.name != "" && l.parsed.MessageID == m.name)
		}
		if at := slices.IndexFunc(letters, same); at >= 0 {
			letters[at].message = m.id
		}
	}
	return nil
}

// uidsHere are the UIDs of copies that are in a folder here, by message.
func (c *session) uidsHere(ctx context.Context, folder string, links []link) (map[string]uint32, error) {
	var ids []string
	for _, l := range links {
		ids = append(ids, l.message)
	}
	q := query.New(`SELECT id, uid FROM mail_message WHERE folder = ? AND id`, folder).In(ids)
	list, err := query.All(ctx, c.db,
		func(row store.Row) (m copied, err error) { return m, row.Scan(&m.id, &m.uid) }, q)
	uids := map[string]uint32{}
	for _, m := range list {
		uids[m.id] = m.uid
	}
	return uids, err
}
