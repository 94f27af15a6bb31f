package intake

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/timeline"
	"frontdesk/mail"
	"frontdesk/store"
)

// messageStored is the job that tells the CRM of a mail, received or sent; it comes from the transaction that stored
// it.
func (in *Intake) messageStored(ctx context.Context, job store.Job) error {
	var payload mail.Intake
	if err := json.Unmarshal(job.Payload, &payload); err != nil {
		return fmt.Errorf("%w: %w", err, store.ErrDead)
	}
	arrival, err := in.box.Arrival(ctx, payload)
	if errors.Is(err, mail.ErrNotFound) {
		return nil // deleted before we looked
	}
	if err != nil {
		return err
	}
	mailbox, err := in.box.Mailbox(ctx, arrival.Mailbox)
	if err != nil {
		return fmt.Errorf("message %s: %w", payload.Message, err)
	}
	if arrival.Outgoing {
		return in.sent(ctx, arrival, mailbox)
	}
	return in.received(ctx, job, arrival, mailbox)
}

// received tells of a mail in the transaction that does away with its job: once, however often the job begins.
func (in *Intake) received(ctx context.Context, job store.Job, a mail.Arrival, box mail.Mailbox) error {
	card, err := in.core.Receive(ctx, in.mailTouch(a, box, a.Client, true))
	if err != nil {
		return fmt.Errorf("message %s: %w", a.ID, err)
	}
	var cards []seenCard
	if !a.Auto {
		cards = in.cuts(ctx, card, "", card.For)
	}
	events := append([]store.Event{arrived(a, box, card)}, in.opened(ctx, cards)...)
	err = in.db.Tx(ctx, func(tx *store.Tx) error {
		if err := job.Done(ctx, tx); err != nil {
			return err
		}
		return tx.Tell(ctx, events...)
	})
	if err != nil {
		return fmt.Errorf("message %s: %w", a.ID, err)
	}
	for _, user := range box.Users {
		in.screens.Send(user, mailReceived, receivedMail{a.Summary, card.Activity})
	}
	in.created(card)
	in.show(cards)
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
	for _, to := range append(a.To, a.Cc...) {
		touch := in.mailTouch(a, box, to, false)
		touch.Key += " " + to.Address
		if _, err := in.core.Receive(ctx, touch); err != nil {
			return fmt.Errorf("message %s: %w", a.ID, err)
		}
	}
	return nil
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
