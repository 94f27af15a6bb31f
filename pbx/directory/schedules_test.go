package directory

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"frontdesk/pbx/dialplan"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// office works from Monday to Friday.
func office() dialplan.Schedule {
	return dialplan.Schedule{Name: "Office", Zone: "Europe/Bucharest",
		Hours: []dialplan.WorkingHours{{Days: []string{"mon", "fri"}, Span: dialplan.Span{From: "09:00", To: "18:00"}}},
		Holidays: []dialplan.Holiday{{Name: "Christmas", Date: "12-25", Hours: []dialplan.Span{}},
			{Name: "New Year's Eve", Date: "12-31", Hours: []dialplan.Span{{From: "10:00", To: "12:00"}}}}}
}

func TestSchedules(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		d, changes := directory(t, db)
		trunk, room := Trunk{Name: "A", Host: "192.0.2.1", Active: true}, Meeting{Title: "Late", Owner: "ana"}
		must(t, d.SaveTrunk(ctx, &trunk))
		must(t, d.CreateMeeting(ctx, &room))
		s := office()
		must(t, d.SaveSchedule(ctx, &s))
		same := office()
		wantField(t, "name", d.SaveSchedule(ctx, &same))
		before := *changes
		s.Name = "Shop"
		must(t, d.SaveSchedule(ctx, &s))
		if got, err := d.Schedule(ctx, s.ID); err != nil || !reflect.DeepEqual(got, s) || *changes != before+1 {
			t.Errorf("%+v, want %+v; %d changes told; %v", got, s, *changes-before, err)
		}
		gone := office()
		gone.ID = "x"
		if err := d.SaveSchedule(ctx, &gone); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}

		ana := dialplan.Destination{Kind: "user", User: "ana"}
		number := dialplan.Number{E164: "+40311000001", Trunk: trunk.ID, Destination: ana,
			Timed: dialplan.Timed{Schedule: "x", Closed: &ana}}
		wantField(t, "schedule", d.SaveNumber(ctx, &number))
		number.Timed = dialplan.Timed{Schedule: s.ID}
		wantField(t, "closed", d.SaveNumber(ctx, &number))
		number.Closed = &dialplan.Destination{Kind: "user"}
		wantField(t, "closed.user", d.SaveNumber(ctx, &number))
		refuse := dialplan.Destination{Kind: dialplan.Refused}
		wantField(t, "destination.kind",
			d.SaveNumber(ctx, &dialplan.Number{E164: "+40311000001", Trunk: trunk.ID, Destination: refuse}))
		number.Closed = &dialplan.Destination{Kind: "meeting", Meeting: room.ID}
		must(t, d.SaveNumber(ctx, &number))
		extension := dialplan.Extension{Number: "101", Destination: dialplan.Destination{Kind: "user", User: "bob"},
			Timed: dialplan.Timed{Schedule: s.ID, Closed: &dialplan.Destination{Kind: "user", User: "ana"}}}
		must(t, d.SaveExtension(ctx, &extension))
		numbers, err1 := d.Numbers(ctx)
		extensions, err2 := d.Extensions(ctx)
		if !reflect.DeepEqual(numbers, []dialplan.Number{number}) ||
			!reflect.DeepEqual(extensions, []dialplan.Extension{extension}) {
			t.Errorf("%+v %v, %+v %v", numbers, err1, extensions, err2)
		}
		plan, err := d.Plan(ctx)
		if err != nil || plan.MeetingTitle(room.ID) != "Late" {
			t.Errorf("%+v, %v", plan, err)
		}
		if err := d.DeleteMeeting(ctx, room.ID); !errors.Is(err, ErrInUse) {
			t.Errorf("a meeting that a number leads to when it is closed: %v", err)
		}
		if err := d.DeleteSchedule(ctx, s.ID); !errors.Is(err, ErrInUse) ||
			!strings.Contains(err.Error(), "+40311000001, 101") {
			t.Errorf("hours in use: %v", err)
		}

		if leading, err := d.Leading(ctx, "ana"); err != nil ||
			!slices.Equal(leading, []string{"+40311000001", "101"}) {
			t.Errorf("%v, %v", leading, err)
		}
		must(t, db.Tx(ctx, func(tx *store.Tx) error { return d.HandOver(context.Background(), tx, "ana", "cal") }))
		if extensions, err = d.Extensions(ctx); err != nil || extensions[0].User != "bob" ||
			!slices.Equal(extensions[0].Closed.Users, []string{"cal"}) {
			t.Errorf("%+v, %v", extensions, err)
		}

		must(t, d.SaveNumber(ctx, &dialplan.Number{E164: "+40311000001", Trunk: trunk.ID, Destination: ana}))
		must(t, d.DeleteExtension(ctx, "101"))
		must(t, d.DeleteSchedule(ctx, s.ID))
		if err := d.DeleteSchedule(ctx, s.ID); !errors.Is(err, ErrNotFound) {
			t.Error(err)
		}
	})
}
