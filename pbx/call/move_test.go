package call_test

import (
	"strings"
	"testing"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
)

// taken is a member on its way into a call.
type taken struct{ call.Handed }

func (m taken) Happen(c *call.Call) { c.TakesIn(m.Handed) }
func (m taken) Late()               {}

func hands(c, to *call.Call, m *call.Member) bool {
	return c.Hands(m, to, func(h call.Handed) call.Message { return taken{h} })
}

// A member that another call takes over loses nothing of what it says meanwhile, and all in its order: it is said by
// one goroutine while the calls' own hand it to and fro.
func TestWhoMovesIsHeardInOrder(t *testing.T) {
	play(t, func(h *calltest.House) {
		caller, moves := outsider(), colleague("ana")
		one, first := begin(h, caller)
		m := joins(h, one, moves)
		two, second := begin(h, outsider())
		const rounds, keys = 50, 20
		calls := []*call.Call{one, two}
		for i := range rounds {
			from, to := calls[i%2], calls[(i+1)%2]
			go func() {
				for k := range keys {
					moves.Say(call.Digit{Key: rune('0' + k%10)})
				}
			}()
			h.On(from, func() {
				if !hands(from, to, m) {
					t.Error("not taken")
				}
			})
		}
		n := len(first.digits()) + len(second.digits())
		if n != rounds*keys {
			t.Errorf("%d of %d keys came", n, rounds*keys)
		}
		if order(first)+order(second) > rounds {
			t.Error("they came in another order")
		}
		if moves.InCall() != one.In.Call || one.MemberOf(moves.ID()) == nil || two.MemberOf(moves.ID()) != nil {
			t.Errorf("it is in %q", moves.InCall())
		}
		h.WantCause(moves, call.CauseNone)
	})
}

// order counts where keys that a scene was told do not follow each other: where the others were told.
func order(s *scene) (breaks int) {
	keys := s.digits()
	for i := range max(len(keys)-1, 0) {
		if (keys[i]-'0'+1)%10 != keys[i+1]-'0' {
			breaks++
		}
	}
	return breaks
}

// A call that is over takes nobody: who was to be handed over stays where he is. Who left for another call is shown as
// gone, and his old call shows nothing more of itself but its end.
func TestHandedOver(t *testing.T) {
	play(t, func(h *calltest.House) {
		caller, ana := outsider(), colleague("ana")
		c, _ := begin(h, caller)
		m := joins(h, c, ana)
		gone, _ := begin(h, outsider())
		gone.HangUp()
		h.Settle()
		h.On(c, func() {
			if hands(c, gone, m) || !m.Active() {
				t.Error("handed to a call that is over")
			}
		})
		to, s := begin(h, outsider())
		h.On(c, func() { hands(c, to, m) })
		h.Say(caller, call.Muted{Kind: media.Audio, On: true})
		for _, v := range h.Views() {
			if v.Call == c.In.Call && (len(v.Legs) > 1 && v.Legs[1].State == call.LegGone || v.Legs[0].Muted) {
				t.Error("its first call tells of it")
			}
		}
		h.Say(ana, call.Digit{Key: '7'})
		if s.digits() != "7" {
			t.Errorf("the new one was told %q", s.digits())
		}
		c.HangUp()
		h.Settle()
		h.WantCause(ana, call.CauseNone)
		if v := c.Seen(); v.Legs[1].State != call.LegGone || v.State != call.StateEnded {
			t.Errorf("%+v", v)
		}
	})
}

// A meeting's call forgets who has left: he is shown once more, as gone.
func TestWhoLeftIsForgotten(t *testing.T) {
	play(t, func(h *calltest.House) {
		caller, ana := outsider(), colleague("ana")
		c, _ := begin(h, caller)
		h.On(c, func() { c.Forgets = true })
		joins(h, c, ana)
		h.Say(ana, call.Gone{Cause: call.CauseNormal})
		var states []string
		for _, v := range h.Views() {
			for _, l := range v.Legs {
				if l.Leg == ana.ID() {
					states = append(states, l.State)
				}
			}
		}
		if got := strings.Join(states, " "); !strings.HasSuffix(got, "active gone") {
			t.Errorf("shown as %s", got)
		}
		h.On(c, func() {
			if len(c.Members) != 1 {
				t.Errorf("%d members are kept", len(c.Members))
			}
		})
		if n := len(c.Seen().Legs); n != 1 {
			t.Errorf("then %d are shown", n)
		}
	})
}
