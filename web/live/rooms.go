package live

import (
	"context"
	"frontdesk/crmcore/people"
	"frontdesk/pbx"
	"frontdesk/web/api"
	"slices"
)

// Room is a meeting somebody is in now, of those that the user is invited to.
type Room struct {
	Room   string   `json:"room"`
	Node   string   `json:"node"` // that runs it
	Title  string   `json:"title"`
	People []string `json:"people"` // user ids
	Guests int      `json:"guests"` // from outside, by phone
}

// rooms are the meetings that somebody is in now, on this node.
func (d *Server) rooms(ctx context.Context) ([]Room, error) {
	views := slices.DeleteFunc(d.Exchange.Calls(),
		func(v pbx.View) bool { return v.Meeting == "" || v.State == "ended" })
	var ids []string
	for _, view := range views {
		ids = append(ids, view.Meeting)
	}
	titles, err := d.Directory.Titles(ctx, ids)
	if err != nil {
		return nil, err
	}
	var all []Room
	for _, view := range views {
		if title, there := titles[view.Meeting]; there { // or it was removed meanwhile; those inside may stay
			all = append(all, roomOfView(view, title))
		}
	}
	return all, nil
}

func roomOfView(view pbx.View, title string) Room {
	room := Room{Room: view.Meeting, Node: view.Node, Title: title}
	for _, leg := range view.Legs {
		switch {
		case leg.User != "" && leg.State != "gone":
			room.People = append(room.People, leg.User)
		case leg.State == "active":
			room.Guests++
		}
	}
	return room
}

// seenRooms are those of the rooms that a user is invited to; an administrator sees all.
func (d *Server) seenRooms(ctx context.Context, u people.User, rooms []Room) ([]Room, error) {
	if api.IsAdmin(u) || len(rooms) == 0 {
		return rooms, nil
	}
	var ids []string
	for _, r := range rooms {
		ids = append(ids, r.Room)
	}
	open, err := d.Directory.OpenTo(ctx, u.ID, ids)
	return slices.DeleteFunc(rooms, func(r Room) bool { return !open[r.Room] }), err
}
