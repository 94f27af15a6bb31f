package imapd

import (
	"errors"
	"slices"

	"github.com/emersion/go-imap/v2"

	"frontdesk/mail"
)

// create makes the parents that are missing, too (RFC 9051 section 6.3.4).
func (s *session) Create(name string, _ *imap.CreateOptions) (err error) {
	defer s.rescue("create", &err)
	m, folder, err := s.locate(name)
	if err != nil {
		return err
	}
	for _, parent := range parents(folder) {
		if err := s.createOne(m.ID, parent); err != nil && !errors.Is(err, mail.ErrExists) {
			return s.fault("create", err)
		}
	}
	return s.fault("create", s.createOne(m.ID, folder))
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

func (s *session) Delete(name string) (err error) {
	defer s.rescue("delete", &err)
	m, folder, err := s.locate(name)
	if err != nil {
		return err
	}
	f, err := s.core.box.Folder(s.ctx, m.ID, folder)
	if err == nil {
		err = s.core.box.DeleteFolder(s.ctx, m.ID, folder)
	}
	if err == nil && f.Subscribed {
		err = s.core.box.Subscribe(s.ctx, m.ID, f.Name, true) // its name stays (RFC 3501 section 6.3.6)
	}
	return s.fault("delete", err)
}

func (s *session) Rename(name, to string, _ *imap.RenameOptions) (err error) {
	defer s.rescue("rename", &err)
	m, folder, err := s.locate(name)
	if err != nil {
		return err
	}
	other, target, err := s.locate(to)
	if err != nil {
		return err
	}
	if m.ID != other.ID {
		return no(imap.ResponseCodeCannot, "Can't rename into another mailbox's folders")
	}
	return s.fault("rename", s.core.box.RenameFolder(s.ctx, m.ID, folder, target))
}

func (s *session) Subscribe(name string) error { return s.subscribe(name, true) }

func (s *session) Unsubscribe(name string) error { return s.subscribe(name, false) }

func (s *session) subscribe(name string, on bool) (err error) {
	defer s.rescue("subscribe", &err)
	m, folder, err := s.locate(name)
	if err != nil {
		return err
	}
	if on {
		if _, err := s.folder(name); err != nil {
			return err
		}
	}
	return s.fault("subscribe", s.core.box.Subscribe(s.ctx, m.ID, folder, on))
}
