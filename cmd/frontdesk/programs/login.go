// Package programs lets mail programs in: with a password made for one, or with a person's own.
package programs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"frontdesk/crmcore"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/secondfactor"
	"frontdesk/mail"
	"frontdesk/mail/passwords"
)

// Logins of mail programs.
type Logins struct {
	Core      *crmcore.Core
	Box       *mail.Box
	Passwords *passwords.Passwords
	Factors   *secondfactor.Factors
}

// At is the log-in at a door (passwords.Reading, passwords.Sending): with a password made for a mail program or, unless
// that is switched off, with a person's own. Whatever is wrong costs the same work and is mail.ErrLogin.
func (l Logins) At(door string) func(ctx context.Context, login, password string) (string, error) {
	return func(ctx context.Context, login, password string) (string, error) {
		user, err := l.made(ctx, door, login, password)
		if !errors.Is(err, passwords.ErrNone) {
			return user, err
		}
		own, err := l.Core.Login(ctx, login, password)
		if errors.Is(err, people.ErrCredentials) {
			return "", fmt.Errorf("%w: %w", mail.ErrLogin, err)
		}
		if err != nil {
			return "", err
		}
		only, err := l.only(ctx, own.ID)
		if err == nil && only {
			err = fmt.Errorf("%w: mail programs need a password of their own", mail.ErrLogin)
		}
		return own.ID, err
	}
}

// only tells whether a user's own password opens no mail program: so it was set, or he has a second factor, which such
// programs don't know.
func (l Logins) only(ctx context.Context, user string) (bool, error) {
	only, err := l.Passwords.Only(ctx, user)
	if err != nil || only {
		return only, err
	}
	return l.Factors.On(ctx, user)
}

// made is the log-in with a password made for a mail program. passwords.ErrNone when it is none, or of somebody who is
// not called so.
func (l Logins) made(ctx context.Context, door, login, password string) (string, error) {
	owner, err := l.Passwords.Owner(ctx, door, password)
	if err != nil {
		return "", err
	}
	user, err := l.Core.User(ctx, owner)
	if err != nil {
		return "", err
	}
	called, err := l.called(ctx, user, strings.ToLower(strings.TrimSpace(login)))
	if err != nil || !called || !user.Active {
		return "", errors.Join(err, passwords.ErrNone)
	}
	return user.ID, l.Passwords.Used(ctx, password)
}

// called tells whether a user may name himself so: his login, his mail address, or that of a mailbox of his.
func (l Logins) called(ctx context.Context, user people.User, login string) (bool, error) {
	if login == strings.ToLower(user.Login) || user.Email != "" && login == strings.ToLower(user.Email) {
		return true, nil
	}
	boxes, err := l.Box.MailboxesOf(ctx, user.ID)
	return slices.ContainsFunc(boxes, func(m mail.Mailbox) bool { return m.Address == login }), err
}
