package imapd

import "frontdesk/mail/imap"

// cached is what a client knows of a folder from before (RFC 7162 section 3.2.5).
type cached struct {
	validity uint32
	modseq   int64
	uids     imap.Set // empty: any
}

func readCached(a *imap.Args) *cached {
	old := &cached{}
	a.Expect('(')
	old.validity = a.Number32()
	a.Space()
	old.modseq = a.Number()
	if a.More() {
		a.Space()
		if old.uids = a.Set(); a.More() { // which numbers these UIDs had: we remember what left without that
			a.Space()
			a.Expect('(')
			a.Set()
			a.Space()
			a.Set()
			a.Expect(')')
		}
	}
	a.Expect(')')
	return old
}

// resync tells a client what changed since it was here.
func (s *session) resync(old *cached) error {
	if old == nil || old.validity != s.view.folder.Validity {
		return nil
	}
	if err := s.tellVanished(old.modseq, old.uids); err != nil {
		return err
	}
	for i, e := range s.view.entries {
		if e.modseq > old.modseq && (old.uids.Empty() || old.uids.Contains(e.uid)) {
			s.writeFlags(uint32(i+1), e)
		}
	}
	return nil
}

// tellVanished tells which of these UIDs left since a change; of an empty set, which at all.
func (s *session) tellVanished(since int64, uids imap.Set) error {
	v := s.view
	if uids.Empty() {
		uids = imap.Set{Ranges: []imap.Range{{First: 1}}}
	}
	if uids = uids.Resolved(v.folder.Next - 1).Until(v.folder.Next - 1); uids.Empty() {
		return nil
	}
	left, whole, err := s.core.box.Left(s.ctx, v.folder.ID, since)
	if err != nil {
		return s.fault("resync", err)
	}
	var told imap.Set
	if whole {
		told = among(left, uids)
	} else {
		told = v.without(uids)
	}
	if !told.Empty() {
		s.out.Text("* VANISHED (EARLIER) ").Text(told.String()).End()
	}
	return nil
}

func among(list []uint32, uids imap.Set) (out imap.Set) {
	for _, uid := range list {
		if uids.Contains(uid) {
			out.Add(uid)
		}
	}
	return out
}

// without are those of some UIDs that no message has.
func (v *view) without(uids imap.Set) (out imap.Set) {
	for _, r := range uids.Ranges {
		from := r.First
		for i, _ := v.index(r.First); from <= r.Last && i < len(v.entries); i++ {
			uid := v.entries[i].uid
			if uid > r.Last {
				break
			}
			if uid > from {
				out.Ranges = append(out.Ranges, imap.Range{First: from, Last: uid - 1})
			}
			from = uid + 1
		}
		if from <= r.Last {
			out.Ranges = append(out.Ranges, imap.Range{First: from, Last: r.Last})
		}
	}
	return out
}
