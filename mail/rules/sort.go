package rules

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"frontdesk/mail"
	"frontdesk/mail/header"
	"frontdesk/mail/imap"
	"frontdesk/mail/mime"
	"frontdesk/mail/queue"
	"frontdesk/store"
)

// What a mailbox sends on is bounded, whatever its rules say.
const (
	maxPerHour = 300 // mails of a mailbox
	maxHops    = 25  // Received fields of a mail
	loopField  = "X-Frontdesk-Forwarded"
)

// Sort follows the rules of the mailboxes that mails came into, and answers for who is away. Where it is called again
// for a mail, what it did already is not done twice. Mails that came long ago, and those outside the inbox, stay.
func (s *Sorter) Sort(ctx context.Context, list []mail.Arrival) []error {
	errs := make([]error, len(list))
	var mailboxes []string
	for _, a := range list {
		if !slices.Contains(mailboxes, a.Mailbox) {
			mailboxes = append(mailboxes, a.Mailbox)
		}
	}
	if len(mailboxes) == 0 {
		return errs
	}
	all, err := s.rules(ctx, mailboxes)
	away, errAway := s.away(ctx, mailboxes)
	err = errors.Join(err, errAway)
	for i, a := range list {
		errs[i] = err
		if rules := all[a.Mailbox]; err == nil && !a.Past && (len(rules) > 0 || away[a.Mailbox].On) {
			errs[i] = s.sortOne(ctx, a, rules, away[a.Mailbox])
		}
	}
	return errs
}

func (s *Sorter) sortOne(ctx context.Context, a mail.Arrival, rules []Rule, away Away) error {
	inbox, err := s.box.Folder(ctx, a.Mailbox, mail.Inbox)
	if err != nil || inbox.ID != a.Folder {
		return err
	}
	l, raw, err := s.read(ctx, a)
	if err != nil {
		return err
	}
	todo, folders := resolve(rules, l)
	if err := s.forward(ctx, a, todo.Forward, raw); err != nil {
		return fmt.Errorf("message %s: forward: %w", a.ID, err)
	}
	if !todo.Discard {
		if err := s.answer(ctx, a, away, l); err != nil {
			return fmt.Errorf("message %s: answer for who is away: %w", a.ID, err)
		}
	}
	return s.put(ctx, a, inbox, todo, folders)
}

func (s *Sorter) read(ctx context.Context, a mail.Arrival) (mailed, []byte, error) {
	r, err := s.box.Raw(ctx, a.ID)
	if err != nil {
		return mailed{}, nil, err
	}
	defer r.Close()
	raw, err := io.ReadAll(io.LimitReader(r, mime.MaxMessage))
	return mailed{mime.ParseBytes(raw), a.Size}, raw, err
}

// resolve is what all rules together do with a mail, and to which folders it moves: the last one that is there.
func resolve(rules []Rule, l mailed) (todo Action, folders []string) {
	for _, r := range rules {
		if !r.Active || !r.If.holds(l) {
			continue
		}
		if r.Then.Folder != "" {
			folders = append(folders, r.Then.Folder)
		}
		todo.Discard = todo.Discard || r.Then.Discard
		todo.Seen = todo.Seen || r.Then.Seen
		todo.Flagged = todo.Flagged || r.Then.Flagged
		todo.Labels = append(todo.Labels, r.Then.Labels...)
		todo.Forward = append(todo.Forward, r.Then.Forward...)
		if r.Then.Stop {
			break
		}
	}
	return todo, folders
}

// put marks a mail and moves it last: then it is out of the inbox, and rules are done with it.
func (s *Sorter) put(ctx context.Context, a mail.Arrival, inbox mail.Folder, todo Action, folders []string) error {
	f := mail.Flags{Seen: todo.Seen, Flagged: todo.Flagged}
	for _, label := range todo.Labels {
		if k := imap.Keyword(label); k != "" {
			f.Keywords = append(f.Keywords, k)
		}
	}
	uid, there, err := s.uid(ctx, a, inbox)
	if err != nil || !there {
		return err
	}
	if f.Seen || f.Flagged || len(f.Keywords) > 0 {
		if _, err := s.box.ChangeFlags(ctx, inbox, []uint32{uid}, mail.AddFlags, f); err != nil {
			return err
		}
	}
	to, moves, err := s.target(ctx, a.Mailbox, todo.Discard, folders)
	if err != nil || !moves || to.ID == inbox.ID {
		return err
	}
	_, err = s.box.MoveUIDs(ctx, inbox, []uint32{uid}, to)
	return err
}

