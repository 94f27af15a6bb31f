package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/timeline"
	"frontdesk/mail"
	"frontdesk/mail/exclusion"
	"frontdesk/store"
)

// mailTogether is how many mails the CRM is told of together: enough to share what a commit costs, few enough not to
// hold the database's writer for long.
const mailTogether = 32

// arriving is a mail that the CRM is told of.
type arriving struct {
	at  int // among the jobs
	job store.Job
	mail.Arrival
	box  mail.Mailbox
	card crmcore.Card
	cuts []seenCard
}

// messagesStored are the jobs that tell the CRM of mails, received or sent; they come from the transactions that stored
// them. What came in is told together.
func (in *Intake) messagesStored(ctx context.Context, jobs []store.Job) []error {
	errs := make([]error, len(jobs))
	var received []*arriving
	for _, a := range in.arrivals(ctx, jobs, errs) {
		if a.Outgoing {
			errs[a.at] = in.sent(ctx, a.Arrival, a.box)
		} else {
			received = append(received, a)
		}
	}
	in.received(ctx, in.sorted(ctx, received, errs), errs)
	return errs
}

// patience is how often a mail that its mailbox's rules fail on comes again before the CRM is told of it all the same.
const patience = 3

// sorted follows the mailboxes' rules, and leaves out mails on which that failed: their jobs come again.
func (in *Intake) sorted(ctx context.Context, list []*arriving, errs []error) (done []*arriving) {
	if in.sort == nil {
		return list
	}
	mails := make([]mail.Arrival, len(list))
	for i, a := range list {
		mails[i] = a.Arrival
	}
	for i, err := range in.sort(ctx, mails) {
		a := list[i]
		if err != nil && a.job.Attempts < patience {
			errs[a.at] = err
			continue
		}
		if err != nil {
			in.log.Error("rules of a mailbox", "msg", a.ID, "err", err)
		}
		done = append(done, a)
	}
	return done
}

// arrivals reads the mails, without those that were deleted before we looked.
func (in *Intake) arrivals(ctx context.Context, jobs []store.Job, errs []error) (list []*arriving) {
	payloads := make([]mail.Intake, len(jobs))
	for i, job := range jobs {
		if err := json.Unmarshal(job.Payload, &payloads[i]); err != nil {
			errs[i] = fmt.Errorf("%w: %w", err, store.ErrDead)
		}
	}
	read, failed := in.box.Arrivals(ctx, payloads)
	boxes := map[string]mail.Mailbox{}
	for i, job := range jobs {
		if errs[i] != nil || errors.Is(failed[i], mail.ErrNotFound) {
			continue
		}
		a := &arriving{at: i, job: job, Arrival: read[i]}
		err := failed[i]
		if err == nil {
			a.box, err = in.mailbox(ctx, boxes, a.Mailbox)
		}
		if errs[i] = err; err == nil {
			list = append(list, a)
		}
	}
	return list
}

// mailbox reads a mailbox once for several mails.
func (in *Intake) mailbox(ctx context.Context, known map[string]mail.Mailbox, id string) (mail.Mailbox, error) {
	if box, ok := known[id]; ok {
		return box, nil
	}
	box, err := in.box.Mailbox(ctx, id)
	if err != nil {
		return box, fmt.Errorf("mailbox %s: %w", id, err)
	}
	known[id] = box
	return box, nil
}

// received tells of mails in the transaction that does away with their jobs: once, however often a job begins.
func (in *Intake) received(ctx context.Context, list []*arriving, errs []error) {
	list, quiet := in.excluded(ctx, list, errs)
	touches := make([]crmcore.Touch, len(list))
	for i, a := range list {
		touches[i] = in.mailTouch(a.Arrival, a.box, a.Client, true)
	}
	cards, failed := in.core.ReceiveTogether(ctx, touches)
	told := quiet
	for i, a := range list {
		if errs[a.at] = failed[i]; failed[i] != nil {
			continue
		}
		if a.card = cards[i]; !a.Auto {
			a.cuts = in.cuts(ctx, a.card, "", a.card.For)
		}
		told = append(told, a)
	}
	if len(told) > 1 && in.tell(ctx, told) == nil {
		return
	}
	for i, a := range told {
		errs[a.at] = in.tell(ctx, told[i:i+1])
	}
}

// excluded parts the mails of which the CRM is not to hear: only their readers are told.
func (in *Intake) excluded(ctx context.Context, list []*arriving, errs []error) (known, quiet []*arriving) {
	var mails []exclusion.Mail
	for _, a := range list { // also whom a machine wrote for
		mails = append(mails, exclusion.Mail{Mailbox: a.Mailbox, Address: a.From.Address},
			exclusion.Mail{Mailbox: a.Mailbox, Address: a.Client.Address})
	}
	covered, err := in.cover(ctx, mails)
	for i, a := range list {
		switch {
		case err != nil:
			errs[a.at] = fmt.Errorf("exclusions: %w", err)
		case covered[2*i] || covered[2*i+1]:
			quiet = append(quiet, a)
		default:
			known = append(known, a)
		}
	}
	return known, quiet
}

