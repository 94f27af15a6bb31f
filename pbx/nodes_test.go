package pbx

import (
	"context"
	"io"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/media"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/store"
	"frontdesk/store/storetest"
	"frontdesk/testwait"
)

// nodeOf is an exchange that is one of several on a database.
func nodeOf(t testing.TB, db *store.DB, name string) *Exchange {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	members, err := store.JoinMembers(t.Context(), db, store.MembersConfig{Node: name}, log)
	must(t, err)
	must(t, members.Start(t.Context(), store.MembersHooks{}))
	t.Cleanup(members.Close)
	// Whoever is not counted yet when the lookup is late rings nevertheless: no call is late here, however slow the
	// test.
	x := New(Config{Node: name, Members: members, Linger: time.Millisecond, MaxLookup: 20 * time.Second}, db,
		directory.New(directory.Config{Node: name, Region: "RO"}, db, nil), Dialers{}, Hooks{}, log,
		prometheus.NewRegistry())
	t.Cleanup(x.Close)
	return x
}

// arrives lets somebody call and tells how it went: the cause the leg was refused with, or CauseNone once state holds.
func arrives(t *testing.T, x *Exchange, a *calltest.Actor, dialled string, state func() bool) Cause {
	t.Helper()
	x.Arrive(a, dialled)
	deadline := time.Now().Add(testwait.Limit)
	for tick := time.NewTicker(time.Millisecond); ; <-tick.C {
		if c := a.HungUp(); c != CauseNone || state() {
			return c
		}
		if time.Now().After(deadline) {
			t.Fatal("neither refused nor served")
		}
	}
}

// rings dials legs that ring for ever.
type rings struct{ count *atomic.Int32 }

func (r rings) Dial(_ context.Context, t Target, q Request) (Leg, error) {
	r.count.Add(1)
	return calltest.New(Party{Kind: Browser, User: t.User}, q.Codecs...), nil
}

// The limit of a trunk is the company's, whichever nodes its calls are on; what a call held is free when its record is
// closed, by whoever.
func TestTrunkLimitHoldsAcrossNodes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, b := nodeOf(t, db, "a"), nodeOf(t, db, "b")
		var rung atomic.Int32
		trunk := directory.Trunk{Name: "Carrier", Host: "192.0.2.1", MaxCalls: 3, Active: true}
		must(t, a.board.Directory.SaveTrunk(t.Context(), &trunk))
		must(t, a.board.Directory.SaveNumber(t.Context(),
			&dialplan.Number{E164: "+40311000001", Trunk: trunk.ID,
				Destination: dialplan.Destination{Kind: "user", User: "ana"}}))
		b.board.Directory.Changed()
		for _, x := range []*Exchange{a, b} {
			x.board.Dialers = Dialers{Browser: rings{&rung}}
		}
		call := func(x *Exchange) (*calltest.Actor, Cause) {
			t.Helper()
			before := rung.Load()
			leg := calltest.New(Party{Kind: Outside, Trunk: trunk.ID, Number: "+40722123456"})
			return leg, arrives(t, x, leg, "+40311000001", func() bool { return rung.Load() > before })
		}
		first, c1 := call(a)
		_, c2 := call(b)
		_, c3 := call(b)
		if c1 != CauseNone || c2 != CauseNone || c3 != CauseNone {
			t.Fatal(c1, c2, c3)
		}
		if _, c := call(a); c != CauseOverload {
			t.Fatalf("a fourth call got %q", c)
		}
		first.Say(Gone{Cause: CauseCancelled})
		until(t, "a free line", func() bool { _, c := call(b); return c == CauseNone })
		// b dies: a closes its records, and its lines are free.
		must(t, a.Recover(t.Context(), "b", b.board.Config.Members.Self().Epoch))
		for i := range 3 {
			if _, c := call(a); c != CauseNone {
				t.Errorf("call %d after the end of b: %q", i, c)
			}
		}
		if _, c := call(a); c != CauseOverload {
			t.Errorf("a fourth call got %q", c)
		}
	})
}

var until = testwait.Until

