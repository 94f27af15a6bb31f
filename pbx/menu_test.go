package pbx

import (
	"context"
	"testing"
	"time"

	"frontdesk/media"
	"frontdesk/media/audio"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/prompts"
	"frontdesk/store/blob"
)

// says gives the world prompts, one second each, and has a number lead to a menu.
func (w *world) says(m dialplan.Menu) dialplan.Menu {
	w.t.Helper()
	ctx := context.Background()
	blobs, err := blob.Open(w.t.TempDir())
	must(w.t, err)
	said := prompts.New(prompts.Config{}, w.db, blobs)
	w.x.board.Config.Prompt = said.Sound
	if m.Prompt == "" {
		p, err := said.Add(ctx, m.Name, "upload", audio.WAV(make([]int16, media.Rate), media.Rate))
		must(w.t, err)
		m.Prompt = p.ID
	}
	m.Language = "en"
	must(w.t, w.dir.SaveMenu(ctx, &m))
	must(w.t, w.dir.SaveNumber(ctx, &dialplan.Number{E164: "+40311000005", Trunk: w.carrier,
		Destination: dialplan.Destination{Kind: "menu", Menu: m.ID}}))
	return m
}

func welcome() dialplan.Menu {
	return dialplan.Menu{Name: "Welcome", Repeats: 1, Direct: true, Keys: []dialplan.MenuKey{
		{Key: "1", To: dialplan.Destination{Kind: "user", User: "bob", Seconds: 10}},
		{Key: "2", To: dialplan.Destination{Kind: "user", User: "ana"}}},
		Otherwise: &dialplan.Destination{Kind: "user", User: "cal"}}
}

// A caller chooses from a menu by a key, also while it speaks, and by an extension.
func TestMenu(t *testing.T) {
	playEach(t, func(w *world) {
		w.says(welcome())
		caller := w.outsider("+40311000005")
		w.expectHears(caller, caller.ID()+"/prompt")
		w.say(caller, Digit{Key: '2', InBand: true}) // no extension begins with it but 200, which is waited for
		w.expectHears(caller)
		w.sleep(digitWait)
		if ana := w.ringing(); len(ana) != 1 || ana[0].To.User != "ana" {
			t.Fatalf("%+v", ana)
		}
		w.say(w.rung(), Answered{Codec: media.PCMA()})
		w.say(caller, Gone{Cause: CauseNormal})
		w.wantSteps(w.ended("answered", CauseNormal).ID, "menu [] 3s key 2", "ring [ana] 0s answered ana")
	})
	play(t, func(w *world) {
		w.says(welcome())
		caller := w.outsider("+40311000005")
		w.sleep(2 * time.Second)
		w.say(caller, Digit{Key: '1'}, Digit{Key: '0'}, Digit{Key: '2'})
		w.sleep(digitWait)
		if bob := w.rung(); bob.To.User != "bob" {
			t.Errorf("%+v", bob.To)
		}
		w.say(caller, Gone{Cause: CauseNormal})
		w.wantSteps(w.ended("missed", CauseCancelled).ID, "menu [] 2s extension 102", "ring [bob] 3s cancelled")
	})
}

// Who presses nothing, or what leads nowhere, is asked again, and then led elsewhere.
func TestMenuWithoutChoice(t *testing.T) {
	play(t, func(w *world) {
		w.says(welcome())
		caller := w.outsider("+40311000005")
		w.say(caller, Digit{Key: '9'})
		w.settle()
		w.expectHears(caller, caller.ID()+"/prompt")
		w.sleep(20 * time.Second)
		if cal := w.rung(); cal.To.User != "cal" {
			t.Errorf("%+v", cal.To)
		}
		w.say(caller, Gone{Cause: CauseNormal})
		r := w.ended("missed", CauseCancelled)
		if s := r.Steps; len(s) != 0 {
			t.Errorf("lists leave steps out: %+v", s)
		}
	})
}

// Menus may lead to each other, as often as the caller wants; a caller who never chooses does not stay for ever.
func TestMenusLeadToEachOther(t *testing.T) {
	play(t, func(w *world) {
		m := w.says(dialplan.Menu{Name: "Round", Keys: []dialplan.MenuKey{
			{Key: "1", To: dialplan.Destination{Kind: "user", User: "bob"}}}})
		back := dialplan.Destination{Kind: "menu", Menu: m.ID}
		m.Keys, m.Otherwise = append(m.Keys, dialplan.MenuKey{Key: "0", To: back}), &back
		must(t, w.dir.SaveMenu(context.Background(), &m))
		caller := w.outsider("+40311000005")
		w.say(caller, Digit{Key: '0'}, Digit{Key: '0'}, Digit{Key: '1'})
		w.rung()
		w.say(caller, Gone{Cause: CauseNormal})
		w.ended("missed", CauseCancelled)
	})
	play(t, func(w *world) {
		m := w.says(dialplan.Menu{Name: "Loop"})
		m.Otherwise = &dialplan.Destination{Kind: "menu", Menu: m.ID}
		must(t, w.dir.SaveMenu(context.Background(), &m))
		w.x.board.Config.Prompt = nil // not even that takes time
		caller := w.outsider("+40311000005")
		w.expectCause(caller, CauseNormal)
		w.ended("missed", CauseNormal)
	})
}

// Who transfers to a menu leaves; the party transferred chooses.
func TestTransferToMenu(t *testing.T) {
	play(t, func(w *world) {
		m := w.says(welcome())
		must(t, w.dir.SaveExtension(context.Background(), &dialplan.Extension{Number: "500",
			Destination: dialplan.Destination{Kind: "menu", Menu: m.ID}}))
		caller, ana := w.talk()
		w.say(ana, TransferAsked{To: "500", Done: func(c Cause) {
			if c != CauseNone {
				t.Errorf("transfer: %s", c)
			}
		}})
		w.expectCause(ana, CauseNormal)
		w.expectHears(caller, caller.ID()+"/prompt")
		w.say(caller, Digit{Key: '1'})
		w.sleep(digitWait)
		bob := w.rung()
		w.say(bob, Answered{Codec: media.PCMA()})
		bob.Speak()
		w.settle()
		w.expectHears(caller, bob.ID()+"/audio")
		w.say(caller, Gone{Cause: CauseNormal})
		w.ended("answered", CauseNormal)
	})
}
