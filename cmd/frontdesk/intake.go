package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"sync"
	"time"

	"frontdesk/crmcore"
	"frontdesk/mail"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/ledger"
	"frontdesk/store"
	"frontdesk/web"
)

// ringWait bounds how long a phone waits for the card before it rings.
const ringWait = 300 * time.Millisecond

// intake translates what the edges see into touches of the CRM, and the CRM's answers into cards and events.
// It knows all three minds, which don't know each other.
type intake struct {
	core     *crmcore.Core
	rooms    *directory.Directory
	exchange *pbx.Exchange
	box      *mail.Box
	hub      *web.Hub
	events   *eventQueue
	region   string
	log      *slog.Logger

	tasks sync.WaitGroup // what a call does not wait for
	mu    sync.Mutex
	calls map[string]*running // by id
}

// running is what intake knows of a call under way.
type running struct {
	card *crmcore.Card          // nil until the CRM answered
	rung []string               // users who were rung before it did
	told string                 // last state told
	legs map[string]pbx.LegView // of a meeting: who is in it or being called in
}

func newIntake(region string, log *slog.Logger) *intake {
	return &intake{region: region, log: log, calls: map[string]*running{}}
}

// lookup is asked before a call is routed: who is it, and who is responsible. When it returns, the card is on its way to the browsers.
func (in *intake) lookup(ctx context.Context, call directory.Inbound) (directory.Hint, error) {
	in.begin(call.Call)
	defer in.forget(call.Call)
	card, err := in.core.Receive(ctx, crmcore.Touch{
		Channel:  crmcore.Call,
		Phase:    crmcore.Began,
		Key:      call.Call,
		Incoming: true,
		Client:   in.phone(call.From, call.Private),
		Name:     call.Name,
		Line:     cmp.Or(call.DID, call.Dialled),
		At:       time.Now(),
		Source:   call.Call,
	})
	if err != nil {
		return directory.Hint{}, fmt.Errorf("card of call %s: %w", call.Call, err)
	}
	in.created(card)
	in.open(ctx, card, call.Call, in.answered(call.Call, &card))
	hint := directory.Hint{Name: card.Name}
	if slices.Contains(card.LeadFor, card.Responsible) && !card.Kept { // LeadFor has those who are still here
		hint.Users = []string{card.Responsible}
	}
	return hint, nil
}

// begin notes a call that is looked up.
func (in *intake) begin(call string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.calls[call] == nil {
		in.calls[call] = &running{}
	}
}

// forget leaves nothing of a call that ended while it was looked up: its end may have been told before.
func (in *intake) forget(call string) {
	if _, runs := in.exchange.Call(call); runs {
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.calls, call)
}

// answered keeps the card the CRM answered with, and tells for whom it opens: those it is for, and those who ring already when it comes late.
func (in *intake) answered(call string, card *crmcore.Card) []string {
	in.mu.Lock()
	defer in.mu.Unlock()
	if r := in.calls[call]; r != nil { // nil: the caller has hung up meanwhile
		card.For = slices.Concat(card.For, without(r.rung, card.For))
		r.card = card
	}
	return card.For
}

// ringing opens the card for users who are about to be rung and did not get it yet.
func (in *intake) ringing(call string, users []string) {
	ctx, cancel := context.WithTimeout(context.Background(), ringWait)
	defer cancel()
	in.mu.Lock()
	r := in.calls[call]
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
	in.open(ctx, card, call, missing)
}

// without is users less those named.
func without(users, named []string) []string {
	return slices.DeleteFunc(slices.Clone(users), func(u string) bool { return slices.Contains(named, u) })
}

// placed opens the card of the client whom a user calls.
func (in *intake) placed(view pbx.View) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	card, err := in.core.Receive(ctx, crmcore.Touch{
		Channel: crmcore.Call, Phase: crmcore.Began, Key: view.Call, Client: in.phone(view.To, false), Line: view.Line,
		Users: usersOf(view), At: view.Started, Source: view.Call,
	})
	if err != nil {
		in.log.Error("card of the client who is called", "call", view.Call, "err", err)
		return
	}
	in.open(ctx, card, view.Call, usersOf(view))
}

// phone reads the caller id of the wire.
func (in *intake) phone(raw string, private bool) crmcore.Address {
	if private || raw == "" {
		return crmcore.Address{}
	}
	address, err := crmcore.ParsePhone(raw, in.region)
	if err != nil {
		return crmcore.Address{Kind: crmcore.Phone, Raw: raw}
	}
	return address
}

// cardEvent is a card with the call it is about.
type cardEvent struct {
	crmcore.Card
	Call string `json:"call,omitempty"`
}

// open sends the card to each of the users, cut to what he may see, and tells the event stream: one event for all who see the same.
func (in *intake) open(ctx context.Context, card crmcore.Card, call string, users []string) {
	var cuts []cardEvent
	for _, id := range users {
		cut, err := in.cut(ctx, card, id)
		if err != nil {
			in.log.Error("card for user", "user", id, "call", call, "err", err)
			continue
		}
		cut.For = users
		in.hub.Send(id, "", "card.open", cardEvent{cut, call})
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
		in.events.add(web.Event{Type: "card.open", Key: card.Activity, For: cut.For, Data: cut, Rest: cardEvent{public, call}})
	}
}