// A meeting runs on one node; when it is over, it may begin on another.
func TestMeetingRunsOnOneNode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, b := nodeOf(t, db, "a"), nodeOf(t, db, "b")
		m := directory.Meeting{Title: "Standup", Owner: "ana"}
		must(t, a.board.Directory.CreateMeeting(t.Context(), &m))
		must(t, a.board.Directory.SaveExtension(t.Context(),
			&dialplan.Extension{Number: "300", Destination: dialplan.Destination{Kind: "meeting", Meeting: m.ID}}))
		b.board.Directory.Changed()
		join := func(x *Exchange) (*calltest.Actor, Cause) {
			t.Helper()
			leg := calltest.New(Party{Kind: Browser, User: "ana"}, media.Opus())
			answered := func() bool { return leg.Codec() != "" }
			return leg, arrives(t, x, leg, meetingPrefix+m.ID, answered)
		}
		first, c := join(a)
		if c != CauseNone {
			t.Fatal(c)
		}
		if node, err := b.MeetingNode(t.Context(), m.ID); err != nil || node != "a" {
			t.Errorf("b says that the meeting runs on %q, %v", node, err)
		}
		if _, c := join(b); c != CauseUnavailable {
			t.Errorf("the meeting began on b too: %q", c)
		}
		must(t, a.board.Config.Members.Drain(t.Context()))
		ended, stop := context.WithCancel(t.Context())
		stop()
		if err := a.Drain(ended); err == nil {
			t.Error("the meeting ended with the drain")
		}
		late, c := join(a)
		if c != CauseNone {
			t.Errorf("who comes late to a meeting on a draining node: %q", c)
		}
		other := directory.Meeting{Title: "Another", Owner: "bob"}
		must(t, a.board.Directory.CreateMeeting(t.Context(), &other))
		leg := calltest.New(Party{Kind: Browser, User: "bob"}, media.Opus())
		if c := arrives(t, a, leg, meetingPrefix+other.ID, func() bool { return false }); c != CauseUnavailable &&
			c != CauseDraining {
			t.Errorf("a meeting begins on a draining node: %q", c)
		}
		if c := arrives(t, a, calltest.New(Party{Kind: Browser, User: "bob"}), "101",
			func() bool { return false }); c != CauseDraining {
			t.Errorf("a call begins on a draining node: %q", c)
		}
		phone := calltest.New(Party{Kind: Phone, User: "bob"})
		if c := arrives(t, a, phone, "300",
			func() bool { return phone.Codec() != "" }); c != CauseNone {
			t.Errorf("a phone that dials the running meeting: %q", c)
		}
		phone.Say(Gone{Cause: CauseNormal})
		first.Say(Gone{Cause: CauseNormal})
		late.Say(Gone{Cause: CauseNormal})
		until(t, "the meeting's end", func() bool { return len(a.Calls()) == 0 })
		until(t, "the meeting on b", func() bool { _, c := join(b); return c == CauseNone })
	})
}

// onward dials legs to other nodes and keeps them.
type onward chan *calltest.Actor

func (o onward) Dial(_ context.Context, t Target, r Request) (Leg, error) {
	a := calltest.New(Party{Kind: Outside}, r.Codecs...)
	a.To, a.Asked = t, r
	o <- a
	return a, nil
}

// Who dials a meeting that runs on another node is carried there: rung, answered, heard and ended as that node says.
func TestCallerIsCarriedToTheMeetingsNode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, b := nodeOf(t, db, "a"), nodeOf(t, db, "b")
		m := directory.Meeting{Title: "Standup", Owner: "ana"}
		must(t, a.board.Directory.CreateMeeting(t.Context(), &m))
		must(t, a.board.Directory.SaveExtension(t.Context(),
			&dialplan.Extension{Number: "300", Destination: dialplan.Destination{Kind: "meeting", Meeting: m.ID}}))
		b.board.Directory.Changed()
		legs := make(onward, 1)
		b.board.Dialers = Dialers{Trunk: legs}
		host := calltest.New(Party{Kind: Browser, User: "ana"}, media.Opus())
		answered := func(leg *calltest.Actor) bool { return leg.Codec() != "" }
		if c := arrives(t, a, host, meetingPrefix+m.ID, func() bool { return answered(host) }); c != CauseNone {
			t.Fatal(c)
		}
		phone := calltest.New(Party{Kind: Phone, User: "bob", Number: "bob-desk"}, media.G722())
		b.Arrive(phone, "300")
		out := <-legs
		if out.To.Node != "a" || out.To.Number != "300" || out.Asked.From != phone.Party() {
			t.Errorf("dialled %+v for %+v", out.To, out.Asked.From)
		}
		out.Say(Answered{Codec: media.G722()})
		until(t, "the answer", func() bool { return answered(phone) })
		there := media.NewTrack("mix", media.G722(), nil)
		here := phone.Speak()
		out.Say(TrackAdded{Track: there})
		plays := func(leg *calltest.Actor, track *media.Track) func() bool {
			return func() bool { return slices.Equal(leg.Plays(), []*media.Track{track}) }
		}
		until(t, "the meeting's sound", plays(phone, there))
		until(t, "the phone's sound", plays(out, here))
		phone.Say(Gone{Cause: CauseNormal})
		until(t, "the end", func() bool { return out.HungUp() == CauseNormal })
		var records int
		must(t, db.QueryRow(t.Context(), `SELECT count(*) FROM call_record WHERE node = 'b'`).Scan(&records))
		if records != 0 {
			t.Errorf("%d records on the node that only carries", records)
		}
	})
}
