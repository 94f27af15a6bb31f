package intake

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/pbx"
	"frontdesk/pbx/ledger"
)

// person is a participant as meet.state shows him.
type person struct {
	Leg    string        `json:"leg"`
	User   string        `json:"user"`
	Number string        `json:"number"`
	Name   string        `json:"name"`
	Muted  bool          `json:"muted"`
	Camera bool          `json:"camera"`
	Kind   pbx.PartyKind `json:"kind"`
	State  string        `json:"state"`           // active; ringing: is being called in; failed: was, in vain
	Cause  pbx.Cause     `json:"cause,omitempty"` // why in vain
	Call   string        `json:"call,omitempty"`  // of who is from outside: his own record
	By     string        `json:"by,omitempty"`    // and the user who had him called
}

// meeting tells who is in a room now, and the CRM who came since the last time.
func (in *Intake) meeting(view pbx.View) {
	moves := in.moves(view)
	in.showRoom(view)
	for _, m := range moves {
		in.tasks.Go(func() { m.tell(in, view, m.leg) })
	}
}

// showRoom sends the room to the tabs of those inside.
func (in *Intake) showRoom(view pbx.View) {
	people := []person{}
	for _, l := range view.Legs {
		if l.State != "gone" {
			people = append(people, person{l.Leg, l.User, l.Number, l.Name, l.Muted, l.Camera, l.Kind, l.State, l.Cause,
				l.Call, l.By})
		}
	}
	state := map[string]any{"room": view.Meeting, "node": view.Node, "title": view.To, "people": people,
		"knocking": append([]string{}, view.Knocks...)}
	for _, user := range usersOf(view) {
		in.screens.Send(user, "meet.state", state)
	}
}

// move is a step of somebody in a meeting, and how the CRM is told.
type move struct {
	leg  pbx.LegView
	tell func(*Intake, pbx.View, pbx.LegView)
}

// moves are what changed in a meeting since the last view: everybody is called in and comes once.
func (in *Intake) moves(view pbx.View) (list []move) {
	in.mu.Lock()
	defer in.mu.Unlock()
	r, now := in.call(view), map[string]pbx.LegView{}
	for _, leg := range view.Legs {
		id := cmp.Or(leg.Call, leg.Leg) // of who is called in over one line after another
		before := r.legs[id].State
		switch {
		case leg.State == "active" && before != "active":
			list = append(list, move{leg, (*Intake).joined})
		case leg.State == "ringing" && before == "":
			list = append(list, move{leg, (*Intake).calledIn})
		}
		if leg.State == "active" || leg.State == "ringing" {
			now[id] = leg
		}
	}
	r.legs = now
	return list
}

// calledIn opens the card of who is being called into a meeting for the one who called.
func (in *Intake) calledIn(view pbx.View, leg pbx.LegView) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if card, ok := in.visited(ctx, view, leg); ok {
		in.open(ctx, card, leg.Call, []string{leg.By})
	}
}

// visited tells the CRM of a call between somebody from outside and a meeting, and the meeting under which name the CRM
// knows him.
func (in *Intake) visited(ctx context.Context, view pbx.View, leg pbx.LegView) (card crmcore.Card, ok bool) {
	found, err := in.calls.Records(ctx, []string{leg.Call})
	if err == nil && len(found) == 0 {
		err = ledger.ErrNotFound
	}
	if err == nil {
		r := found[0]
		r.Outcome = "" // should it have ended meanwhile
		var touch crmcore.Touch
		if touch, err = in.callTouch(ctx, r, timeline.Began); err == nil {
			card, err = in.core.Receive(ctx, touch)
		}
	}
	if err != nil {
		in.log.Error("card of who calls into a meeting or is called in", "meeting", view.Meeting, "call", leg.Call,
			"err", err)
		return card, false
	}
	in.created(card)
	if card.Name != "" {
		in.calls.Named(view.Call, leg.Call, card.Name)
	}
	return card, true
}

