package imapd

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"frontdesk/mail"
)

// view is a selected folder as its client knows it: sequence number n is entries[n-1]. It changes only in sync, when
// the client is told, so numbers mean the same on both sides however others change the folder meanwhile.
type view struct {
	box        *mail.Box
	readOnly   bool
	withRecent bool
	changed    <-chan struct{}
	close      func()

	mu      sync.Mutex
	folder  mail.Folder
	entries []entry
	flags   []imap.Flag  // the client was told that messages here may have
	untold  []mail.State // learned, but their keywords aren't told yet
	modseq  int64        // up to which the database was read
	saved   imap.UIDSet  // of SEARCH RETURN (SAVE)
}

type entry struct {
	mail.State
	gone   bool // expunged, but the client isn't told yet
	recent bool // no other session was told of it (RFC 3501 section 2.3.2)
}

// flags are those that the client is told.
func (e entry) flags() []imap.Flag { return flagsTold(e.Flags, e.recent) }

func flagsTold(f mail.Flags, recent bool) []imap.Flag {
	list := flagNames(f)
	if recent {
		list = append(list, `\Recent`)
	}
	return list
}

// openView opens a folder; withRecent wants \Recent, which IMAP4rev2 has no longer.
func openView(ctx context.Context, box *mail.Box, f mail.Folder, readOnly, withRecent bool) (*view, error) {
	changed, stop := box.Watch(f.Mailbox)
	f, states, err := box.Snapshot(ctx, f.ID)
	if err != nil {
		stop()
		return nil, err
	}
	v := &view{box: box, readOnly: readOnly, withRecent: withRecent, changed: changed, close: stop, folder: f, modseq: f.ModSeq}
	v.flags = []imap.Flag{imap.FlagSeen, imap.FlagAnswered, imap.FlagFlagged, imap.FlagDeleted, imap.FlagDraft}
	for _, s := range states {
		v.entries = append(v.entries, entry{State: s})
		v.addFlags(s.Flags)
	}
	if err := v.markRecent(ctx, v.entries); err != nil {
		stop()
		return nil, err
	}
	return v, nil
}

// markRecent marks those of new entries that no other session was told of.
func (v *view) markRecent(ctx context.Context, entries []entry) (err error) {
	if !v.withRecent || len(entries) == 0 {
		return nil
	}
	first, next := v.folder.Recent, uint32(1<<32-1)
	if !v.readOnly {
		if first, next, err = v.box.TakeRecent(ctx, v.folder.ID); err != nil {
			return err
		}
	}
	for i := range entries {
		entries[i].recent = entries[i].UID >= first && entries[i].UID < next
	}
	return nil
}

func (v *view) numRecent() (n uint32) {
	for _, e := range v.entries {
		if e.recent {
			n++
		}
	}
	return n
}

// index of a UID in the view.
func (v *view) index(uid uint32) (int, bool) {
	return slices.BinarySearchFunc(v.entries, uid, func(e entry, uid uint32) int { return int(int64(e.UID) - int64(uid)) })
}

// sync brings the client up to date with what anybody did: flags, expunged messages (where the command allows it) and
// new ones.
func (v *view) sync(ctx context.Context, w *imapserver.UpdateWriter, allowExpunge bool) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	changed, gone, modseq, err := v.box.Changes(ctx, v.folder.ID, v.modseq)
	if err != nil {
		return err
	}
	v.modseq = modseq
	for _, uid := range gone {
		if i, ok := v.index(uid); ok {
			v.entries[i].gone = true
		}
	}
	if err := v.tellFlags(w, changed); err != nil {
		return err
	}
	arrived, err := v.tellChanged(w, changed)
	if err != nil {
		return err
	}
	if err := v.markRecent(ctx, v.entries[len(v.entries)-arrived:]); err != nil {
		return err
	}
	if allowExpunge {
		if err := v.tellGone(w); err != nil {
			return err
		}
	}
	if arrived == 0 {
		return nil
	}
	if err := w.WriteNumMessages(uint32(len(v.entries))); err != nil || !v.withRecent {
		return err
	}
	return w.WriteNumRecent(v.numRecent())
}

// tellFlags tells of keywords before the first message that has them (RFC 3501 section 7.2.6).
func (v *view) tellFlags(w *imapserver.UpdateWriter, changed []mail.State) error {
	before := len(v.flags)
	for _, s := range slices.Concat(v.untold, changed) {
		v.addFlags(s.Flags)
	}
	if v.untold = nil; len(v.flags) == before {
		return nil
	}
	return w.WriteMailboxFlags(v.flags)
}

func (v *view) addFlags(f mail.Flags) {
	for _, flag := range flagNames(f) {
		if v.unknown(flag) {
			v.flags = append(v.flags, flag)
		}
	}
}

// tellChanged tells new flags of known messages, and takes in those that arrived: their number is told later.
func (v *view) tellChanged(w *imapserver.UpdateWriter, changed []mail.State) (arrived int, err error) {
	before := len(v.entries)
	for _, s := range changed {
		i, known := v.index(s.UID)
		if !known && i == len(v.entries) {
			v.entries = append(v.entries, entry{State: s})
			continue
		}
		if !known || v.entries[i].ModSeq >= s.ModSeq {
			continue
		}
		v.entries[i].State = s
		if i < before {
			if err := w.WriteMessageFlags(uint32(i+1), imap.UID(s.UID), v.entries[i].flags()); err != nil {
				return 0, err
			}
		}
	}
	return len(v.entries) - before, nil
}

// tellGone writes EXPUNGE from the end, so that one leaves the numbers of the next as they are.
func (v *view) tellGone(w *imapserver.UpdateWriter) error {
	for i := len(v.entries) - 1; i >= 0; i-- {
		if !v.entries[i].gone {
			continue
		}
		v.entries = slices.Delete(v.entries, i, i+1)
		if err := w.WriteExpunge(uint32(i + 1)); err != nil {
			return err
		}
	}
	return nil
}

// learn puts states that a command of this session made into the view, so that sync doesn't tell them again.
func (v *view) learn(states []mail.State) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.untold = append(v.untold, states...)
	for _, s := range states {
		if i, ok := v.index(s.UID); ok {
			v.entries[i].State = s
		}
	}
}

// allKnown tells whether the client knows all flags of some states.
func (v *view) allKnown(states []mail.State) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return !slices.ContainsFunc(states, func(s mail.State) bool { return slices.ContainsFunc(flagNames(s.Flags), v.unknown) })
}

func (v *view) unknown(flag imap.Flag) bool {
	return !slices.ContainsFunc(v.flags, func(o imap.Flag) bool { return strings.EqualFold(string(o), string(flag)) })
}
