package directory

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"frontdesk/pbx/dialplan"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

func TestMeetingAbout(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		d, _ := directory(t, db)
		ana, boat := About{"contact", "1"}, About{"deal", "2"}
		room, other := Meeting{Title: "Talk", Owner: "ana", About: []About{ana, boat, ana}},
			Meeting{Title: "Other", Owner: "ana"}
		must(t, d.CreateMeeting(ctx, &room))
		must(t, d.CreateMeeting(ctx, &other))
		check := func(want ...About) {
			t.Helper()
			one, err := d.Meeting(ctx, room.ID)
			if err != nil || !slices.Equal(one.About, want) {
				t.Errorf("%+v, want %v; %v", one, want, err)
			}
			all, _, err := d.Meetings(ctx, MeetingFilter{})
			if err != nil || len(all) != 2 || !reflect.DeepEqual(all[1], one) || len(all[0].About) != 0 {
				t.Errorf("%+v, %v", all, err)
			}
		}
		check(ana, boat)
		must(t, d.ChangeMeeting(ctx, room.ID, MeetingChange{About: []About{boat}}))
		check(boat)
		wantField(t, "about", d.ChangeMeeting(ctx, room.ID, MeetingChange{About: []About{{Kind: "deal"}}}))
		many := []About{}
		for i := range maxAbout + 1 {
			many = append(many, About{"deal", fmt.Sprint(i)})
		}
		wantField(t, "about", d.ChangeMeeting(ctx, room.ID, MeetingChange{About: many}))
		wantField(t, "people", d.ChangeMeeting(ctx, room.ID, MeetingChange{People: []string{""}}))
		check(boat)
		if err := d.ChangeMeeting(ctx, "x", MeetingChange{About: []About{}}); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
		must(t, d.DeleteMeeting(ctx, room.ID))
		if _, err := d.Meeting(ctx, room.ID); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
		if err := d.DeleteMeeting(ctx, room.ID); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}

// Whatever may lead to a meeting may be the first that does.
func TestFirstDoorOfAMeeting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		d, _ := directory(t, db)
		trunk := Trunk{Name: "T", Host: "192.0.2.1"}
		must(t, d.SaveTrunk(ctx, &trunk))
		_, err := db.Exec(ctx, `INSERT INTO prompt (id, name, source, text, language, length, blob, created_at)
			VALUES ('p', 'Hello', 'upload', '', '', 1000, 'b', 1)`)
		must(t, err)
		for name, save := range map[string]func(to dialplan.Destination) error{
			"key of a menu": func(to dialplan.Destination) error {
				return d.SaveMenu(ctx, &dialplan.Menu{Name: "M", Prompt: "p", Language: "en", Wait: 5,
					Keys: []dialplan.MenuKey{{Key: "1", To: to}}})
			},
			"after a hunt group": func(to dialplan.Destination) error {
				return d.SaveHuntGroup(ctx, &dialplan.HuntGroup{Name: "G", Strategy: dialplan.Together,
					Members: []string{"ana"}, Seconds: 20, Otherwise: &to})
			},
			"of a full queue": func(to dialplan.Destination) error {
				return d.SaveQueue(ctx, &dialplan.Queue{Name: "Q", Strategy: dialplan.LongestIdle,
					Agents: []string{"ana"}, Seconds: 20, MaxWait: 600, Leads: dialplan.QueueLeads{Full: &to}})
			},
			"number, closed": func(to dialplan.Destination) error {
				hours := office()
				must(t, d.SaveSchedule(ctx, &hours))
				return d.SaveNumber(ctx, &dialplan.Number{E164: "+40312345678", Trunk: trunk.ID,
					Destination: dialplan.Destination{Kind: "user", User: "ana"},
					Timed:       dialplan.Timed{Schedule: hours.ID, Closed: &to}})
			},
			"callers in doubt": func(to dialplan.Destination) error {
				return d.SaveNumber(ctx, &dialplan.Number{E164: "+40312345679", Trunk: trunk.ID,
					Destination: dialplan.Destination{Kind: "user", User: "ana"},
					Doubts:      &dialplan.Doubts{Of: "failed", To: to}})
			},
			"after an extension": func(to dialplan.Destination) error {
				return d.SaveExtension(ctx, &dialplan.Extension{Number: "300",
					Destination: dialplan.Destination{Kind: "user", User: "ana", Then: &to}})
			},
		} {
			room := Meeting{Title: name, Owner: "ana"}
			must(t, d.CreateMeeting(ctx, &room))
			if err := save(dialplan.Destination{Kind: "meeting", Meeting: room.ID}); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if err := d.DeleteMeeting(ctx, room.ID); !errors.Is(err, ErrInUse) {
				t.Errorf("%s: deleted while that leads there: %v", name, err)
			}
		}
	})
}

