package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/crmcore"
	"frontdesk/pbx"
	"frontdesk/web"
)

// person is a participant as meet.state shows him.
type person struct {
	Leg     string        `json:"leg"`
	User    string        `json:"user"`
	Number  string        `json:"number"`
	Name    string        `json:"name"`
	Muted   bool          `json:"muted"`
	Camera  bool          `json:"camera"`
	Ringing bool          `json:"ringing"` // is being called in
	Kind    pbx.PartyKind `json:"kind"`
}

// meeting tells who is in a room now, and who came and left since the last time.
func (in *intake) meeting(view pbx.View) {
	moves := in.moves(view)
	in.shown.Lock()
	in.showRoom(view)
	in.shown.Unlock()
	for _, m := range moves {
		who := append(without(usersOf(view), []string{m.leg.User}), m.leg.User)
		in.events.add(web.Event{Type: m.event, Key: view.Call, For: who, Data: map[string]any{"meeting": view.Meeting, "call": view.Call, "leg": m.leg.Leg,
			"user": m.leg.User, "number": m.leg.Number, "name": m.leg.Name}})
		if m.event == "meeting.joined" {
			in.tasks.Go(func() { in.joined(view, m.leg) })
		}
	}
}

// showRoom sends the room to the tabs of those inside. It holds shown.
func (in *intake) showRoom(view pbx.View) {
	people := []person{}
	for _, leg := range view.Legs {
		if leg.State != "gone" {
			people = append(people, person{leg.Leg, leg.User, leg.Number, cmp.Or(in.guestName(view.Call, leg.Leg), leg.Name), leg.Muted, leg.Camera, leg.State == "ringing", leg.Kind})
		}
	}
	state := map[string]any{"room": view.Meeting, "node": view.Node, "title": view.To, "people": people}
	for _, user := range usersOf(view) {
		in.hub.Send(user, "", "meet.state", state)
	}
}

// guestName is under which name the CRM knows a guest, "" while it doesn't.
func (in *intake) guestName(call, leg string) string {
	in.mu.Lock()
	defer in.mu.Unlock()
	if r := in.calls[call]; r != nil {
		return r.names[leg]
	}
	return ""
}

// move is somebody's coming into a meeting or leaving it.
type move struct {
	event string
	leg   pbx.LegView
}

// moves are what changed in a meeting since the last view: everybody comes and leaves once.
func (in *intake) moves(view pbx.View) (list []move) {
	in.mu.Lock()
	defer in.mu.Unlock()
	r, now := in.call(view), map[string]pbx.LegView{}
	for _, leg := range view.Legs {
		if leg.State != "active" {
			continue
		}
		now[leg.Leg] = leg
		if _, before := r.legs[leg.Leg]; !before {
			list = append(list, move{"meeting.joined", leg})
		}
	}
	for id, leg := range r.legs {
		if _, still := now[id]; !still {
			list = append(list, move{"meeting.left", leg})
		}
	}
	r.legs = now
	return list
}

// joined brings a running meeting onto the timelines of what it is about and of the guests, and opens the card beside it: for who came in, or where that
// is a guest, his for all who are there.
func (in *intake) joined(view pbx.View, leg pbx.LegView) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	about, err := in.about(ctx, view.Meeting)
	if err != nil {
		in.log.Error("what a meeting is about", "meeting", view.Meeting, "err", err)
		return
	}
	guests := guestsOf(view)
	if len(about)+len(guests) == 0 {
		return
	}
	card, err := in.core.Receive(ctx, crmcore.Touch{
		Channel: crmcore.Meeting, Phase: crmcore.Began, Key: view.Call, Users: usersOf(view), At: view.Started, Subject: view.To,
		Snippet: in.names(ctx, usersOf(view), guests), Source: view.Meeting, About: about, Guests: in.phones(guests),
	})
	if err != nil {
		in.log.Error("card of a meeting", "meeting", view.Meeting, "err", err)
		return
	}
	viewers := []string{leg.User}
	if leg.User == "" {
		viewers, card.Cards = usersOf(view), in.recognise(view.Call, leg, card.Cards)
	}
	if len(card.Cards) > 0 {
		in.open(ctx, card, view.Call, viewers)
	}
}

// recognise keeps the cards that have the guest's number, and shows the room with his name.
func (in *intake) recognise(call string, leg pbx.LegView, cards []crmcore.CardView) []crmcore.CardView {
	number := in.phone(leg.Number, false).Value
	his := slices.DeleteFunc(slices.Clone(cards), func(c crmcore.CardView) bool {
		return number == "" || !slices.ContainsFunc(c.Points, func(p crmcore.Point) bool { return p.Value == number })
	})
	if len(his) == 0 {
		return nil
	}
	in.mu.Lock()
	r := in.calls[call]
	if r != nil {
		r.names[leg.Leg] = his[0].Name
	}
	in.mu.Unlock()
	in.shown.Lock()
	defer in.shown.Unlock()
	if view, running := in.exchange.Call(call); running && r != nil {
		in.showRoom(view)
	}
	return his
}

// guestsOf are those from outside who are in the meeting now.
func guestsOf(view pbx.View) (guests []pbx.Guest) {
	for _, leg := range view.Legs {
		if leg.Kind == pbx.Line && leg.State == "active" {
			guests = append(guests, pbx.Guest{Number: leg.Number, Name: leg.Name})
		}
	}
	return guests
}

func (in *intake) phones(guests []pbx.Guest) (all []crmcore.Address) {
	for _, g := range guests {
		all = append(all, in.phone(g.Number, false))
	}
	return all
}

// meetingEnded closes the touch of a meeting, as callEnded does that of a call.
func (in *intake) meetingEnded(ctx context.Context, r pbx.Record) error {
	about, err := in.about(ctx, r.Meeting)
	if err != nil {
		return fmt.Errorf("meeting %s: %w", r.ID, err)
	}
	_, err = in.core.Receive(ctx, crmcore.Touch{
		Channel: crmcore.Meeting,
		Phase:   crmcore.Ended,
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
func (in *intake) about(ctx context.Context, room string) ([]crmcore.Ref, error) {
	m, err := in.rooms.Meeting(ctx, room)
	if errors.Is(err, pbx.ErrNotFound) {
		return nil, nil
	}
	refs := []crmcore.Ref{}
	for _, a := range m.About {
		refs = append(refs, crmcore.Ref{Kind: crmcore.EntityKind(a.Kind), ID: a.ID})
	}
	return refs, err
}

// names of users and numbers of guests, for people to read; who is unknown by now is left out.
func (in *intake) names(ctx context.Context, users []string, guests []pbx.Guest) string {
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
