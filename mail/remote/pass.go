package remote

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"frontdesk/mail"
	"frontdesk/store"
)

// pass brings both sides together once. more is set while messages of the past are still to be fetched.
func (c *session) pass(ctx context.Context) (more bool, err error) {
	for i := range c.folders {
		if c.folders[i].local != "" {
			if err := c.lost(ctx, &c.folders[i]); err != nil {
				return false, err
			}
		}
	}
	if err := c.push(ctx); err != nil {
		return false, err
	}
	gone, err := c.compare(ctx)
	if err != nil {
		return false, err
	}
	for i := range c.folders {
		f := &c.folders[i]
		if !f.Chosen || f.local == "" {
			continue
		}
		if err := c.arrivals(ctx, f, gone); err != nil {
			return false, err
		}
		if err := c.fill(ctx, f, gone); err != nil {
			return false, err
		}
		more = more || len(c.past[f.ID]) > 0
	}
	if err := c.removed(ctx, gone); err != nil {
		return false, err
	}
	return more, c.upload(ctx)
}

// seen is what the server says of a folder.
func (c *session) status(f *RemoteFolder) (*imap.StatusData, error) {
	return c.client.Status(f.Name,
		&imap.StatusOptions{NumMessages: true, UIDNext: true, UIDValidity: true, HighestModSeq: c.modseqs}).Wait()
}

// compare looks for what left folders there, or has other flags. What left is found again in another folder, or
// removed here at the end of the pass.
func (c *session) compare(ctx context.Context) (gone map[string]link, err error) {
	gone = map[string]link{} // by message
	for i := range c.folders {
		f := &c.folders[i]
		if !f.Chosen || f.local == "" {
			continue
		}
		d, err := c.status(f)
		if err != nil {
			return nil, fmt.Errorf("folder %s: %w", f.Name, err)
		}
		switch {
		case f.next == 0 || d.UIDValidity != f.validity:
			err = c.begin(ctx, f, d)
		case c.modseqs && d.HighestModSeq == f.modseq && count(d) == f.total:
			continue
		default:
			err = c.differ(ctx, f, d, gone)
		}
		if err != nil {
			return nil, fmt.Errorf("folder %s: %w", f.Name, err)
		}
	}
	return gone, nil
}

func count(d *imap.StatusData) uint32 {
	if d.NumMessages == nil {
		return 0
	}
	return *d.NumMessages
}

