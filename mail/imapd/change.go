package imapd

import (
	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"

	"frontdesk/mail"
)

// Store changes flags.
func (s *session) Store(w *imapserver.FetchWriter, set imap.NumSet, flags *imap.StoreFlags,
	_ *imap.StoreOptions) error {
	if s.view.readOnly {
		return errReadOnly
	}
	list := s.view.pick(set)
	states, err := s.core.box.ChangeFlags(s.ctx, s.view.folder, uidsOf(list), flagOp(flags.Op), flagsOf(flags.Flags))
	if err != nil {
		return s.fault("store", err)
	}
	if !flags.Silent && !s.view.allKnown(states) {
		return nil // the Poll that follows tells the keywords first
	}
	s.view.learn(states)
	if flags.Silent {
		return nil
	}
	after := map[uint32]mail.State{}
	for _, state := range states {
		after[state.UID] = state
	}
	for _, p := range list {
		state, ok := after[p.state.UID]
		if !ok {
			continue
		}
		m := w.CreateMessage(p.seq)
		m.WriteUID(imap.UID(state.UID))
		m.WriteFlags(flagsTold(state.Flags, p.recent))
		if err := m.Close(); err != nil {
			return err
		}
	}
	return nil
}

func flagOp(op imap.StoreFlagsOp) mail.FlagOp {
	switch op {
	case imap.StoreFlagsAdd:
		return mail.AddFlags
	case imap.StoreFlagsDel:
		return mail.RemoveFlags
	}
	return mail.SetFlags
}

// Expunge removes messages flagged Deleted; the client is told by the Poll that follows. On CLOSE of a read-only folder
// nothing happens (RFC 9051 section 6.4.1).
func (s *session) Expunge(_ *imapserver.ExpungeWriter, uids *imap.UIDSet) (err error) {
	defer s.rescue("expunge", &err)
	if s.view.readOnly {
		return nil
	}
	var only []uint32
	if uids != nil {
		if only = uidsOf(s.view.pick(*uids)); len(only) == 0 {
			return nil
		}
	}
	_, err = s.core.box.Expunge(s.ctx, s.view.folder, only)
	return s.fault("expunge", err)
}

// Copy copies messages into a folder.
func (s *session) Copy(set imap.NumSet, name string) (_ *imap.CopyData, err error) {
	defer s.rescue("copy", &err)
	to, err := s.target(name)
	if err != nil {
		return nil, err
	}
	copied, err := s.core.box.CopyUIDs(s.ctx, s.view.folder, uidsOf(s.view.pick(set)), to)
	if err != nil {
		return nil, s.fault("copy", err)
	}
	return copyData(to, copied), nil
}

// copyData tells old and new UIDs; nil when nothing was copied (RFC 4315 section 3).
func copyData(to mail.Folder, moved []mail.Moved) *imap.CopyData {
	if len(moved) == 0 {
		return nil
	}
	data := &imap.CopyData{UIDValidity: to.Validity}
	var from, into imap.UIDSet
	for _, m := range moved {
		from.AddNum(imap.UID(m.From))
		into.AddNum(imap.UID(m.To))
	}
	data.SourceUIDs, data.DestUIDs = from, into
	return data
}

// Move moves messages into a folder; the client is told that they left by the Poll that follows.
func (s *session) Move(w *imapserver.MoveWriter, set imap.NumSet, name string) (err error) {
	defer s.rescue("move", &err)
	if s.view.readOnly {
		return errReadOnly
	}
	to, err := s.target(name)
	if err != nil {
		return err
	}
	moved, err := s.core.box.MoveUIDs(s.ctx, s.view.folder, uidsOf(s.view.pick(set)), to)
	if err != nil {
		return s.fault("move", err)
	}
	if data := copyData(to, moved); data != nil {
		return w.WriteCopyData(data)
	}
	return nil
}
