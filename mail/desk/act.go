package desk

import (
	"context"
	"errors"
	"maps"
	"slices"

	"frontdesk/mail"
	"frontdesk/store"
	"frontdesk/store/query"
)

// ErrUse is told of a special use that no folder has.
var ErrUse = errors.New("no folder of that use: INBOX, Archive, Junk or Trash")

// ThreadRef is a conversation in a mailbox.
type ThreadRef struct {
	Thread  string `json:"thread" maxLength:"100"`
	Mailbox string `json:"mailbox" maxLength:"100"`
}

// Act is what is done with the messages of conversations; what is left out stays.
type Act struct {
	From         string   // id of the folder they are in; "": all but drafts, what was sent and what is in Trash
	Folder       string   // id of the folder they move to
	Use          string   // or its use, in the mailbox of each: INBOX, Archive, Junk, Trash
	Seen         *bool    //
	Flagged      *bool    //
	AddLabels    []string // as people see them
	RemoveLabels []string
}

// Place is where a message was before.
type Place struct {
	ID     string `json:"id"`
	Folder string `json:"folder"`
}

// spot is a message that is acted on.
type spot struct {
	Place
	uid uint32
}

// Do acts on conversations of the user's mailboxes and tells where the messages were. What is not the user's is as if
// it were not there. mail.ErrNotFound when the folder is not the user's.
func (d *Desk) Do(ctx context.Context, user string, list []ThreadRef, act Act) (were []Place, err error) {
	byMailbox := map[string][]string{}
	for _, c := range list {
		byMailbox[c.Mailbox] = append(byMailbox[c.Mailbox], c.Thread)
	}
	for _, mailbox := range slices.Sorted(maps.Keys(byMailbox)) {
		spots, err := d.spots(ctx, user, mailbox, byMailbox[mailbox], act.From)
		if err != nil {
			return were, err
		}
		if err := d.doIn(ctx, user, mailbox, spots, act); err != nil {
			return were, err
		}
		for _, s := range spots {
			were = append(were, s.Place)
		}
	}
	return were, nil
}

// spots are the messages of conversations in one of the user's mailboxes.
func (d *Desk) spots(ctx context.Context, user, mailbox string, threads []string, from string) ([]spot, error) {
	q := query.New(`SELECT m.id, m.folder, m.uid FROM mail_message m JOIN mailbox_user u ON u.mailbox = m.mailbox AND u.user_id = ?
		WHERE m.mailbox = ? AND m.thread`, user, mailbox).In(threads)
	if from != "" {
		q.Add(` AND m.folder = ?`, from)
	} else {
		q.Add(` AND m.folder NOT IN (SELECT id FROM mail_folder WHERE mailbox = ? AND special_use IN ('Sent', 'Drafts', 'Trash'))`, mailbox)
	}
	return query.All(ctx, d.db, func(row store.Row) (s spot, err error) {
		return s, row.Scan(&s.ID, &s.Folder, &s.uid)
	}, q)
}

// doIn acts on messages of one mailbox.
func (d *Desk) doIn(ctx context.Context, user, mailbox string, spots []spot, act Act) error {
	to, moves, err := d.target(ctx, user, mailbox, act)
	if err != nil {
		return err
	}
	byFolder := map[string][]uint32{}
	for _, s := range spots {
		byFolder[s.Folder] = append(byFolder[s.Folder], s.uid)
	}
	for _, id := range slices.Sorted(maps.Keys(byFolder)) {
		f, err := d.box.FolderByID(ctx, id)
		if err != nil {
			return err
		}
		if err := d.flag(ctx, f, byFolder[id], act); err != nil {
			return err
		}
		if !moves || to.ID == f.ID {
			continue
		}
		if _, err := d.box.MoveUIDs(ctx, f, byFolder[id], to); err != nil {
			return err
		}
	}
	return nil
}

// flag adds flags and labels, and takes others off.
func (d *Desk) flag(ctx context.Context, f mail.Folder, uids []uint32, act Act) error {
	is := func(set *bool, to bool) bool { return set != nil && *set == to }
	for op, flags := range map[mail.FlagOp]mail.Flags{
		mail.AddFlags:    {Seen: is(act.Seen, true), Flagged: is(act.Flagged, true), Keywords: keywords(act.AddLabels)},
		mail.RemoveFlags: {Seen: is(act.Seen, false), Flagged: is(act.Flagged, false), Keywords: keywords(act.RemoveLabels)},
	} {
		if !flags.Seen && !flags.Flagged && len(flags.Keywords) == 0 {
			continue
		}
		if _, err := d.box.ChangeFlags(ctx, f, uids, op, flags); err != nil {
			return err
		}
	}
	return nil
}

// target is the folder that an act moves to, if it does. One by id has to be of a mailbox of the user's.
func (d *Desk) target(ctx context.Context, user, mailbox string, act Act) (to mail.Folder, moves bool, err error) {
	if act.Folder == "" && act.Use == "" {
		return to, false, nil
	}
	if act.Folder != "" {
		if to, err = d.box.FolderByID(ctx, act.Folder); err != nil {
			return to, false, err
		}
		own, err := d.reads(ctx, user, to.Mailbox)
		if err == nil && !own {
			err = mail.ErrNotFound
		}
		return to, true, err
	}
	folders, err := d.box.Folders(ctx, mailbox)
	for _, f := range folders {
		if f.Use == act.Use || f.Name == mail.Inbox && act.Use == mail.Inbox {
			return f, true, nil
		}
	}
	if err == nil {
		err = ErrUse
	}
	return to, false, err
}