// tell tells of mails that the CRM knows, all or none.
func (in *Intake) tell(ctx context.Context, list []*arriving) error {
	var events []store.Event
	for _, a := range list {
		if !a.Past { // nobody is waiting to hear of it
			events = append(append(events, arrived(a.Arrival, a.box, a.card)), in.opened(ctx, a.cuts)...)
		}
	}
	err := in.db.Tx(ctx, func(tx *store.Tx) error {
		for _, a := range list {
			if err := a.job.Done(ctx, tx); err != nil {
				return fmt.Errorf("message %s: %w", a.ID, err)
			}
		}
		return tx.Tell(ctx, events...)
	})
	if err != nil {
		return err
	}
	for _, a := range list {
		if a.Past {
			continue
		}
		for _, user := range a.box.Users {
			in.screens.Send(user, mailReceived, receivedMail{a.Summary, a.card.Activity})
		}
		in.created(a.card)
		in.show(a.cuts)
	}
	return nil
}

const mailReceived = "mail.received"

// arrived is the event of a mail that came in.
func arrived(a mail.Arrival, box mail.Mailbox, card crmcore.Card) store.Event {
	event := store.Event{Type: mailReceived, Key: a.ID, For: box.Users, Data: receivedMail{a.Summary, card.Activity}}
	if !box.Shared {
		event.Rest = receivedMail{outline(a.Summary), card.Activity}
	}
	return event
}

// outline is what others than its users may know of a mail in a mailbox: from whom and when.
func outline(m mail.Summary) mail.Summary {
	return mail.Summary{ID: m.ID, Mailbox: m.Mailbox, From: m.From, Date: m.Date, To: []mail.Person{},
		Cc: []mail.Person{}}
}

// receivedMail is a mail that came in, and its entry on a timeline.
type receivedMail struct {
	mail.Summary
	Activity string `json:"activity"`
}

// sent puts a mail of ours on the timeline of each client it went to.
func (in *Intake) sent(ctx context.Context, a mail.Arrival, box mail.Mailbox) error {
	people := append(a.To, a.Cc...)
	mails := make([]exclusion.Mail, len(people))
	for i, to := range people {
		mails[i] = exclusion.Mail{Mailbox: a.Mailbox, Address: to.Address}
	}
	covered, err := in.cover(ctx, mails)
	if err != nil {
		return fmt.Errorf("message %s: exclusions: %w", a.ID, err)
	}
	for i, to := range people {
		if covered[i] {
			continue
		}
		touch := in.mailTouch(a, box, to, false)
		touch.Key += " " + to.Address
		if _, err := in.core.Receive(ctx, touch); err != nil {
			return fmt.Errorf("message %s: %w", a.ID, err)
		}
	}
	return in.took(ctx, a)
}

// took puts a mail that took an offer to a client on the timeline of the offer's deal.
func (in *Intake) took(ctx context.Context, a mail.Arrival) error {
	gone, err := in.went(ctx, a.MessageID)
	if err != nil || gone == nil {
		return err
	}
	sender := people.System()
	sender.ID = gone.User
	letter := timeline.Letter{Source: a.ID, MessageID: a.MessageID, From: a.From.Address}
	_, err = in.core.Attach(ctx, sender, []timeline.Letter{letter}, gone.Deal, true)
	if errors.Is(err, store.ErrNotFound) {
		return nil // the deal is gone meanwhile
	}
	return err
}

func (in *Intake) mailTouch(a mail.Arrival, box mail.Mailbox, client mail.Person, incoming bool) crmcore.Touch {
	from, err := address.ParseEmail(client.Address)
	if err != nil {
		from = address.Address{Kind: address.Email, Raw: client.Address}
	}
	return crmcore.Touch{
		Channel: timeline.Mail,
		Phase:   timeline.Ended,
		// who sends chooses the Message-ID, maybe one in use
		Key:       cmp.Or(a.MessageID, a.ID) + " " + a.From.Address + " " + a.Digest,
		MessageID: a.MessageID,
		Reply:     a.InReplyTo,
		Incoming:  incoming,
		Client:    from,
		Name:      client.Name,
		Line:      box.Address,
		Users:     box.Users,
		At:        a.Date,
		Subject:   a.Subject,
		Snippet:   a.Snippet,
		Source:    a.ID,
		Verified:  a.Proven,
		NoLead:    a.Auto,
	}
}
