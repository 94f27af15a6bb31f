package call_test

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

// supervised is a call of a client with ana that the boss may supervise.
func supervised(t *testing.T, script func(h *calltest.House, c *call.Call, s *scene, ana *calltest.Actor)) {
	t.Helper()
	hooks := call.Hooks{MaySupervise: func(_ context.Context, user string, of []string) (bool, error) {
		return user == "boss" && slices.Equal(of, []string{"ana"}), nil
	}}
	calltest.Play(t, call.Config{}, hooks, func(h *calltest.House) {
		h.Config.Supervision = supervision.New(h.DB)
		client, ana := outsider(), colleague("ana")
		c, s := begin(h, client)
		h.On(c, func() {
			c.Ledger.Begin(c.Record)
			c.LetIn(c.Caller, []media.Codec{media.PCMA()})
		})
		m := joins(h, c, ana)
		his := client.Speak()
		ana.Speak()
		h.Settle()
		h.On(c, func() {
			c.Record.Answered = time.Now()
			s.hears[ana.ID()], s.hears[client.ID()] = []*media.Track{his}, m.Sound()
		})
		script(h, c, s, ana)
	})
}

// supervises has somebody ask to supervise a call.
func supervises(h *calltest.House, c *call.Call, user, how string) *calltest.Actor {
	a := colleague(user)
	c.Supervise(a, how)
	h.Sleep(100 * time.Millisecond) // it is written down before he hears anything
	return a
}

// Who may supervise hears what is said, and no act knows of him; who may not is refused.
func TestSupervise(t *testing.T) {
	supervised(t, func(h *calltest.House, c *call.Call, s *scene, ana *calltest.Actor) {
		for user, want := range map[string]call.Cause{"ana": call.CauseForbidden, "": call.CauseForbidden,
			"bob": call.CauseForbidden} {
			h.WantCause(supervises(h, c, user, supervision.Listen), want)
		}
		h.WantCause(supervises(h, c, "boss", "sing"), call.CauseForbidden)
		s.told = nil
		boss := supervises(h, c, "boss", supervision.Listen)
		h.WantHears(boss, boss.ID()+"/mix")
		m := c.MemberOf(boss.ID())
		for _, other := range c.Active() {
			if !m.Hearing(other.Tracks[0]) {
				t.Errorf("%s is not heard", other.Party.Number)
			}
		}
		if len(c.Active()) != 2 || len(s.told) > 0 {
			t.Errorf("%d take part, the act was told %v", len(c.Active()), s.told)
		}
		if v, his := c.SeenBy("boss"); !his || v.Supervising == nil || v.Supervising.How != supervision.Listen {
			t.Errorf("he sees %+v", v.Supervising)
		}
		var told call.Cause = "nothing"
		h.Say(boss, call.TransferAsked{To: "102", Done: func(cause call.Cause) { told = cause }})
		if told != call.CauseForbidden {
			t.Errorf("a transfer by who listens: %q", told)
		}
		for range 2 {
			supervises(h, c, "boss", supervision.Listen)
		}
		h.WantCause(supervises(h, c, "boss", supervision.Listen), call.CauseBusy)
		h.Say(boss, call.Gone{Cause: call.CauseNormal})
		if !h.Runs(c) || len(s.gone) > 0 {
			t.Error("the call ended with who listened")
		}
		h.WantCause(ana, call.CauseNone)
	})
}

// When others take part than he may supervise, he hears nothing from that moment on, and is hung up.
func TestSupervisedByOthers(t *testing.T) {
	supervised(t, func(h *calltest.House, c *call.Call, _ *scene, _ *calltest.Actor) {
		boss := supervises(h, c, "boss", supervision.Listen)
		m := c.MemberOf(boss.ID())
		joins(h, c, colleague("bob"))
		h.WantHears(boss)
		h.Sleep(100 * time.Millisecond)
		h.WantCause(boss, call.CauseForbidden)
		if m.Hearing(c.Caller.Tracks[0]) {
			t.Error("he still hears the client")
		}
	})
}

// A call that nobody has answered yet is not to be supervised, nor one that is over.
func TestNothingToSupervise(t *testing.T) {
	play(t, func(h *calltest.House) {
		c, _ := begin(h, outsider())
		joins(h, c, colleague("ana"))
		h.WantCause(supervises(h, c, "boss", supervision.Listen), call.CauseNotFound)
		c.HangUp()
		h.Settle()
		if c.Supervise(colleague("boss"), supervision.Listen) {
			t.Error("a call that is over was supervised")
		}
	})
}
