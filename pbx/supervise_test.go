package pbx

import (
	"context"
	"slices"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/supervision"
)

// supervisedBy lets a user supervise the calls of some users.
func (w *world) supervisedBy(boss string, of ...string) {
	w.x.board.Config.Supervision = supervision.New(w.db)
	w.x.board.Hooks.MaySupervise = func(_ context.Context, user string, all []string) (bool, error) {
		return user == boss && !slices.ContainsFunc(all, func(u string) bool { return !slices.Contains(of, u) }), nil
	}
}

// supervises has a user come into the only call to supervise it.
func (w *world) supervises(user, how string) *calltest.Actor {
	a := calltest.New(Party{Kind: Browser, User: user})
	w.arrive(a, Supervise(how, w.x.Calls()[0].Call))
	w.written()
	return a
}

func (w *world) asksToSupervise(a *calltest.Actor, how string) (told Cause) {
	w.say(a, SuperviseAsked{How: how, Done: func(c Cause) { told = c }})
	w.written()
	return told
}

// hearsOf are the tracks whose sound reaches an actor, through the mixer or not.
func (w *world) hearsOf(a *calltest.Actor, of ...*media.Track) (heard []string) {
	c := w.x.calls[w.x.Calls()[0].Call]
	for _, t := range of {
		if c.MemberOf(a.ID()).Hearing(t) {
			heard = append(heard, t.ID)
		}
	}
	return heard
}

// Who supervises hears both; the agent alone hears his whisper, both hear him when he barges in. It is written down,
// and the call goes on without him.
func TestSupervised(t *testing.T) {
	playEach(t, func(w *world) {
		w.supervisedBy("bob", "ana")
		client, ana := w.talk()
		bob := w.supervises("bob", supervision.Listen)
		his := bob.Speak()
		w.settle()
		w.expectHears(bob, bob.ID()+"/mix")
		theirs := w.x.calls[w.x.Calls()[0].Call].MemberOf(client.ID()).Tracks[0]
		ours := w.x.calls[w.x.Calls()[0].Call].MemberOf(ana.ID()).Tracks[0]
		expect := func(when string, a *calltest.Actor, of ...*media.Track) {
			t.Helper()
			for _, track := range []*media.Track{theirs, ours, his} {
				if got, want := len(w.hearsOf(a, track)) > 0, slices.Contains(of, track); got != want {
					t.Errorf("%s: %s hears %s: %v", when, a.Party().User, track.ID, got)
				}
			}
		}
		expect("listens", bob, theirs, ours)
		expect("listens", ana, theirs)
		expect("listens", client, ours)
		w.expectHears(ana, client.ID()+"/audio")
		if v := w.last(); len(v.Legs) != 2 || len(v.Supervisors) != 1 || v.Supervisors[0].User != "bob" ||
			v.Supervising != nil {
			t.Errorf("%+v", v)
		}
		if told := w.asksToSupervise(bob, supervision.Whisper); told != CauseNone {
			t.Errorf("whispering: %q", told)
		}
		expect("whispers", ana, theirs, his)
		expect("whispers", client, ours)
		expect("whispers", bob, theirs, ours)
		w.say(ana, Held{On: true})
		expect("holds", ana, his)
		expect("holds", bob)
		w.say(ana, Held{})
		w.asksToSupervise(bob, supervision.Barge)
		expect("barges", ana, theirs, his)
		expect("barges", client, ours, his)
		w.asksToSupervise(bob, supervision.Listen)
		w.expectHears(ana, client.ID()+"/audio")
		w.expectHears(client, ana.ID()+"/audio")
		w.say(bob, Gone{Cause: CauseNormal})
		w.written()
		w.expectHears(client, ana.ID()+"/audio")
		w.say(client, Gone{Cause: CauseNormal})
		r := w.ended("answered", CauseNormal)
		deeds, err := w.x.board.Config.Supervision.Of(context.Background(), r.ID)
		must(t, err)
		var how []string
		for _, d := range deeds {
			how = append(how, d.User+" "+d.How)
		}
		if !slices.Equal(how, []string{"bob listen", "bob whisper", "bob barge", "bob listen", "bob left"}) {
			t.Errorf("written: %q", how)
		}
		if !slices.Equal(r.Users, []string{"ana"}) {
			t.Errorf("took part: %q", r.Users)
		}
	})
}

// Where the company says so, those in the call see only who is heard by all; who supervises sees himself.
func TestSupervisedUnseen(t *testing.T) {
	play(t, func(w *world) {
		w.supervisedBy("bob", "ana")
		must(t, w.x.board.Config.Supervision.SavePolicy(context.Background(), supervision.Policy{Hidden: true}))
		var seen []View
		w.x.board.Hooks.Supervised = func(user string, v View) { seen = append(seen, v) }
		_, _ = w.talk()
		bob := w.supervises("bob", supervision.Listen)
		if v := w.last(); len(v.Supervisors) != 0 {
			t.Errorf("shown: %+v", v.Supervisors)
		}
		if len(seen) == 0 || seen[len(seen)-1].Supervising.Leg != bob.ID() || len(w.x.CallsOf("bob")) != 1 {
			t.Errorf("his own: %+v", seen)
		}
		w.asksToSupervise(bob, supervision.Barge)
		if v := w.last(); len(v.Supervisors) != 1 {
			t.Error("not shown though all hear him")
		}
	})
}

// Nobody supervises without the right to all who take part, his own call, one that nobody has taken, or a meeting;
// and who may not any more when others take part is out.
func TestNotSupervised(t *testing.T) {
	play(t, func(w *world) {
		w.supervisedBy("bob", "ana")
		client := w.outsider("+40311000001")
		early := w.supervises("bob", supervision.Listen)
		w.expectCause(early, CauseNotFound)
		ana := w.rung()
		w.say(ana, Answered{Codec: media.PCMA()})
		client.Speak()
		ana.Speak()
		w.written()
		w.expectCause(w.supervises("cal", supervision.Listen), CauseForbidden)
		w.expectCause(w.supervises("ana", supervision.Listen), CauseForbidden)
		w.expectCause(w.supervises("bob", "record"), CauseForbidden)
		opus := calltest.New(Party{Kind: Browser, User: "bob"}, media.Opus())
		w.arrive(opus, Supervise(supervision.Listen, w.x.Calls()[0].Call))
		w.expectCause(opus, CauseNoCodec)
		bob := w.supervises("bob", supervision.Listen)
		w.expectCause(bob, CauseNone)
		w.say(ana, TransferAsked{To: "103", Done: func(Cause) {}})
		w.sleep(time.Second)
		w.say(w.ringing()[len(w.ringing())-1], Answered{Codec: media.PCMA()})
		w.written()
		w.expectCause(bob, CauseForbidden)
		if v := w.last(); v.State != call.StateAnswered || len(v.Supervisors) != 0 {
			t.Errorf("%+v", v)
		}
	})
}