// Of two who edit a room at once, both changes stay, or the second is told.
func TestMeetingChangedByTwo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		d, _ := directory(t, db)
		room := Meeting{Title: "Talk", Owner: "ana"}
		must(t, d.CreateMeeting(ctx, &room))
		read, err := d.Meeting(ctx, room.ID) // by both
		must(t, err)
		title := "Price talk"
		must(t, d.ChangeMeeting(ctx, room.ID, MeetingChange{Title: &title}))
		if err := d.ChangeMeeting(ctx, room.ID,
			MeetingChange{About: []About{{"deal", "1"}}, Version: &read.Version}); !errors.Is(err, ErrChanged) {
			t.Errorf("the second was told %v", err)
		}
		must(t, d.ChangeMeeting(ctx, room.ID, MeetingChange{About: []About{{"deal", "1"}}}))
		must(t, d.Invite(ctx, room.ID, "bob"))
		now, err := d.Meeting(ctx, room.ID)
		if want := (Meeting{ID: room.ID, Title: title, Owner: "ana", About: []About{{"deal", "1"}},
			People: []string{"bob"}, Created: room.Created, Version: 4}); err != nil || !reflect.DeepEqual(now, want) {
			t.Errorf("%+v, want %+v; %v", now, want, err)
		}
	})
}

// The list has the rooms of a user only, by pages; who may not see a room has it nowhere.
func TestMeetingsOfAUser(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		d, _ := directory(t, db)
		made := []string{}
		for i := range 9 { // by turns ana's, ana's with bob, and cal's
			m := Meeting{Title: fmt.Sprint(i), Owner: "ana"}
			switch i % 3 {
			case 1:
				m.People = []string{"bob", "ana"} // twice: as its owner, too
			case 2:
				m.Owner, m.About = "cal", []About{{"deal", "1"}}
			}
			must(t, d.CreateMeeting(ctx, &m))
			made = append(made, m.ID)
		}
		titles := func(f MeetingFilter) string {
			t.Helper()
			all := []string{}
			for {
				page, next, err := d.Meetings(ctx, f)
				must(t, err)
				for _, m := range page {
					all = append(all, m.Title)
				}
				if f.Before = next; next == "" {
					return strings.Join(all, "")
				}
			}
		}
		must(t, d.Invite(ctx, made[2], "bob"))
		must(t, d.Invite(ctx, made[2], "bob"))
		must(t, d.Invite(ctx, made[0], "ana"))
		for _, c := range []struct {
			filter MeetingFilter
			want   string
		}{
			{MeetingFilter{}, "876543210"}, {MeetingFilter{Limit: 2}, "876543210"},
			{MeetingFilter{User: "ana", Limit: 2}, "764310"},
			{MeetingFilter{User: "bob", Limit: 1}, "7421"}, {MeetingFilter{User: "cal"}, "852"},
			{MeetingFilter{User: "dan"}, ""},
			{MeetingFilter{User: "bob", About: "1"}, "2"}, {MeetingFilter{About: "1", Limit: 2}, "852"},
			{MeetingFilter{User: "ana", About: "1"}, ""},
		} {
			if got := titles(c.filter); got != c.want {
				t.Errorf("%+v: %s, want %s", c.filter, got, c.want)
			}
		}
		if err := d.Invite(ctx, "x", "bob"); !errors.Is(err, ErrNotFound) {
			t.Errorf("into no room: %v", err)
		}
		for _, c := range []struct {
			room, user string
			want       bool
		}{{made[0], "ana", true}, {made[0], "bob", false}, {made[1], "bob", true}, {made[2], "", false}} {
			if title, invited, err := d.Door(ctx, c.room, c.user); err != nil || invited != c.want || title == "" {
				t.Errorf("door of %s for %q: %q %v %v", c.room, c.user, title, invited, err)
			}
		}
		if _, _, err := d.Door(ctx, "x", "ana"); !errors.Is(err, ErrNotFound) {
			t.Errorf("door of no room: %v", err)
		}
		must(t, d.DeleteMeeting(ctx, made[1])) // those who were invited may read its title on
		for _, user := range []string{"ana", "bob"} {
			if open, err := d.OpenTo(ctx, user, []string{made[1], made[8]}); err != nil || !open[made[1]] ||
				open[made[8]] {
				t.Errorf("open to %s: %v %v", user, open, err)
			}
		}
		if got := titles(MeetingFilter{User: "bob"}); got != "742" {
			t.Errorf("after the removal bob has %s", got)
		}
	})
}

// The dial plan has the titles of those meetings alone that a number or extension leads to.
func TestPlanKnowsDoorsOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		d, changes := directory(t, db)
		door, other := Meeting{Title: "Door", Owner: "ana"}, Meeting{Title: "Other", Owner: "ana"}
		must(t, d.CreateMeeting(ctx, &door))
		must(t, d.CreateMeeting(ctx, &other))
		if *changes != 0 {
			t.Errorf("each meeting that is made has all nodes read their plan again: %d times", *changes)
		}
		must(t, d.SaveExtension(ctx,
			&dialplan.Extension{Number: "300", Destination: dialplan.Destination{Kind: "meeting", Meeting: door.ID}}))
		title := "Open door"
		must(t, d.ChangeMeeting(ctx, door.ID, MeetingChange{Title: &title}))
		plan, err := d.Plan(ctx)
		if err != nil || plan.MeetingTitle(door.ID) != title || plan.MeetingTitle(other.ID) != "" {
			t.Errorf("%q, %q, %v", plan.MeetingTitle(door.ID), plan.MeetingTitle(other.ID), err)
		}
	})
}