// begin takes a folder in that was not looked at so far, or whose UIDs count no more (RFC 9051 section 2.3.1.1): what
// is here already is recognised when it is fetched again.
func (c *session) begin(ctx context.Context, f *RemoteFolder, d *imap.StatusData) error {
	return c.db.Tx(ctx, func(tx *store.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM mail_remote_message WHERE folder = $1`, f.ID); err != nil {
			return err
		}
		delete(c.past, f.ID)
		f.validity, f.next, f.modseq, f.total, f.filled = d.UIDValidity, max(uint32(d.UIDNext), 1), d.HighestModSeq,
			count(d), false
		return f.saw(ctx, tx)
	})
}

// differ compares the messages that both sides have.
func (c *session) differ(ctx context.Context, f *RemoteFolder, d *imap.StatusData, gone map[string]link) error {
	links, err := c.links(ctx, f.ID)
	if err != nil {
		return err
	}
	if len(links) > 0 {
		if _, err := c.client.Select(f.Name, c.selecting()).Wait(); err != nil {
			return err
		}
		if err := c.vanished(f, links, gone); err != nil {
			return err
		}
		if err := c.reflag(ctx, f, links); err != nil {
			return err
		}
	}
	f.modseq, f.total = d.HighestModSeq, count(d)
	return f.saw(ctx, c.db)
}

// vanished collects the links whose messages are there no more.
func (c *session) vanished(f *RemoteFolder, links map[uint32]link, gone map[string]link) error {
	least := slices.Min(slices.Collect(maps.Keys(links)))
	all := imap.UIDSet{}
	all.AddRange(imap.UID(least), 0)
	found, err := c.client.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{all}}, nil).Wait()
	if err != nil {
		return err
	}
	there := map[uint32]bool{}
	for _, uid := range found.AllUIDs() {
		there[uint32(uid)] = true
	}
	for uid, l := range links {
		if !there[uid] {
			gone[cmp.Or(l.message, fmt.Sprint(l.folder, l.uid))] = l
			delete(links, uid)
		}
	}
	return nil
}

// reflag gives messages here the flags that they have there. What was changed here has been done there before.
func (c *session) reflag(ctx context.Context, f *RemoteFolder, links map[uint32]link) error {
	uids := imap.UIDSet{}
	for uid := range links {
		uids.AddNum(imap.UID(uid))
	}
	if len(links) == 0 {
		return nil
	}
	options := &imap.FetchOptions{UID: true, Flags: true}
	if c.modseqs {
		options.ChangedSince = f.modseq
	}
	list, err := c.client.Fetch(uids, options).Collect()
	if err != nil {
		return err
	}
	var changed []link
	for _, m := range list {
		l, known := links[uint32(m.UID)]
		now := l.with(m.Flags)
		if known && now != l && l.message != "" {
			changed = append(changed, now)
		}
	}
	for part := range slices.Chunk(changed, 200) {
		if err := c.flagHere(ctx, f, part); err != nil {
			return err
		}
	}
	return nil
}

// flagHere changes the flags of the copies, and notes it.
func (c *session) flagHere(ctx context.Context, f *RemoteFolder, links []link) error {
	at, err := c.box.FolderByID(ctx, f.local)
	if err != nil {
		return err
	}
	uids, err := c.uidsHere(ctx, f.local, links)
	if err != nil {
		return err
	}
	groups := map[[3]bool][]uint32{}
	for _, l := range links {
		if uid, here := uids[l.message]; here {
			key := [3]bool{l.seen, l.flagged, l.answered}
			groups[key] = append(groups[key], uid)
		}
	}
	for key, list := range groups {
		for i, flag := range []mail.Flags{{Seen: true}, {Flagged: true}, {Answered: true}} {
			op := mail.RemoveFlags
			if key[i] {
				op = mail.AddFlags
			}
			if _, err := c.box.ChangeFlags(ctx, at, list, op, flag); err != nil {
				return err
			}
		}
	}
	return c.db.Tx(ctx, func(tx *store.Tx) error {
		for _, l := range links {
			if err := l.agree(ctx, tx); err != nil {
				return err
			}
		}
		return nil
	})
}

// fill fetches a part of what is to come from the past.
func (c *session) fill(ctx context.Context, f *RemoteFolder, gone map[string]link) error {
	if f.filled {
		return nil
	}
	left, begun := c.past[f.ID]
	if !begun {
		var err error
		if left, err = c.backlog(ctx, f); err != nil {
			return err
		}
		c.past[f.ID] = left
		if err := c.progress(ctx, len(left), 0); err != nil {
			return err
		}
	}
	part := left[:min(len(left), together)]
	if len(part) > 0 {
		if err := c.fetch(ctx, f, part, true, gone); err != nil {
			return err
		}
		c.past[f.ID] = left[len(part):]
		if err := c.progress(ctx, 0, len(part)); err != nil {
			return err
		}
	}
	if len(c.past[f.ID]) > 0 {
		return nil
	}
	f.filled = true
	return f.saw(ctx, c.db)
}

// backlog are the UIDs of the past that are not here so far, the newest first.
func (c *session) backlog(ctx context.Context, f *RemoteFolder) ([]uint32, error) {
	if _, err := c.client.Select(f.Name, c.selecting()).Wait(); err != nil {
		return nil, err
	}
	since := time.Now().AddDate(0, 0, -c.account.Days)
	found, err := c.client.UIDSearch(&imap.SearchCriteria{Since: since}, nil).Wait()
	if err != nil {
		return nil, err
	}
	links, err := c.links(ctx, f.ID)
	if err != nil {
		return nil, err
	}
	var left []uint32
	for _, uid := range found.AllUIDs() {
		if _, here := links[uint32(uid)]; !here && uint32(uid) < f.next {
			left = append(left, uint32(uid))
		}
	}
	return newest(left), nil
}

// progress shows how far the fetching of the past is. The count begins anew when all that was known of is here.
func (c *session) progress(ctx context.Context, more, done int) error {
	_, err := c.db.Exec(ctx, `UPDATE mail_remote SET done = CASE WHEN done >= todo THEN 0 ELSE done END + $1,
		todo = CASE WHEN done >= todo THEN 0 ELSE todo END + $2 WHERE id = $3 AND ($1 > 0 OR $2 > 0)`, done, more, c.account.ID)
	if err == nil && (more > 0 || done > 0) {
		c.config.Changed(ctx, c.account.ID)
	}
	return err
}

// arrivals fetches new mail.
func (c *session) arrivals(ctx context.Context, f *RemoteFolder, gone map[string]link) error {
	d, err := c.status(f)
	if err != nil {
		return err
	}
	if d.UIDValidity != f.validity || uint32(d.UIDNext) <= f.next {
		return nil
	}
	if _, err := c.client.Select(f.Name, c.selecting()).Wait(); err != nil {
		return err
	}
	fresh := imap.UIDSet{}
	fresh.AddRange(imap.UID(f.next), 0)
	found, err := c.client.UIDSearch(&imap.SearchCriteria{UID: []imap.UIDSet{fresh}}, nil).Wait()
	if err != nil {
		return err
	}
	var uids []uint32
	for _, uid := range found.AllUIDs() {
		if uint32(uid) >= f.next {
			uids = append(uids, uint32(uid))
		}
	}
	slices.Sort(uids)
	for part := range slices.Chunk(uids, together) {
		if err := c.fetch(ctx, f, part, false, gone); err != nil {
			return err
		}
		f.next = part[len(part)-1] + 1
		if err := f.saw(ctx, c.db); err != nil {
			return err
		}
	}
	f.next = max(f.next, uint32(d.UIDNext))
	return f.saw(ctx, c.db)
}
