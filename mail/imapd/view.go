package imapd

import (
	"context"
	"slices"
	"sort"
	"time"

	"frontdesk/mail"
	"frontdesk/mail/imap"
)

// view is a selected folder as its client knows it: sequence number n is entries[n-1]. Numbers change only when the
// client is told (tell.go), so they mean the same on both sides however others change the folder meanwhile.
type view struct {
	box        *mail.Box
	readOnly   bool
	withRecent bool            // the client knows \Recent, which IMAP4rev2 has no longer
	changed    <-chan struct{} // hints that something did
	hinted     bool            // by one that was taken
	close      func()

	folder   mail.Folder
	entries  []entry             // by UID
	known    int                 // how many of them the client was told of
	keywords map[uint32][]string // by UID, where there are any
	flags    []string            // the client was told that messages here may have
	modseq   int64               // up to which the database was read
	looked   time.Time           // when
	saved    imap.Set            // UIDs, of SEARCH RETURN (SAVE)

	anyFresh, anyGone bool // among entries
}

// entry is a message. It is small, for there are many of them in each connection.
type entry struct {
	modseq int64
	uid    uint32
	marks  mark
}

func openView(ctx context.Context, box *mail.Box, f mail.Folder, readOnly, withRecent bool) (*view, error) {
	changed, stop := box.Watch(f.Mailbox)
	f, states, err := box.Snapshot(ctx, f.ID)
	if err != nil {
		stop()
		return nil, err
	}
	v := &view{box: box, readOnly: readOnly, withRecent: withRecent, changed: changed, close: stop, folder: f,
		entries: make([]entry, 0, len(states)), keywords: map[uint32][]string{}, modseq: f.ModSeq, looked: time.Now(),
		flags: slices.Clone(systemFlags[:5])}
	for _, s := range states {
		v.entries = append(v.entries, v.entryOf(s))
	}
	v.unknownFlags()
	if v.known = len(v.entries); v.known > 0 {
		err = v.markRecent(ctx, 0)
	}
	if err != nil {
		stop()
	}
	return v, err
}

// entryOf a message, whose keywords are kept beside it.
func (v *view) entryOf(s mail.State) entry {
	if len(s.Flags.Keywords) > 0 {
		v.keywords[s.UID] = s.Flags.Keywords
	} else {
		delete(v.keywords, s.UID)
	}
	return entry{modseq: s.ModSeq, uid: s.UID, marks: marksOf(s.Flags)}
}

// names are an entry's flags.
func (v *view) names(e entry) []string { return names(e.marks, v.keywords[e.uid]) }

// unknownFlags adds the flags of messages that the client doesn't know of; false when there are none.
func (v *view) unknownFlags() (any bool) {
	for _, list := range v.keywords {
		for _, k := range list {
			if imap.IsAtom(k) && !hasFold(v.flags, k) {
				v.flags, any = append(v.flags, k), true
			}
		}
	}
	return any
}

// markRecent marks those of the entries from one on that no other session was told of.
func (v *view) markRecent(ctx context.Context, from int) (err error) {
	if !v.withRecent {
		return nil
	}
	first, next := v.folder.Recent, uint32(1<<32-1)
	if !v.readOnly {
		if first, next, err = v.box.TakeRecent(ctx, v.folder.ID); err != nil {
			return err
		}
	}
	for i, e := range v.entries[from:] {
		if e.uid >= first && e.uid < next {
			v.entries[from+i].marks |= recent
		}
	}
	return nil
}

func (v *view) numRecent() (n int) {
	for _, e := range v.entries[:v.known] {
		if e.marks&recent != 0 {
			n++
		}
	}
	return n
}

// index of a UID in the view, or where it would be.
func (v *view) index(uid uint32) (int, bool) {
	i := sort.Search(len(v.entries), func(i int) bool { return v.entries[i].uid >= uid })
	return i, i < len(v.entries) && v.entries[i].uid == uid
}

// lookAgain is how old what a view knows may become without a hint: one between nodes may be lost.
const lookAgain = time.Second

// look reads what anybody did since, if there is reason to. The client is not told yet.
func (v *view) look(ctx context.Context) error {
	select {
	case <-v.changed:
		v.hinted = true
	default:
	}
	if !v.hinted && time.Since(v.looked) < lookAgain {
		return nil
	}
	v.hinted = false
	changed, left, modseq, err := v.box.Changes(ctx, v.folder.ID, v.modseq)
	if err != nil {
		return err
	}
	v.modseq, v.looked = modseq, time.Now()
	for _, uid := range left {
		v.leave(uid)
	}
	for _, s := range changed {
		v.learn(s, fresh)
	}
	return nil
}

// leave notes that a message was expunged.
func (v *view) leave(uid uint32) {
	i, there := v.index(uid)
	switch {
	case !there:
	case i >= v.known: // the client never heard of it
		v.entries = slices.Delete(v.entries, i, i+1)
		delete(v.keywords, uid)
	default:
		v.entries[i].marks |= gone
		v.anyGone = true
	}
}

// learn takes in a message as it is now: one that arrived, or that was changed; as is fresh unless the caller tells the
// client.
func (v *view) learn(s mail.State, as mark) {
	i, there := v.index(s.UID)
	switch {
	case !there && i == len(v.entries):
		v.entries = append(v.entries, v.entryOf(s))
	case there && v.entries[i].modseq < s.ModSeq:
		kept := v.entries[i].marks & (gone | recent)
		v.entries[i] = v.entryOf(s)
		if v.entries[i].marks |= kept; i < v.known {
			v.entries[i].marks |= as
			v.anyFresh = v.anyFresh || as == fresh
		}
	}
}

// picked is a message of a command's set.
type picked struct {
	seq uint32
	entry
}

// pick finds the messages of a set that are still there, in their order.
func (v *view) pick(set imap.Set, byUID bool) (list []picked) {
	switch {
	case set.Saved:
		set, byUID = v.saved, true
	case byUID && v.known > 0:
		set = set.Resolved(v.entries[v.known-1].uid)
	default:
		set = set.Resolved(uint32(v.known))
	}
	for _, r := range set.Ranges {
		from, to := int(min(int64(r.First-1), int64(v.known))), int(min(int64(r.Last), int64(v.known)))
		if byUID {
			from, _ = v.index(r.First)
			end, there := v.index(r.Last)
			to = min(end+btoi(there), v.known)
		}
		for i := from; i < to; i++ {
			if e := v.entries[i]; e.marks&gone == 0 {
				list = append(list, picked{uint32(i + 1), e})
			}
		}
	}
	return list
}

func btoi(is bool) int {
	if is {
		return 1
	}
	return 0
}

func uidsOf(list []picked) []uint32 {
	uids := make([]uint32, len(list))
	for i, p := range list {
		uids[i] = p.uid
	}
	return uids
}
