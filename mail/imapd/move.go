package imapd

import (
	"fmt"

	"frontdesk/mail"
	"frontdesk/mail/imap"
)

// expunge removes messages flagged \Deleted, with UID EXPUNGE only some of them (RFC 4315); the client is told at the
// end of the command.
func (s *session) expunge(c *imap.Command) (string, error) {
	var only []uint32
	var set imap.Set
	if byUID(c) {
		c.Args.Space()
		set = c.Args.Set()
	}
	if err := c.Args.End(); err != nil {
		return "", err
	}
	if s.view.readOnly {
		return "", errReadOnly
	}
	if byUID(c) {
		if only = uidsOf(s.view.pick(set, true)); len(only) == 0 {
			return "", nil
		}
	}
	uids, err := s.core.box.Expunge(s.ctx, s.view.folder, only)
	if err != nil || len(uids) == 0 || !s.knows.modseq {
		return "", s.fault("expunge", err)
	}
	s.refresh()
	return fmt.Sprintf("HIGHESTMODSEQ %d", s.view.highest()), nil
}

// copy copies messages into a folder.
func (s *session) copy(c *imap.Command) (string, error) {
	list, to, err := s.picked(c)
	if err != nil {
		return "", err
	}
	copied, err := s.core.box.CopyUIDs(s.ctx, s.view.folder, uidsOf(list), to)
	return copyUID(to, copied), s.fault("copy", err)
}

// move moves messages into a folder; the client is told that they left at the end of the command.
func (s *session) move(c *imap.Command) (string, error) {
	list, to, err := s.picked(c)
	if err != nil {
		return "", err
	}
	if s.view.readOnly {
		return "", errReadOnly
	}
	moved, err := s.core.box.MoveUIDs(s.ctx, s.view.folder, uidsOf(list), to)
	if err != nil {
		return "", s.fault("move", err)
	}
	if code := copyUID(to, moved); code != "" { // before they leave (RFC 6851 section 4.3)
		s.out.Status("*", &imap.Status{Type: "OK", Code: code, Text: "Moved"})
	}
	return "", nil
}

// picked reads which messages are to go where.
func (s *session) picked(c *imap.Command) (list []picked, to mail.Folder, err error) {
	c.Args.Space()
	set := c.Args.Set()
	c.Args.Space()
	name := c.Args.Mailbox()
	if err := c.Args.End(); err != nil {
		return nil, to, err
	}
	to, err = s.target(name)
	return s.view.pick(set, byUID(c)), to, err
}

// copyUID tells old and new UIDs; nothing when nothing was copied (RFC 4315 section 3).
func copyUID(to mail.Folder, moved []mail.Moved) string {
	if len(moved) == 0 {
		return ""
	}
	var from, into imap.Set
	for _, m := range moved {
		from.Add(m.From)
		into.Add(m.To)
	}
	return fmt.Sprintf("COPYUID %d %s %s", to.Validity, from, into)
}
