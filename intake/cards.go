package intake

import (
	"context"
	"reflect"
	"slices"

	"frontdesk/crmcore"
	"frontdesk/store"
)

// cardEvent is a card with the call it is about.
type cardEvent struct {
	crmcore.Card
	Call string `json:"call,omitempty"`
}

// open sends the card to each of the users, cut to what he may see, and tells the event stream: one event for all who see the same.
func (in *Intake) open(ctx context.Context, card crmcore.Card, call string, users []string) {
	var cuts []cardEvent
	for _, id := range users {
		cut, err := in.cut(ctx, card, id)
		if err != nil {
			in.log.Error("card for user", "user", id, "call", call, "err", err)
			continue
		}
		cut.For = users
		in.screens.Send(id, "card.open", cardEvent{cut, call})
		cut.For = []string{id}
		if same := slices.IndexFunc(cuts, func(c cardEvent) bool { return reflect.DeepEqual(c.Cards, cut.Cards) }); same >= 0 {
			cuts[same].For = append(cuts[same].For, id)
		} else {
			cuts = append(cuts, cardEvent{cut, call})
		}
	}
	for _, cut := range cuts {
		public, err := in.core.Public(ctx, cut.Card)
		if err != nil {
			in.log.Error("card for the event stream", "call", call, "err", err)
			continue
		}
		in.live.add(store.Event{Type: "card.open", Key: card.Activity, For: cut.For, Data: cut, Rest: cardEvent{public, call}})
	}
}

func (in *Intake) cut(ctx context.Context, card crmcore.Card, id string) (crmcore.Card, error) {
	user, err := in.core.User(ctx, id)
	if err != nil {
		return card, err
	}
	return in.core.Redact(ctx, card, user)
}

// created tells the browsers about the lead that a touch made.
func (in *Intake) created(card crmcore.Card) {
	if card.Lead == "" {
		return
	}
	data := crmcore.NewLead{Lead: card.Lead, Activity: card.Activity, Reason: card.Reason, Address: card.Address, Name: card.Name,
		Responsible: card.Responsible, Rule: card.Rule}
	for _, user := range card.LeadFor { // the responsible user, or his department while there is none
		in.screens.Send(user, crmcore.LeadCreated, data)
	}
}
