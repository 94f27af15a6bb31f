package imapd

import (
	"slices"

	"frontdesk/mail/imap"
)

// refresh looks what happened; false ends the session, whose folder is gone: there is no other way to tell the client.
func (s *session) refresh() bool {
	if s.view == nil {
		return true
	}
	err := s.view.look(s.ctx)
	if err != nil {
		s.log.Info("imap session ends", "err", err)
		s.bye("The mailbox is gone or can't be read")
	}
	return err == nil
}

// tell tells the client what anybody did: flags, expunged messages (where the command allows it, RFC 9051 section
// 7.5.1) and new ones.
func (s *session) tell(after string) error {
	if s.view == nil || !s.refresh() {
		return nil
	}
	s.tellFresh()
	switch after {
	case "FETCH", "STORE", "SEARCH", "SORT", "THREAD":
	default:
		s.tellGone()
	}
	return s.tellArrived()
}

// tellFresh tells changed flags.
func (s *session) tellFresh() {
	v := s.view
	if !v.anyFresh {
		return
	}
	s.tellFlags()
	for i, e := range v.entries[:v.known] {
		if e.marks&fresh != 0 {
			v.entries[i].marks &^= fresh
			if e.marks&gone == 0 {
				s.writeFlags(uint32(i+1), v.entries[i])
			}
		}
	}
	v.anyFresh = false
}

// tellFlags tells of keywords before the first message that has them (RFC 3501 section 7.2.6).
func (s *session) tellFlags() {
	if s.view.unknownFlags() {
		s.out.Text("* FLAGS ").List(s.view.flags).End()
	}
}

// writeFlags writes FETCH of a message's flags.
func (s *session) writeFlags(seq uint32, e entry) {
	s.out.Text("* ").Number(int64(seq)).Text(" FETCH (UID ").Number(int64(e.uid)).Text(" FLAGS ").List(s.view.names(e))
	s.writeModSeq(e)
	s.out.Text(")").End()
}

// writeModSeq writes a message's mod-sequence, for who wants to know.
func (s *session) writeModSeq(e entry) {
	if s.knows.modseq {
		s.out.Text(" MODSEQ (").Number(e.modseq).Text(")")
	}
}

// tellGone tells what left: by UIDs who knows of that, by numbers others, from the end, so that one leaves the numbers
// of the next as they are.
func (s *session) tellGone() {
	v := s.view
	if !v.anyGone {
		return
	}
	v.anyGone = false
	var left imap.Set
	for i := v.known - 1; i >= 0 && !s.knows.vanished; i-- {
		if v.entries[i].marks&gone != 0 {
			s.out.Text("* ").Number(int64(i + 1)).Text(" EXPUNGE").End()
		}
	}
	v.entries = slices.DeleteFunc(v.entries, func(e entry) bool {
		if e.marks&gone == 0 {
			return false
		}
		left.Add(e.uid)
		delete(v.keywords, e.uid)
		v.known--
		return true
	})
	if s.knows.vanished {
		s.out.Text("* VANISHED ").Text(left.String()).End()
	}
}

// tellArrived tells of new messages.
func (s *session) tellArrived() error {
	v, from := s.view, s.view.known
	if from == len(v.entries) {
		return nil
	}
	if err := v.markRecent(s.ctx, from); err != nil {
		return s.fault("recent", err)
	}
	v.known = len(v.entries)
	s.tellFlags()
	s.out.Text("* ").Number(int64(v.known)).Text(" EXISTS").End()
	if v.withRecent {
		s.out.Text("* ").Number(int64(v.numRecent())).Text(" RECENT").End()
	}
	return nil
}
