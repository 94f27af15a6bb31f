package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"frontdesk/crmcore"
	"frontdesk/pbx"
	"frontdesk/web"
)

// person is a participant as meet.state shows him.
type person struct {
	Leg    string        `json:"leg"`
	User   string        `json:"user"`
	Name   string        `json:"name"`
	Muted  bool          `json:"muted"`
	Camera bool          `json:"camera"`
	Kind   pbx.PartyKind `json:"kind"`
}

// meeting tells who is in a room now, and who came and left since the last time.
func (in *intake) meeting(view pbx.View) {
	people := []person{}
	for _, leg := range view.Legs {
		if leg.State != "gone" {
			people = append(people, person{leg.Leg, leg.User, leg.Name, leg.Muted, leg.Camera, leg.Kind})
		}
	}
	state := map[string]any{"room": view.Meeting, "node": view.Node, "title": view.To, "people": people}
	for _, user := range usersOf(view) {
		in.hub.Send(user, "", "meet.state", state)
	}
	for _, m := range in.moves(view) {
		who := append(without(usersOf(view), []string{m.leg.User}), m.leg.User)
		in.events.add(web.Event{Type: m.event, Key: view.Call, For: who, Data: map[string]any{"meeting": view.Meeting, "call": view.Call, "leg": m.leg.Leg, "user": m.leg.User, "name": m.leg.Name}})
		if m.event == "meeting.joined" && m.leg.User != "" {
			in.tasks.Go(func() { in.joined(view, m.leg.User) })
		}
	}
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

// joined brings a running meeting onto the timelines of what it is about, and opens the card beside it for who came in.
func (in *intake) joined(view pbx.View, user string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	about, err := in.about(ctx, view.Meeting)
	if err != nil {
		in.log.Error("what a meeting is about", "meeting", view.Meeting, "err", err)
	}
	if len(about) == 0 {
		return
	}
	touch := crmcore.Touch{Channel: crmcore.Meeting, Phase: crmcore.Began, Key: view.Call, Users: usersOf(view), At: view.Started,
		Subject: view.To, Snippet: in.names(ctx, usersOf(view)), Source: view.Meeting, About: about}
	card, err := in.core.Receive(ctx, touch)
	if err != nil {
		in.log.Error("card of a meeting", "meeting", view.Meeting, "err", err)
		return
	}
	if len(card.Cards) > 0 {
		in.open(ctx, card, view.Call, []string{user})
	}
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
		Snippet: in.names(ctx, r.Users),
		Source:  r.Meeting,
		About:   about,
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

// names of users, for people to read; who is unknown by now is left out.
func (in *intake) names(ctx context.Context, users []string) string {
	var names []string
	for _, id := range users {
		if user, err := in.core.User(ctx, id); err == nil {
			names = append(names, user.Name)
		}
	}
	return strings.Join(names, ", ")
}