// joined brings a running meeting onto the timelines of what it is about and of the guests, and opens the card beside
// it for who came in. Where that is a guest, his opens for all who are there; who had him called has it already.
func (in *Intake) joined(view pbx.View, leg pbx.LegView) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	in.calls.Written(ctx, view.Call) // whose end ends what is noted of the meeting
	if leg.Call != "" {              // first, so that the meeting finds the lead of a stranger
		if card, ok := in.visited(ctx, view, leg); ok && len(card.Cards) > 0 {
			in.open(ctx, card, leg.Call, without(usersOf(view), []string{leg.By}))
		}
	}
	card, ok := in.metNow(ctx, view)
	if ok && leg.User != "" && len(card.Cards) > 0 {
		in.open(ctx, card, view.Call, []string{leg.User})
	}
}

// metNow is the touch of a running meeting; none where it is about nothing and nobody is there from outside.
func (in *Intake) metNow(ctx context.Context, view pbx.View) (card crmcore.Card, ok bool) {
	about, err := in.about(ctx, view.Meeting)
	if err != nil {
		in.log.Error("what a meeting is about", "meeting", view.Meeting, "err", err)
		return card, false
	}
	guests := guestsOf(view)
	if len(about)+len(guests) == 0 {
		return card, false
	}
	card, err = in.core.Receive(ctx, crmcore.Touch{
		Channel: timeline.Meeting, Phase: timeline.Began, Key: view.Call, Users: usersOf(view), At: view.Started,
		Subject: view.To,
		Snippet: in.names(ctx, usersOf(view), guests), Source: view.Meeting, About: about, Guests: in.phones(guests),
	})
	if err != nil {
		in.log.Error("card of a meeting", "meeting", view.Meeting, "err", err)
	}
	return card, err == nil
}

// guestsOf are those from outside who are in the meeting now.
func guestsOf(view pbx.View) (guests []ledger.Guest) {
	for _, leg := range view.Legs {
		if leg.Kind == pbx.Outside && leg.State == "active" {
			guests = append(guests, ledger.Guest{Number: leg.Number, Name: leg.Name})
		}
	}
	return guests
}

func (in *Intake) phones(guests []ledger.Guest) (all []address.Address) {
	for _, g := range guests {
		all = append(all, in.phone(g.Number, false))
	}
	return all
}

// meetingEnded closes the touch of a meeting, as callEnded does that of a call.
func (in *Intake) meetingEnded(ctx context.Context, r ledger.Record) error {
	about, err := in.about(ctx, r.Meeting)
	if err != nil {
		return fmt.Errorf("meeting %s: %w", r.ID, err)
	}
	_, err = in.core.Receive(ctx, crmcore.Touch{
		Channel: timeline.Meeting,
		Phase:   timeline.Ended,
		Key:     r.ID,
		Users:   r.Users,
		At:      r.Started,
		Seconds: talked(r),
		Outcome: r.Outcome,
		Subject: r.To,
		Snippet: in.names(ctx, r.Users, r.Guests),
		Source:  r.Meeting,
		About:   about,
		Guests:  in.phones(r.Guests),
	})
	if err != nil {
		return fmt.Errorf("meeting %s: %w", r.ID, err)
	}
	return nil
}

// about are the records that a meeting is about; nil when the room is gone, so that what was told before stays.
func (in *Intake) about(ctx context.Context, room string) ([]record.Ref, error) {
	m, err := in.directory.Meeting(ctx, room)
	if errors.Is(err, pbx.ErrNotFound) {
		return nil, nil
	}
	refs := []record.Ref{}
	for _, a := range m.About {
		refs = append(refs, record.Ref{Kind: record.Kind(a.Kind), ID: a.ID})
	}
	return refs, err
}

// names of users and numbers of guests, for people to read; who is unknown by now is left out.
func (in *Intake) names(ctx context.Context, users []string, guests []ledger.Guest) string {
	var names []string
	for _, id := range users {
		if user, err := in.core.User(ctx, id); err == nil {
			names = append(names, user.Name)
		}
	}
	for _, g := range guests {
		if shown := cmp.Or(g.Number, g.Name); shown != "" {
			names = append(names, shown)
		}
	}
	return strings.Join(names, ", ")
}
