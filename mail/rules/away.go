package rules

import (
	"context"
	"slices"
	"strings"
	"time"

	gomail "github.com/emersion/go-message/mail"

	"frontdesk/mail"
	"frontdesk/mail/letter"
	"frontdesk/mail/queue"
	"frontdesk/store"
)

// maxAnswers is how many a mailbox gives in an hour: senders can be made up.
const maxAnswers = 100

func (a Away) now(at time.Time) bool {
	return a.On && (a.From == nil || !at.Before(*a.From)) && (a.Until == nil || at.Before(*a.Until))
}

// answer tells a sender that the mailbox's owner is away (RFC 3834): a person, who wrote to the mailbox by name, and
// had
// no answer lately.
func (s *Sorter) answer(ctx context.Context, a mail.Arrival, away Away, l mailed) error {
	now := time.Now()
	if !away.now(now) || a.Auto || l.Auto || a.Verdict.Junk || a.EnvelopeFrom == "" || machine(a.EnvelopeFrom) {
		return nil
	}
	box, err := s.box.Mailbox(ctx, a.Mailbox)
	if err != nil {
		return err
	}
	named, err := s.named(ctx, box, a)
	if err != nil || !named || strings.EqualFold(a.EnvelopeFrom, box.Address) {
		return err
	}
	busy, err := s.busy(ctx, a.Mailbox, now)
	if err != nil || busy {
		return err
	}
	raw, err := away.letter(box, a.EnvelopeFrom, l)
	if err != nil {
		return err
	}
	since := store.Micros(now.Add(-time.Duration(away.Days) * 24 * time.Hour))
	_, err = s.queue.SubmitOnce(ctx, queue.Envelope{To: []string{a.EnvelopeFrom}}, raw, func(ctx context.Context,
		tx *store.Tx) error {
		return once(tx.Exec(ctx, `INSERT INTO mail_away_told (mailbox, address, at) VALUES ($1, $2, $3)
			ON CONFLICT (mailbox, address) DO UPDATE SET at = excluded.at WHERE mail_away_told.at < $4`,
			a.Mailbox, strings.ToLower(a.EnvelopeFrom), store.Micros(now), since))
	})
	return unlessOnce(err)
}

// busy tells whether a mailbox has answered too much in the last hour.
func (s *Sorter) busy(ctx context.Context, mailbox string, now time.Time) (bool, error) {
	var n int
	err := s.db.QueryRow(ctx, `SELECT count(*) FROM mail_away_told WHERE mailbox = $1 AND at > $2`, mailbox,
		store.Micros(now.Add(-time.Hour))).Scan(&n)
	return n >= maxAnswers, err
}

// machine tells return paths that no person reads (RFC 3834 section 2).
func machine(address string) bool {
	local, _, _ := strings.Cut(strings.ToLower(address), "@")
	return strings.HasPrefix(local, "owner-") || strings.HasSuffix(local, "-request") || strings.HasSuffix(local,
		"-owner") ||
		strings.Contains(local, "bounce") || slices.Contains([]string{"mailer-daemon", "listserv", "majordomo",
		"postmaster", "noreply", "no-reply"}, local)
}

// named tells whether a mail names the mailbox in To or Cc: by its address, an alias, or the address with a tag.
func (s *Sorter) named(ctx context.Context, box mail.Mailbox, a mail.Arrival) (bool, error) {
	aliases, err := s.box.Aliases(ctx)
	own := []string{box.Address}
	for _, other := range aliases {
		if slices.Contains(other.Mailboxes, box.ID) {
			own = append(own, other.Address)
		}
	}
	for _, p := range slices.Concat(a.To, a.Cc) {
		address := strings.ToLower(p.Address)
		local, domain, _ := strings.Cut(address, "@")
		bare, _, _ := strings.Cut(local, "+")
		if slices.Contains(own, address) || slices.Contains(own, bare+"@"+domain) {
			return true, err
		}
	}
	return false, err
}

// letter is the answer to a mail, in its language.
func (a Away) letter(box mail.Mailbox, to string, l mailed) ([]byte, error) {
	t := a.text(languageOf(l.Subject + " " + l.Text))
	subject := strings.TrimSpace(t.Subject)
	if subject == "" {
		subject = "Auto: " + l.Subject
	}
	domain := box.Address[strings.LastIndexByte(box.Address, '@')+1:]
	h := letter.Begin(store.NewID()+"@"+domain, gomail.Address{Name: box.Name, Address: box.Address}, subject)
	h.SetAddressList("To", []*gomail.Address{{Address: to}})
	letter.Answer(&h, l.Message)
	h.Set("Auto-Submitted", "auto-replied")
	h.Set("Precedence", "bulk") // for programs older than RFC 3834
	raw, err := letter.Write(h, t.Text, "", nil)
	return raw, err
}

func (a Away) text(language string) AwayText {
	for _, t := range a.Texts {
		if t.Language == language {
			return t
		}
	}
	return a.Texts[0]
}
