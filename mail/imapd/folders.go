package imapd

import (
	"errors"
	"slices"

	"frontdesk/mail"
	"frontdesk/mail/imap"
)

// named takes the only argument of a command, a mailbox's name.
func (s *session) named(c *imap.Command) (m mail.Mailbox, folder string, err error) {
	c.Args.Space()
	name := c.Args.Mailbox()
	if err := c.Args.End(); err != nil {
		return m, "", err
	}
	return s.locate(name)
}

// create makes the parents that are missing, too (RFC 9051 section 6.3.4).
func (s *session) create(c *imap.Command) (string, error) {
	m, folder, err := s.named(c)
	if err != nil {
		return "", err
	}
	for _, parent := range parents(folder) {
		if err := s.createOne(m.ID, parent); err != nil && !errors.Is(err, mail.ErrExists) {
			return "", s.fault("create", err)
		}
	}
	return "", s.fault("create", s.createOne(m.ID, folder))
}

// createOne makes a folder without subscribing to it: a client does that itself where it wants to, or has before.
func (s *session) createOne(mailbox, name string) error {
	lost, err := s.core.box.LostSubscriptions(s.ctx, mailbox)
	if err != nil {
		return err
	}
	f, err := s.core.box.CreateFolder(s.ctx, mailbox, name)
	if err != nil {
		return err
	}
	return s.core.box.Subscribe(s.ctx, mailbox, f.Name, slices.Contains(lost, f.Name))
}

func (s *session) delete(c *imap.Command) (string, error) {
	m, folder, err := s.named(c)
	if err != nil {
		return "", err
	}
	f, err := s.core.box.Folder(s.ctx, m.ID, folder)
	if err == nil {
		err = s.core.box.DeleteFolder(s.ctx, m.ID, folder)
	}
	if err == nil && f.Subscribed {
		err = s.core.box.Subscribe(s.ctx, m.ID, f.Name, true) // its name stays (RFC 3501 section 6.3.6)
	}
	return "", s.fault("delete", err)
}

func (s *session) rename(c *imap.Command) (string, error) {
	c.Args.Space()
	name := c.Args.Mailbox()
	c.Args.Space()
	to := c.Args.Mailbox()
	if err := c.Args.End(); err != nil {
		return "", err
	}
	m, folder, err := s.locate(name)
	if err != nil {
		return "", err
	}
	other, target, err := s.locate(to)
	if err != nil {
		return "", err
	}
	if m.ID != other.ID {
		return "", imap.No("CANNOT", "Can't rename into another mailbox's folders")
	}
	return "", s.fault("rename", s.core.box.RenameFolder(s.ctx, m.ID, folder, target))
}

func (s *session) subscribe(c *imap.Command) (string, error) {
	m, folder, err := s.named(c)
	if err != nil {
		return "", err
	}
	_, err = s.core.box.Folder(s.ctx, m.ID, folder)
	if errors.Is(err, mail.ErrInvalid) {
		err = mail.ErrNotFound
	}
	if err == nil {
		err = s.core.box.Subscribe(s.ctx, m.ID, folder, true)
	}
	return "", s.fault("subscribe", err)
}

func (s *session) unsubscribe(c *imap.Command) (string, error) {
	m, folder, err := s.named(c)
	if err != nil {
		return "", err
	}
	return "", s.fault("subscribe", s.core.box.Subscribe(s.ctx, m.ID, folder, false))
}