func (in *intake) cut(ctx context.Context, card crmcore.Card, id string) (crmcore.Card, error) {
	user, err := in.core.User(ctx, id)
	if err != nil {
		return card, err
	}
	return in.core.Redact(ctx, card, user)
}

// created tells about the lead that a touch made.
func (in *intake) created(card crmcore.Card) {
	if card.Lead == "" {
		return
	}
	data := map[string]any{"lead": card.Lead, "activity": card.Activity, "reason": card.Reason, "address": card.Address, "name": card.Name, "responsible": card.Responsible, "rule": card.Rule}
	in.events.add(web.Event{Type: "lead.created", Key: card.Lead, For: card.LeadFor, Data: data})
	for _, user := range card.LeadFor { // the responsible user, or his department while there is none
		in.hub.Send(user, "", "lead.created", data)
	}
}

// changed carries every change of a running call or meeting to the browsers of those in it, and its steps to the event stream.
func (in *intake) changed(view pbx.View) {
	users := usersOf(view)
	in.hub.Call(view)
	if view.Meeting != "" {
		in.meeting(view)
		return
	}
	before := in.tell(view)
	if view.Direction == "out" && view.State != "routing" && (before == "" || before == "routing") {
		in.tasks.Go(func() { in.placed(view) })
	}
	if event := "call." + view.State; view.State != before && view.State != "routing" {
		in.events.add(web.Event{Type: event, Key: view.Call, For: users, Data: view})
	}
}

// tell notes the state of a call as told and returns the one before, "" the first time.
func (in *intake) tell(view pbx.View) (before string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	r := in.call(view)
	before, r.told = r.told, view.State
	return before
}

// call is what is known of a call; of one that has ended it is forgotten. Under mu.
func (in *intake) call(view pbx.View) *running {
	r := in.calls[view.Call]
	if r == nil {
		r = &running{}
		in.calls[view.Call] = r
	}
	if view.State == "ended" {
		delete(in.calls, view.Call)
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

// told makes a job done only when its events are written.
func (in *intake) told(handle store.Handler) store.Handler {
	return func(ctx context.Context, job store.Job) error {
		if err := handle(ctx, job); err != nil {
			return err
		}
		return in.events.flush(ctx)
	}
}

// callEnded is the job that closes a call's touch; it comes from the transaction that closed the record.
func (in *intake) callEnded(ctx context.Context, job store.Job) error {
	var payload struct{ Call string }
	if err := json.Unmarshal(job.Payload, &payload); err != nil {
		return fmt.Errorf("%w: %w", err, store.ErrDead)
	}
	record, err := in.exchange.Record(ctx, payload.Call)
	if err != nil {
		return fmt.Errorf("call %s: %w", payload.Call, err)
	}
	switch record.Direction {
	case "in", "out":
		return in.clientCall(ctx, record)
	case "meeting":
		return in.meetingEnded(ctx, record)
	}
	return nil // colleagues among themselves are no touch of a client
}

func (in *intake) clientCall(ctx context.Context, r ledger.Record) error {
	touch, err := in.callTouch(ctx, r, crmcore.Ended)
	if err != nil {
		return err
	}
	card, err := in.core.Receive(ctx, touch)
	if err != nil {
		return fmt.Errorf("call %s: %w", r.ID, err)
	}
	in.created(card)
	if r.Meeting != "" { // of other calls they know by call.state
		for _, user := range r.Users {
			in.hub.Send(user, "", "changed", map[string]string{"kind": "call", "id": r.ID})
		}
	}
	return nil
}

// callTouch is the touch of a recorded call between a client and us, or between him and a meeting.
func (in *intake) callTouch(ctx context.Context, r ledger.Record, phase crmcore.Phase) (crmcore.Touch, error) {
	t := crmcore.Touch{Channel: crmcore.Call, Phase: phase, Key: r.ID, Incoming: r.Direction == "in", Client: in.phone(r.To, false), Line: r.Line,
		Users: r.Users, At: r.Started, Outcome: r.Outcome, Source: r.ID}
	if t.Incoming {
		t.Client, t.Name = in.phone(r.From, false), r.FromName
	}
	if phase == crmcore.Ended {
		t.Seconds = talked(r)
	}
	if r.Meeting == "" {
		return t, nil
	}
	room, err := in.rooms.Meeting(ctx, r.Meeting)
	if err != nil && !errors.Is(err, pbx.ErrNotFound) {
		return t, fmt.Errorf("meeting %s: %w", r.Meeting, err)
	}
	t.Subject = room.Title
	return t, nil
}

func talked(r ledger.Record) int64 {
	if r.Answered.IsZero() {
		return 0
	}
	return int64(r.Ended.Sub(r.Answered).Round(time.Second) / time.Second)
}