// uid of a mail, as long as it is in the inbox.
func (s *Sorter) uid(ctx context.Context, a mail.Arrival, inbox mail.Folder) (uid uint32, there bool, err error) {
	err = s.db.QueryRow(ctx, `SELECT uid FROM mail_message WHERE id = $1 AND folder = $2`, a.ID, inbox.ID).Scan(&uid)
	if err = store.Found(err); errors.Is(err, store.ErrNotFound) {
		return 0, false, nil
	}
	return uid, err == nil, err
}

// target is the folder that a mail moves to; those that are gone, or another mailbox's, are none.
func (s *Sorter) target(ctx context.Context, mailbox string, discard bool, wanted []string) (to mail.Folder,
	moves bool, err error) {
	if !discard && len(wanted) == 0 {
		return to, false, nil
	}
	folders, err := s.box.Folders(ctx, mailbox)
	if err != nil {
		return to, false, err
	}
	is := func(f mail.Folder) bool { return f.Use == "Trash" }
	if discard {
		wanted = []string{""}
	}
	for _, id := range slices.Backward(wanted) {
		if !discard {
			is = func(f mail.Folder) bool { return f.ID == id }
		}
		if at := slices.IndexFunc(folders, is); at >= 0 {
			return folders[at], true, nil
		}
	}
	return to, false, nil
}

// forward sends a mail on, once: not what came back, what was sent on by this mailbox before, what goes round, nor more
// in an hour than anybody reads.
func (s *Sorter) forward(ctx context.Context, a mail.Arrival, to []string, raw []byte) error {
	if len(to) == 0 || a.EnvelopeFrom == "" {
		return nil
	}
	box, err := s.box.Mailbox(ctx, a.Mailbox)
	if err != nil {
		return err
	}
	if to, err = s.elsewhere(ctx, a.Mailbox, to); err != nil || len(to) == 0 {
		return err
	}
	fields, err := header.Read(bytes.NewReader(raw))
	if err != nil {
		return err
	}
	if loops(fields, box.Address) {
		s.log.Warn("a mail that goes round is not sent on", "msg", a.ID, "mailbox", box.Address)
		return nil
	}
	var lately int
	hour := store.Micros(time.Now().Add(-time.Hour))
	if err := s.db.QueryRow(ctx, `SELECT count(*) FROM mail_forwarded WHERE mailbox = $1 AND at > $2`, a.Mailbox, hour).Scan(&lately); err != nil {
		return err
	}
	if lately >= maxPerHour {
		s.log.Warn("a mailbox sends on too much: this mail stays", "msg", a.ID, "mailbox", box.Address)
		return nil
	}
	kept := header.Without(fields, func(name string, _ []byte) bool { return name == "return-path" || name == "bcc" })
	sent := slices.Concat([]byte(loopField+": "+box.Address+"\r\n"), kept, raw[len(fields):])
	_, err = s.queue.SubmitOnce(ctx, queue.Envelope{From: box.Address, To: to}, sent, func(ctx context.Context,
		tx *store.Tx) error {
		return once(tx.Exec(ctx, `INSERT INTO mail_forwarded (message, mailbox, at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			a.ID, a.Mailbox, store.Micros(time.Now())))
	})
	return unlessOnce(err)
}

// elsewhere are the addresses that don't lead back into the mailbox.
func (s *Sorter) elsewhere(ctx context.Context, mailbox string, to []string) (out []string, err error) {
	for _, address := range to {
		boxes, err := s.box.Resolve(ctx, address)
		if err != nil && !errors.Is(err, mail.ErrRelay) && !errors.Is(err, mail.ErrNoMailbox) {
			return nil, err
		}
		back := slices.ContainsFunc(boxes, func(b mail.Mailbox) bool { return b.ID == mailbox })
		if !back && !slices.Contains(out, address) {
			out = append(out, address)
		}
	}
	return out, nil
}

// loops tells whether a mail was sent on by this mailbox before, or has gone through more servers than lie on any way.
func loops(fields []byte, address string) bool {
	hops, round := 0, false
	for name, field, rest := header.Next(fields); name != ""; name, field, rest = header.Next(rest) {
		switch name {
		case "received":
			hops++
		case strings.ToLower(loopField):
			_, value, _ := strings.Cut(string(field), ":")
			round = round || strings.EqualFold(strings.TrimSpace(value), address)
		}
	}
	return round || hops > maxHops
}
