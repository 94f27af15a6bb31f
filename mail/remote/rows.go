package remote

import (
	"context"
	"slices"
	"strings"
	"time"

	"frontdesk/mail"
	"frontdesk/store"
)

const accountColumns = `a.id, a.mailbox, m.address, a.provider, a.login, a.imap, a.imap_tls, a.smtp, a.smtp_tls, a.days, a.active, a.state, a.told,
	a.since, a.todo, a.done, a.secret, a.keeps_sent, a.version, a.created_at FROM mail_remote a JOIN mailbox m ON m.id = a.mailbox `

func (s *Accounts) read(ctx context.Context, rest string, args ...any) ([]Account, error) {
	rows, err := s.db.Query(ctx, `SELECT `+accountColumns+rest, args...)
	return store.Collect(rows, err, func(row store.Row) (a Account, err error) {
		var since, created int64
		err = row.Scan(&a.ID, &a.Mailbox, &a.Address, &a.Provider, &a.Login, &a.IMAP, &a.IMAPTLS, &a.SMTP,
			&a.SMTPTLS, &a.Days, &a.Active, &a.State, &a.Told, &since, &a.Todo, &a.Done, &a.secret, &a.keepsSent,
			&a.version, &created)
		a.Since, a.created = store.Time(since), store.Time(created)
		if !a.Active {
			a.State = Off
		}
		return a, err
	})
}

// All lists every account, for an administrator: how it does, never what is in it.
func (s *Accounts) All(ctx context.Context) ([]Account, error) {
	return s.read(ctx, `ORDER BY m.address, a.id`)
}

// Of lists those whose mailbox a user reads.
func (s *Accounts) Of(ctx context.Context, user string) ([]Account, error) {
	return s.read(ctx, `JOIN mailbox_user u ON u.mailbox = m.id AND u.user_id = $1 ORDER BY m.address, a.id`, user)
}

// one is an account of a user's; with the user "" anybody's. mail.ErrNotFound.
func (s *Accounts) one(ctx context.Context, user, id string) (Account, error) {
	list, err := s.read(ctx, `WHERE a.id = $1 AND ($2 = '' OR EXISTS (SELECT 1 FROM mailbox_user u WHERE u.mailbox = m.id AND u.user_id = $2))`, id, user)
	return first(list, err)
}

// byMailbox is the account that a mailbox mirrors. mail.ErrNotFound.
func (s *Accounts) byMailbox(ctx context.Context, mailbox string) (Account, error) {
	return first(s.read(ctx, `WHERE a.mailbox = $1`, mailbox))
}

func first(list []Account, err error) (Account, error) {
	if err == nil && len(list) == 0 {
		err = mail.ErrNotFound
	}
	if err != nil {
		return Account{}, err
	}
	return list[0], nil
}

// become notes how an account does; it changes nothing where it did so before.
func (s *Accounts) become(ctx context.Context, a *Account, state State, told string) {
	told = strings.ToValidUTF8(told[:min(len(told), 500)], "")
	if a.State == state && a.Told == told {
		return
	}
	done, err := s.db.Exec(ctx, `UPDATE mail_remote SET since = CASE WHEN state = $1 THEN since ELSE $3 END, state = $1, told = $2 WHERE id = $4 AND version = $5`,
		state, told, store.Micros(time.Now()), a.ID, a.version)
	if err != nil {
		s.log.Warn("how a mailbox elsewhere does is not written", "account", a.ID, "err", err)
		return
	}
	a.State, a.Told = state, told
	if n, err := done.RowsAffected(); n > 0 && err == nil {
		s.config.Changed(ctx, a.ID)
	}
}

const folderColumns = `SELECT id, account, name, special_use, chosen, local, validity, next, modseq, total, filled FROM mail_remote_folder `

func (s *Accounts) folders(ctx context.Context, account string) ([]RemoteFolder, error) {
	rows, err := s.db.Query(ctx, folderColumns+`WHERE account = $1 ORDER BY CASE special_use WHEN 'Inbox' THEN 0 WHEN '' THEN 2 ELSE 1 END, name`, account)
	return store.Collect(rows, err, func(row store.Row) (f RemoteFolder, err error) {
		return f, row.Scan(&f.ID, &f.account, &f.Name, &f.Use, &f.Chosen, &f.local, &f.validity, &f.next, &f.modseq,
			&f.total, &f.filled)
	})
}

// saw writes down how far a folder was seen.
func (f *RemoteFolder) saw(ctx context.Context, q store.Queries) error {
	_, err := q.Exec(ctx, `UPDATE mail_remote_folder SET validity = $1, next = $2, modseq = $3, total = $4, filled = $5, local = $6, chosen = $7 WHERE id = $8`,
		int64(f.validity), int64(f.next), int64(f.modseq), int64(f.total), f.filled, f.local, f.Chosen, f.ID)
	return err
}

const linkColumns = `SELECT folder, uid, message, seen, flagged, answered FROM mail_remote_message `

func scanLink(row store.Row) (l link, err error) {
	return l, row.Scan(&l.folder, &l.uid, &l.message, &l.seen, &l.flagged, &l.answered)
}

// links are those of a folder, by UID.
func (s *Accounts) links(ctx context.Context, folder string) (map[uint32]link, error) {
	rows, err := s.db.Query(ctx, linkColumns+`WHERE folder = $1`, folder)
	list, err := store.Collect(rows, err, scanLink)
	byUID := make(map[uint32]link, len(list))
	for _, l := range list {
		byUID[l.uid] = l
	}
	return byUID, err
}

func (l link) insert(ctx context.Context, q store.Queries) error {
	_, err := q.Exec(ctx, `INSERT INTO mail_remote_message (folder, uid, message, seen, flagged, answered) VALUES ($1, $2, $3, $4, $5, $6)`,
		l.folder, int64(l.uid), l.message, l.seen, l.flagged, l.answered)
	return err
}

func (l link) drop(ctx context.Context, q store.Queries) error {
	_, err := q.Exec(ctx, `DELETE FROM mail_remote_message WHERE folder = $1 AND uid = $2`, l.folder, int64(l.uid))
	return err
}

// flags that both sides have now.
func (l link) agree(ctx context.Context, q store.Queries) error {
	_, err := q.Exec(ctx, `UPDATE mail_remote_message SET seen = $1, flagged = $2, answered = $3 WHERE folder = $4 AND uid = $5`, l.seen, l.flagged,
		l.answered, l.folder, int64(l.uid))
	return err
}

// sorted keys, the newest first.
func newest(uids []uint32) []uint32 {
	slices.SortFunc(uids, func(a, b uint32) int {
		if a > b {
			return -1
		}
		return 1
	})
	return uids
}
