package imapd

import (
	"errors"
	"strings"

	"frontdesk/mail"
	"frontdesk/mail/imap"
)

const (
	delimiter = '/'
	shared    = "Shared"
)

// root is the mailbox whose folders are the user's top level: the one logged in to by its address, else the first the
// user owns, else the first.
func root(list []mail.Mailbox, user, login string) (mail.Mailbox, bool) {
	for _, fits := range []func(mail.Mailbox) bool{
		func(m mail.Mailbox) bool { return strings.EqualFold(m.Address, login) },
		func(m mail.Mailbox) bool { return m.Users[0] == user },
		func(mail.Mailbox) bool { return true },
	} {
		for _, m := range list {
			if fits(m) {
				return m, true
			}
		}
	}
	return mail.Mailbox{}, false
}

// sharedMailboxes are the others of the user, by their name below "Shared/": what is before the "@", or the whole
// address where two have that in common.
func (s *session) sharedMailboxes() (map[string]mail.Mailbox, error) {
	list, err := s.core.box.MailboxesOf(s.ctx, s.user)
	if err != nil {
		return nil, s.fault("list mailboxes", err)
	}
	times := map[string]int{}
	for _, m := range list {
		times[localPart(m)]++
	}
	byName := map[string]mail.Mailbox{}
	for _, m := range list {
		name := localPart(m)
		if times[name] > 1 {
			name = m.Address
		}
		if m.ID != s.own.ID {
			byName[strings.ReplaceAll(name, "/", "_")] = m
		}
	}
	return byName, nil
}

func localPart(m mail.Mailbox) string {
	return m.Address[:strings.LastIndexByte(m.Address, '@')]
}

// locate finds the mailbox and the folder's name in it that an IMAP name means. The folder need not exist.
func (s *session) locate(name string) (mail.Mailbox, string, error) {
	head, rest, _ := strings.Cut(name, "/")
	if head != shared {
		return s.own, name, nil
	}
	byName, err := s.sharedMailboxes()
	if err != nil {
		return mail.Mailbox{}, "", err
	}
	head, rest, _ = strings.Cut(rest, "/")
	m, ok := byName[head]
	if !ok || rest == "" {
		return mail.Mailbox{}, "", imap.No("NONEXISTENT", "No such mailbox")
	}
	return m, rest, nil
}

// folder finds the folder an IMAP name means.
func (s *session) folder(name string) (mail.Folder, error) {
	m, folder, err := s.locate(name)
	if err != nil {
		return mail.Folder{}, err
	}
	f, err := s.core.box.Folder(s.ctx, m.ID, folder)
	if errors.Is(err, mail.ErrInvalid) {
		err = mail.ErrNotFound
	}
	return f, s.fault("find mailbox", err)
}

// target is a folder that something is stored in: when it is missing, the client may create it.
func (s *session) target(name string) (mail.Folder, error) {
	f, err := s.folder(name)
	var e *imap.Status
	if errors.As(err, &e) && e.Code == "NONEXISTENT" {
		return f, imap.No("TRYCREATE", "No such mailbox")
	}
	return f, err
}

// parents of "a/b/c" are "a" and "a/b".
func parents(name string) (list []string) {
	for i, r := range strings.TrimSuffix(name, "/") {
		if r == delimiter && i > 0 {
			list = append(list, name[:i])
		}
	}
	return list
}
