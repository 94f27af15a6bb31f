package pbx

import (
	"context"
	"slices"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/ledger"
	"frontdesk/store"
	"frontdesk/store/storetest"
)

// comesByKey has a client choose a meeting in the menu, in which ana is.
func (w *world) comesByKey() (ana, client *calltest.Actor) {
	w.t.Helper()
	m := welcome()
	m.Direct = false
	m.Keys = append(m.Keys, dialplan.MenuKey{Key: "3", To: dialplan.Destination{Kind: "meeting", Meeting: w.room}})
	w.says(m)
	ana = w.joins("ana")
	ana.Speak()
	client = w.outsider("+40311000005")
	client.Speak()
	w.say(client, Digit{Key: '3', InBand: true})
	w.settle()
	return ana, client
}

// inRoom are the parties in a meeting that are not gone.
func (w *world) inRoom() (legs []LegView) {
	for _, v := range w.x.Calls() {
		if v.Meeting == w.room {
			legs = append(legs, v.Legs...)
		}
	}
	return slices.DeleteFunc(legs, func(l LegView) bool { return l.State == call.LegGone })
}

func TestMenuLeadsIntoAMeeting(t *testing.T) {
	playEach(t, func(w *world) {
		ana, client := w.comesByKey()
		w.expectHears(ana, client.ID()+"/audio")
		if heard := client.Plays(); len(heard) != 1 || heard[0].Codec.Name != "PCMA" {
			t.Fatalf("the client hears %+v", client.Hears())
		}
		if in := w.inRoom(); len(in) != 2 || in[1].Kind != Outside || in[1].Number != "+40722123456" {
			t.Errorf("in the meeting: %+v", in)
		}
		w.say(client, Held{On: true})
		w.expectHears(ana) // no music
		w.say(client, Held{})
		w.expectHears(ana, client.ID()+"/audio")
		w.say(client, Gone{Cause: CauseNormal})
		w.expectHears(ana)
		if in := w.inRoom(); len(in) != 1 {
			t.Errorf("left in the meeting: %+v", in)
		}
		w.say(ana, Gone{Cause: CauseNormal})
		w.sleep(6 * time.Second)
		records, _, err := w.x.Records(context.Background(), ledger.Filter{})
		must(t, err)
		came := slices.IndexFunc(records, func(r ledger.Record) bool { return r.Meeting == "" })
		if len(records) != 3 || came < 0 || records[came].Outcome != "answered" ||
			records[came].Line != "+40311000005" {
			t.Fatalf("records %+v", records)
		}
		w.wantSteps(records[came].ID, "menu [] 0s key 3", "meeting [] 0s answered")
	})
}

// Who is put out of the meeting has no call any more.
func TestMeetingPutsOutWhoCameByKey(t *testing.T) {
	play(t, func(w *world) {
		ana, client := w.comesByKey()
		w.say(ana, call.RemoveAsked{Whom: w.inRoom()[1].Leg})
		w.settle()
		if in := w.inRoom(); len(in) != 1 || client.HungUp() == CauseNone {
			t.Errorf("in the meeting: %+v; the client was hung up for %q", in, client.HungUp())
		}
	})
}

func TestTransferIntoAMeeting(t *testing.T) {
	play(t, func(w *world) {
		client, ana := w.talk()
		bob := w.joins("bob")
		told := &result{}
		w.say(ana, TransferAsked{To: "meet:" + w.room, Done: told.done})
		told.want(t, CauseForbidden) // only to whom it invites does its name lead
		told = &result{}
		w.say(ana, TransferAsked{To: "300", Done: told.done})
		told.want(t, CauseNone)
		w.expectCause(ana, CauseNormal)
		w.expectHears(bob, client.ID()+"/audio")
		w.say(client, Gone{Cause: CauseNormal})
		w.expectHears(bob)
	})
}

// A meeting that runs on another node lets in whom this one leads there, and nobody else from outside who names it.
func TestMenuLeadsIntoAMeetingOfAnotherNode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		a, b := nodeOf(t, db, "a"), nodeOf(t, db, "b")
		m := directory.Meeting{Title: "Standup", Owner: "ana"}
		must(t, a.board.Directory.CreateMeeting(t.Context(), &m))
		must(t, a.board.Directory.SaveExtension(t.Context(),
			&dialplan.Extension{Number: "300", Destination: dialplan.Destination{Kind: "meeting", Meeting: m.ID}}))
		b.board.Directory.Changed()
		host := calltest.New(Party{Kind: Browser, User: "ana"}, media.Opus())
		arrives(t, a, host, meetingPrefix+m.ID, func() bool { return host.Codec() != "" })
		legs := make(onward, 1)
		b.board.Dialers = Dialers{Trunk: legs, Room: room{b}}
		client := Party{Kind: Outside, Number: "0722123456"}
		near, err := b.board.Dialers.Room.Dial(t.Context(), Target{Meeting: m.ID},
			Request{From: client, Codecs: []media.Codec{media.PCMA()}})
		must(t, err)
		answered := make(chan media.Codec, 1)
		near.Listen(func(e Event) {
			if e, ok := e.(Answered); ok {
				answered <- e.Codec
			}
		})
		out := <-legs
		carried := calltest.New(out.Asked.From, media.PCMA())
		if c := arrives(t, a, carried, out.To.Number, func() bool { return carried.Codec() != "" }); c != CauseNone {
			t.Fatal(c)
		}
		out.Say(Answered{Codec: media.PCMA()})
		if codec := <-answered; codec.Name != "PCMA" {
			t.Errorf("answered with %s", codec.Name)
		}
		near.Hangup(CauseNormal)
		until(t, "the end", func() bool { return out.HungUp() == CauseNormal })
		stranger := calltest.New(client, media.PCMA())
		if c := arrives(t, a, stranger, out.To.Number, stranger.Over); c != CauseNotFound {
			t.Errorf("a stranger who names the meeting: %q", c)
		}
	})
}
