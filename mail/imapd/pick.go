package imapd

import (
	"context"
	"slices"

	"github.com/emersion/go-imap/v2"

	"frontdesk/mail"
)

// gone are the messages that were expunged and the view does not know of yet.
func (v *view) gone(ctx context.Context) (map[uint32]bool, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	_, uids, _, err := v.box.Changes(ctx, v.folder.ID, v.modseq)
	gone := map[uint32]bool{}
	for _, uid := range uids {
		gone[uid] = true
	}
	return gone, err
}

// picked is a message of a command's set.
type picked struct {
	seq    uint32
	state  mail.State
	recent bool
}

// pick finds the messages of a set that are still there, by sequence number.
func (v *view) pick(set imap.NumSet) []picked {
	v.mu.Lock()
	defer v.mu.Unlock()
	contains := v.contains(set)
	var list []picked
	for i, e := range v.entries {
		if seq := uint32(i + 1); !e.gone && contains(seq, e.UID) {
			list = append(list, picked{seq, e.State, e.recent})
		}
	}
	return list
}

// contains resolves "*" (the highest number in use) and "$" (the saved search).
func (v *view) contains(set imap.NumSet) func(seq, uid uint32) bool {
	if imap.IsSearchRes(set) {
		saved := v.saved
		return func(_, uid uint32) bool { return saved.Contains(imap.UID(uid)) }
	}
	switch set := set.(type) {
	case imap.SeqSet:
		static := slices.Clone(set)
		for i := range static {
			static[i].Start, static[i].Stop = span(static[i].Start, static[i].Stop, uint32(len(v.entries)))
		}
		return func(seq, _ uint32) bool { return static.Contains(seq) }
	case imap.UIDSet:
		highest := uint32(0)
		if n := len(v.entries); n > 0 {
			highest = v.entries[n-1].UID
		}
		static := slices.Clone(set)
		for i := range static {
			start, stop := span(uint32(static[i].Start), uint32(static[i].Stop), highest)
			static[i].Start, static[i].Stop = imap.UID(start), imap.UID(stop)
		}
		return func(_, uid uint32) bool { return static.Contains(imap.UID(uid)) }
	}
	return func(_, _ uint32) bool { return false }
}

// span replaces "*" (0) in a range. In an empty folder nothing is in it.
func span(start, stop, highest uint32) (uint32, uint32) {
	if highest == 0 {
		highest = 1<<32 - 1
	}
	if start == 0 {
		start = highest
	}
	if stop == 0 {
		stop = highest
	}
	return min(start, stop), max(start, stop)
}

func uidsOf(list []picked) []uint32 {
	uids := make([]uint32, len(list))
	for i, p := range list {
		uids[i] = p.state.UID
	}
	return uids
}
