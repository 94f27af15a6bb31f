package imapd

import (
	"slices"

	"frontdesk/mail"
	"frontdesk/mail/imap"
)

// A mailbox with all its folders has one quota, whose root is its address (RFC 9208).

// getQuota answers GETQUOTA.
func (s *session) getQuota(c *imap.Command) (string, error) {
	c.Args.Space()
	root := c.Args.AString()
	if err := c.Args.End(); err != nil {
		return "", err
	}
	return "", s.writeQuota(func(m mail.Mailbox) bool { return m.Address == root })
}

// getQuotaRoot answers GETQUOTAROOT.
func (s *session) getQuotaRoot(c *imap.Command) (string, error) {
	c.Args.Space()
	name := c.Args.Mailbox()
	if err := c.Args.End(); err != nil {
		return "", err
	}
	f, err := s.folder(name)
	if err != nil {
		return "", err
	}
	m, _, err := s.locate(name)
	if err != nil {
		return "", err
	}
	s.out.Text("* QUOTAROOT ").Mailbox(name).Text(" ").String(m.Address).End()
	return "", s.writeQuota(func(m mail.Mailbox) bool { return m.ID == f.Mailbox })
}

// writeQuota tells how much one of the user's mailboxes holds and may hold, in units of 1024 bytes; nothing where it
// may hold anything.
func (s *session) writeQuota(which func(mail.Mailbox) bool) error {
	list, err := s.core.box.MailboxesOf(s.ctx, s.user)
	if err != nil {
		return s.fault("quota", err)
	}
	i := slices.IndexFunc(list, which)
	if i < 0 {
		return imap.No("NONEXISTENT", "No such quota root")
	}
	m := list[i]
	s.out.Text("* QUOTA ").String(m.Address).Text(" (")
	if m.Quota > 0 {
		s.out.Text("STORAGE ").Number((m.Used + 1023) / 1024).Text(" ").Number(m.Quota / 1024)
	}
	s.out.Text(")").End()
	return nil
}
