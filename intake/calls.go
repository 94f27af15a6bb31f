package intake

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/calling"
	"frontdesk/crmcore/timeline"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
)

// Lookup is asked before a call is routed: who is it, and who is responsible. When it returns, the card is on its way
// to the browsers.
func (in *Intake) Lookup(ctx context.Context, call dialplan.Inbound) (dialplan.Hint, error) {
	in.begin(call.Call)
	defer in.forget(call.Call)
	touch := crmcore.Touch{
		Channel:  timeline.Call,
		Phase:    timeline.Began,
		Key:      call.Call,
		Incoming: true,
		Client:   in.phone(call.From, call.Private),
		Name:     call.Name,
		Line:     cmp.Or(call.DID, call.Dialled),
		At:       time.Now(),
		Source:   call.Call,
	}
	card, err := in.core.Receive(ctx, touch)
	if err != nil {
		return dialplan.Hint{}, fmt.Errorf("card of call %s: %w", call.Call, err)
	}
	in.created(card)
	in.open(ctx, card, call.Call, in.answered(call.Call, &card))
	return dialplan.Hint{Name: card.Name, Users: card.Takes(), Ties: in.ties(ctx, call, touch)}, nil
}

// ties are the users whom something ties to who calls, where the dial plan asks for that. A call is routed without them
// where they can't be told.
func (in *Intake) ties(ctx context.Context, call dialplan.Inbound, touch crmcore.Touch) map[string][]string {
	if !call.Ties {
		return nil
	}
	ties, err := in.core.Ties(ctx, touch, in.calls.Rang)
	if err != nil {
		in.log.Error("who is tied to a caller is not known", "call", call.Call, "err", err)
	}
	return ties
}

// begin notes a call that is looked up.
func (in *Intake) begin(call string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.running[call] == nil {
		in.running[call] = &running{}
	}
}

// forget leaves nothing of a call that ended while it was looked up: its end may have been told before.
func (in *Intake) forget(call string) {
	if in.calls.Runs(call) {
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.running, call)
}

// answered keeps the card the CRM answered with, and tells for whom it opens: those it is for, and those who ring
// already when it comes late.
func (in *Intake) answered(call string, card *crmcore.Card) []string {
	in.mu.Lock()
	defer in.mu.Unlock()
	if r := in.running[call]; r != nil { // nil: the caller has hung up meanwhile
		card.For = slices.Concat(card.For, without(r.rung, card.For))
		r.card = card
	}
	return card.For
}

// Ringing opens the card for users who are about to be rung and did not get it yet.
func (in *Intake) Ringing(ctx context.Context, call string, users []string) {
	in.mu.Lock()
	r := in.running[call]
	if r == nil || r.card == nil {
		if r != nil {
			r.rung = append(r.rung, without(users, r.rung)...)
		}
		in.mu.Unlock()
		return
	}
	card, missing := *r.card, without(users, r.card.For)
	card.For = slices.Concat(card.For, missing)
	r.card = &card
	in.mu.Unlock()
	if len(missing) > 0 {
		in.open(ctx, card, call, missing)
	}
}

// placed opens the card of the client whom a user calls.
func (in *Intake) placed(view pbx.View) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := in.listed(ctx, calling.Call{ID: view.Call, Users: usersOf(view)}, view.To); err != nil {
		in.log.Error("calling list of a call", "call", view.Call, "err", err)
	}
	card, err := in.core.Receive(ctx, crmcore.Touch{
		Channel: timeline.Call, Phase: timeline.Began, Key: view.Call, Client: in.phone(view.To, false),
		Line: view.Line, Users: usersOf(view), At: view.Started, Source: view.Call,
	})
	if err != nil {
		in.log.Error("card of the client who is called", "call", view.Call, "err", err)
		return
	}
	in.open(ctx, card, view.Call, usersOf(view))
}

// note keeps the state of a call as told and returns the one before, "" the first time.
func (in *Intake) note(view pbx.View) (before string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	r := in.call(view)
	before, r.told = r.told, view.State
	return before
}

// call is what is known of a call; of one that has ended it is forgotten. Under mu.
func (in *Intake) call(view pbx.View) *running {
	r := in.running[view.Call]
	if r == nil {
		r = &running{}
		in.running[view.Call] = r
	}
	if view.State == "ended" {
		delete(in.running, view.Call)
	}
	return r
}

func usersOf(view pbx.View) []string {
	var users []string
	for _, leg := range view.Legs {
		if leg.User != "" && !slices.Contains(users, leg.User) {
			users = append(users, leg.User)
		}
	}
	return users
}

// without is users less those named.
func without(users, named []string) []string {
	return slices.DeleteFunc(slices.Clone(users), func(u string) bool { return slices.Contains(named, u) })
}
