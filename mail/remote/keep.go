package remote

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"frontdesk/mail"
	"frontdesk/store"
)

// Add connects a mailbox of a user's by password. The servers are asked first: ErrLogin when they refuse it.
func (s *Accounts) Add(ctx context.Context, user string, in Input) (Account, error) {
	known, err := s.Lookup(ctx, in.Address)
	if err != nil {
		return Account{}, err
	}
	a := Account{Address: in.Address, Login: in.Login, Servers: known.Servers, keepsSent: known.keepsSent,
		Days: in.Days}
	if in.Servers != nil {
		a.Servers = *in.Servers
	} else if !known.Found {
		return Account{}, ErrServers
	}
	if err := a.Servers.check(); err != nil {
		return Account{}, err
	}
	if a.Login == "" {
		a.Login = strings.TrimSpace(in.Address)
	}
	if a.Days == 0 {
		a.Days = standardDays
	}
	if err := s.try(ctx, a, in.Password); err != nil {
		return Account{}, err
	}
	return s.make(ctx, user, a, in.Name, in.Password)
}

// try logs in to both servers of an account.
func (s *Accounts) try(ctx context.Context, a Account, secret string) error {
	ctx, cancel := context.WithTimeout(ctx, dialTime+loginTime)
	defer cancel()
	c, err := s.connect(ctx, a, secret, func() {})
	if err != nil {
		return fmt.Errorf("%s: %w", a.IMAP, err)
	}
	c.Logout()
	c.Close()
	return s.tryOut(ctx, a, secret)
}

// Change changes an account of a user's. A new password is tried first.
func (s *Accounts) Change(ctx context.Context, user, id string, p Patch) (Account, error) {
	a, err := s.one(ctx, user, id)
	if err != nil {
		return a, err
	}
	if p.Password != nil {
		if a.Provider != "" {
			return a, fmt.Errorf("it has no password here, but a log-in at its provider: %w", mail.ErrInvalid)
		}
		if err := s.try(ctx, a, *p.Password); err != nil {
			return a, err
		}
		a.secret = s.close(a.ID, []byte(*p.Password))
	}
	state, deeper := a.State, false
	if p.Active != nil && *p.Active != a.Active || p.Password != nil {
		state = Fresh
	}
	if p.Active != nil {
		a.Active = *p.Active
	}
	if p.Days != nil {
		deeper, a.Days = *p.Days > a.Days, *p.Days
	}
	err = s.db.Tx(ctx, func(tx *store.Tx) error {
		if state == Off { // it is what is shown of one that is not active, and never kept
			state = Fresh
		}
		if _, err := tx.Exec(ctx, `UPDATE mail_remote SET secret = $1, days = $2, active = $3, state = $4, version = version + 1 WHERE id = $5`,
			a.secret, a.Days, a.Active, state, a.ID); err != nil {
			return err
		}
		if deeper {
			if _, err := tx.Exec(ctx, `UPDATE mail_remote_folder SET filled = $1 WHERE account = $2`, false, a.ID); err != nil {
				return err
			}
		}
		if p.Folders == nil {
			return nil
		}
		return choose(ctx, tx, a.ID, p.Folders)
	})
	if err != nil {
		return a, err
	}
	s.config.Changed(ctx, a.ID)
	return s.one(ctx, user, id)
}

// choose has these folders mirrored, and the inbox. Of one that is mirrored no more the copies here stay as they are.
func choose(ctx context.Context, tx *store.Tx, account string, ids []string) error {
	rows, err := tx.Query(ctx, folderColumns+`WHERE account = $1`, account)
	list, err := store.Collect(rows, err, func(row store.Row) (f RemoteFolder, err error) {
		return f, row.Scan(&f.ID, &f.account, &f.Name, &f.Use, &f.Chosen, &f.local, &f.validity, &f.next, &f.modseq,
			&f.total, &f.filled)
	})
	if err != nil {
		return err
	}
	for _, f := range list {
		chosen := slices.Contains(ids, f.ID) || f.Use == useInbox
		if chosen == f.Chosen {
			continue
		}
		f.Chosen, f.next, f.filled = chosen, 0, false
		if err := f.saw(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM mail_remote_message WHERE folder = $1`, f.ID); err != nil {
			return err
		}
	}
	return nil
}

// Folders lists those of an account of a user's, as its server had them last.
func (s *Accounts) Folders(ctx context.Context, user, id string) ([]RemoteFolder, error) {
	if _, err := s.one(ctx, user, id); err != nil {
		return nil, err
	}
	return s.folders(ctx, id)
}

// Remove ends an account of a user's, with the copies of its mail here. There everything stays.
func (s *Accounts) Remove(ctx context.Context, user, id string) error {
	a, err := s.one(ctx, user, id)
	if err != nil {
		return err
	}
	if err := s.box.DeleteMailbox(ctx, a.Mailbox); err != nil { // the account goes with it
		return err
	}
	s.config.Changed(ctx, a.ID)
	return nil
}

// Here tells whether an address is one of a mailbox kept elsewhere: none of a client's.
func (s *Accounts) Here(ctx context.Context, address string) (bool, error) {
	var n int
	err := s.db.QueryRow(ctx, `SELECT count(*) FROM mailbox WHERE address = $1 AND remote = $2`, strings.ToLower(address), true).Scan(&n)
	return n > 0, err
}
