package intake

import (
	"context"
	"reflect"
	"slices"
	"time"

	"frontdesk/crmcore"
	"frontdesk/store"
)

// cardEvent is a card with the call it is about.
type cardEvent struct {
	crmcore.Card
	Call string `json:"call,omitempty"`
}

// tellWithin bounds how long it is tried to tell that a card opened.
const tellWithin = 10 * time.Second

// open sends the card of a call to each of the users, cut to what he may see, and tells the event stream, for which the
// call does not wait. A card on a screen is over in a moment: what it is about stands in the CRM.
func (in *Intake) open(ctx context.Context, card crmcore.Card, call string, users []string) {
	cuts := in.cuts(ctx, card, call, users)
	if len(cuts) == 0 {
		return
	}
	in.show(cuts)
	in.tasks.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), tellWithin)
		defer cancel()
		events := in.opened(ctx, cuts)
		if len(events) == 0 || in.calls.Tell(call, events...) {
			return
		}
		if err := in.db.Tell(ctx, events...); err != nil {
			in.log.Error("card for the event stream", "call", call, "err", err)
		}
	})
}

// seenCard is a card as some users see it.
type seenCard struct {
	cardEvent
	by []string
}

// cuts are the card as the users may see it: one for all who see the same. There is none of a bare one, unless somebody
// came meanwhile who looks.
func (in *Intake) cuts(ctx context.Context, card crmcore.Card, call string, users []string) (cuts []seenCard) {
	if len(users) == 0 || card.Bare && !in.core.Looks(users) {
		return nil
	}
	all, err := in.core.RedactFor(ctx, card, users)
	if err != nil {
		in.log.Error("card for users", "users", users, "call", call, "err", err)
	}
	for _, id := range users {
		cut, there := all[id]
		if !there {
			continue
		}
		cut.For = users
		same := func(c seenCard) bool { return reflect.DeepEqual(c.Cards, cut.Cards) }
		if at := slices.IndexFunc(cuts, same); at >= 0 {
			cuts[at].by = append(cuts[at].by, id)
		} else {
			cuts = append(cuts, seenCard{cardEvent{cut, call}, []string{id}})
		}
	}
	return cuts
}

// show opens the card on the screens.
func (in *Intake) show(cuts []seenCard) {
	for _, c := range cuts {
		for _, user := range c.by {
			in.screens.Send(user, "card.open", c.cardEvent)
		}
	}
}

// opened are the events that tell of it.
func (in *Intake) opened(ctx context.Context, cuts []seenCard) (events []store.Event) {
	for _, c := range cuts {
		public, err := in.core.Public(ctx, c.Card)
		if err != nil {
			in.log.Error("card for the event stream", "call", c.Call, "err", err)
			continue
		}
		c.For = c.by
		events = append(events, store.Event{Type: "card.open", Key: c.Activity, For: c.by, Data: c.cardEvent,
			Rest: cardEvent{public, c.Call}})
	}
	return events
}

// created tells the browsers about the lead that a touch made.
func (in *Intake) created(card crmcore.Card) {
	if card.Lead == "" {
		return
	}
	data := crmcore.NewLead{Lead: card.Lead, Activity: card.Activity, Reason: card.Reason, Address: card.Address,
		Name: card.Name, Responsible: card.Responsible, Rule: card.Rule}
	for _, user := range card.LeadFor { // the responsible user, or his department while there is none
		in.screens.Send(user, crmcore.LeadCreated, data)
	}
}
