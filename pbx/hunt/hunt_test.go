package hunt_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/call/calltest"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/hunt"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// hunter is an act that has a program rung for the caller, and notes what it is told.
type hunter struct {
	call.Scene
	first dialplan.Step
	hunt  *hunt.Hunt
	way   *hunt.Way

	mu   sync.Mutex
	told []string
}

func (g *hunter) note(what string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.told = append(g.told, what)
}

func (g *hunter) Begin() {
	g.Ledger.Begin(g.Record)
	g.way = hunt.NewWay(g.Call, g.first, &g.Record, g.Ledger, g.In.Party, g.In.From)
	offer := g.Caller.Leg.Offer()
	g.hunt = hunt.New(g.way, g, offer, offer)
	g.hunt.Begin()
}

func (g *hunter) Said(m *call.Member, e call.Event) { g.hunt.Said(m, e) }

func (g *hunter) Hears(*call.Member) []*media.Track { return g.hunt.Sound() }

func (g *hunter) Gone(m *call.Member, e call.Gone) {
	if !g.hunt.Lost(m, e) && m == g.Caller {
		g.hunt.Cancel()
		g.End(call.CauseCancelled)
	}
}

func (g *hunter) Rung(m *call.Member) { g.note("rung " + m.Party.User + m.Party.Trunk) }

func (g *hunter) Rings(early bool) {
	if early {
		g.note("early")
		return
	}
	g.note("rings")
}

func (g *hunter) Answered(m *call.Member, codec media.Codec) {
	g.note("answered " + m.Party.User + m.Party.Trunk + " " + codec.Name)
}

func (g *hunter) Leads(step dialplan.Step) { g.note("leads") }

func (g *hunter) Failed(cause call.Cause) { g.note("failed " + string(cause)) }

// since is what it was told since it was last asked.
func (g *hunter) since() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	all := strings.Join(g.told, ", ")
	g.told = nil
	return all
}

// want checks what it was told since it was last asked.
func (g *hunter) want(t *testing.T, want string) {
	t.Helper()
	if got := g.since(); got != want {
		t.Errorf("told %q, want %q", got, want)
	}
}

// steps are the steps of the record, each with what came of it.
func (g *hunter) steps(h *calltest.House) (all []string) {
	h.On(g.Call, func() {
		for _, s := range g.Record.Steps {
			all = append(all, strings.TrimSpace(strings.Join(s.Users, "+")+s.Trunk+" "+s.Outcome+" "+s.AnsweredBy))
		}
	})
	return all
}

func client() *calltest.Actor {
	return calltest.New(call.Party{Kind: call.Outside, Number: "0722123456"})
}

// hunts has a program rung for a client.
func hunts(h *calltest.House, caller *calltest.Actor, first dialplan.Step) *hunter {
	h.T.Helper()
	g := &hunter{first: first}
	h.Call(caller, func(c *call.Call) call.Act {
		g.Scene = call.Scene{Call: c}
		return g
	})
	return g
}

func play(t *testing.T, script func(h *calltest.House)) {
	t.Helper()
	calltest.Play(t, call.Config{}, call.Hooks{}, script)
}

func ring(users ...string) dialplan.Ring { return dialplan.Ring{Users: users, Seconds: 20} }

func phoneOf(h *calltest.House, user string) *calltest.Actor {
	h.T.Helper()
	all := h.Ringing()
	at := slices.IndexFunc(all, func(a *calltest.Actor) bool { return a.To.User == user })
	if at < 0 {
		h.T.Fatalf("%s is not rung", user)
	}
	return all[at]
}

var pcma = call.Answered{Codec: media.PCMA()}

// The first to answer has the call, the others stop ringing as answered elsewhere, and the steps say so.
func TestTheFirstToAnswerHasTheCall(t *testing.T) {
	play(t, func(h *calltest.House) {
		g := hunts(h, client(), ring("ana", "bob"))
		ana, bob := phoneOf(h, "ana"), phoneOf(h, "bob")
		h.Say(bob, call.Ringing{})
		h.Say(ana, call.Ringing{}, pcma)
		g.want(t, "rung ana, rung bob, rings, answered ana PCMA")
		h.WantCause(bob, call.CauseElsewhere)
		h.Say(bob, pcma)
		g.want(t, "")
		if got := g.steps(h); !slices.Equal(got, []string{"ana+bob answered ana"}) {
			t.Errorf("steps %q", got)
		}
		h.Sleep(time.Minute) // the step's time has no more meaning
		h.WantCause(ana, call.CauseNone)
		if !h.Busy("ana") || h.Busy("bob") {
			t.Error("who answered is busy, and nobody else")
		}
	})
}

// Two who answer at once, from goroutines of their own: one has the call, the other is told that it is elsewhere.
func TestTwoAnswerAtOnce(t *testing.T) {
	play(t, func(h *calltest.House) {
		for range 20 {
			g := hunts(h, client(), ring("ana", "bob"))
			both := []*calltest.Actor{phoneOf(h, "ana"), phoneOf(h, "bob")}
			g.since()
			for _, a := range both {
				go a.Say(pcma)
			}
			h.Settle()
			if got := g.since(); strings.Count(got, "answered") != 1 {
				t.Errorf("told %q", got)
			}
			causes := []call.Cause{both[0].HungUp(), both[1].HungUp()}
			slices.Sort(causes)
			if !slices.Equal(causes, []call.Cause{call.CauseNone, call.CauseElsewhere}) {
				t.Errorf("hung up with %q", causes)
			}
			g.HangUp()
			h.Settle()
		}
	})
}

// Who does not answer in time stops ringing, and the next step rings; in the end the most telling cause is told.
func TestStepAfterStep(t *testing.T) {
	play(t, func(h *calltest.House) {
		busy := ring("bob")
		busy.Seconds = 10
		busy.Busy = ring("cal")
		first := ring("ana")
		first.NoAnswer = busy
		g := hunts(h, client(), first)
		ana := phoneOf(h, "ana")
		h.Sleep(20*time.Second - time.Millisecond)
		h.WantCause(ana, call.CauseNone)
		h.Sleep(time.Millisecond)
		h.WantCause(ana, call.CauseNoAnswer)
		h.Say(phoneOf(h, "bob"), call.Gone{Cause: call.CauseBusy})
		h.Say(phoneOf(h, "cal"), call.Gone{Cause: call.CauseMediaLost})
		g.want(t, "rung ana, rung bob, rung cal, failed no_answer")
		if got := g.steps(h); !slices.Equal(got, []string{"ana no_answer", "bob busy", "cal media_lost"}) {
			t.Errorf("steps %q", got)
		}
	})
}

// A person who declines on one device means all of them, and is rung by no later step.
func TestDeclined(t *testing.T) {
	play(t, func(h *calltest.House) {
		first := ring("ana", "bob")
		first.Devices = map[string][]string{"ana": {"desk"}}
		first.NoAnswer, first.Declined = ring("ana", "cal"), ring("dan")
		g := hunts(h, client(), first)
		ana, desk := phoneOf(h, "ana"), h.Dialled()[2]
		h.Say(ana, call.Gone{Cause: call.CauseDeclined})
		h.WantCause(desk, call.CauseElsewhere)
		h.WantCause(phoneOf(h, "bob"), call.CauseNone)
		h.Sleep(20 * time.Second)
		if h.Rung().To.User != "cal" {
			t.Errorf("rung again: %+v", h.Rung().To)
		}
		g.want(t, "rung ana, rung bob, rung ana, rung cal")
	})
}

// Who can't be rung is passed over without waiting: not there, busy, or not to be disturbed.
func TestNobodyToRing(t *testing.T) {
	hooks := call.Hooks{Available: func(user string) bool { return user != "away" }}
	calltest.Play(t, call.Config{}, hooks, func(h *calltest.House) {
		h.Absent(func(t call.Target) error {
			if t.User == "offline" {
				return call.ErrNobody
			}
			return nil
		})
		first := ring("away")
		first.Offline = ring("offline")
		g := hunts(h, client(), first)
		g.want(t, "failed unavailable")
		other := ring("offline")
		other.Offline = dialplan.Announce{Prompt: "nobody"}
		hunts(h, client(), other).want(t, "leads")
		broken := ring("ana")
		h.Absent(func(call.Target) error { return context.DeadlineExceeded })
		hunts(h, client(), broken).want(t, "failed failed")
	})
}

// Sound before the answer is heard where it comes from the only phone that rings, and is no browser's.
func TestEarlySound(t *testing.T) {
	play(t, func(h *calltest.House) {
		caller := client()
		g := hunts(h, caller, dialplan.Dial{Trunk: "t1", Number: "0733", Seconds: 20,
			Next: dialplan.Dial{Trunk: "t2", Number: "0733", Seconds: 20}})
		line := h.Rung()
		track := line.Speak()
		h.Settle()
		g.want(t, "rung t1, early")
		h.WantHears(caller, track.ID)
		h.Say(line, call.Gone{Cause: call.CauseFailed})
		h.WantHears(caller)
		g.want(t, "rung t2")
		browser := hunts(h, client(), ring("ana"))
		phoneOf(h, "ana").Speak()
		h.Settle()
		browser.want(t, "rung ana")
	})
}

// What the far end itself says ends the way through trunks; what was not reached is tried through the next one.
func TestTrunks(t *testing.T) {
	play(t, func(h *calltest.House) {
		out := dialplan.Dial{Trunk: "t1", Number: "0733", Seconds: 20,
			Next: dialplan.Dial{Trunk: "t2", Number: "0733", Seconds: 20}}
		for cause, want := range map[call.Cause]string{call.CauseBusy: "rung t1, failed busy",
			call.CauseNotFound: "rung t1, failed not_found", call.CauseFailed: "rung t1, rung t2"} {
			g := hunts(h, client(), out)
			h.Say(h.Rung(), call.Gone{Cause: cause})
			g.want(t, want)
			g.HangUp()
			h.Settle()
			for _, a := range h.Ringing() {
				a.Say(call.Gone{})
			}
		}
	})
}

// Who answers a call that a user forwards outside takes it by pressing 1, in time: until then it rings on.
func TestForwardedOutside(t *testing.T) {
	out := dialplan.Dial{Trunk: "t1", Number: "0733", Seconds: 20, For: "ana", Confirm: true}
	play(t, func(h *calltest.House) {
		g := hunts(h, client(), out)
		mobile := h.Rung()
		h.Say(mobile, pcma)
		h.WantHears(mobile, "question//PCMA")
		h.Say(mobile, call.Digit{Key: '2'})
		h.Sleep(hunt.AcceptWithin - time.Second)
		g.want(t, "rung anat1")
		h.Say(mobile, call.Digit{Key: '1'})
		g.want(t, "answered anat1 PCMA")
		h.WantHears(mobile)
	})
	play(t, func(h *calltest.House) { // its voicemail presses nothing
		g := hunts(h, client(), out)
		mobile := h.Rung()
		h.Say(mobile, pcma)
		h.Sleep(hunt.AcceptWithin)
		h.WantCause(mobile, call.CauseNoAnswer)
		g.want(t, "rung anat1, failed no_answer")
	})
	play(t, func(h *calltest.House) { // who hangs up when asked says no
		g := hunts(h, client(), out)
		mobile := h.Rung()
		h.Say(mobile, pcma, call.Gone{Cause: call.CauseNormal})
		g.want(t, "rung anat1, failed declined")
	})
}

// A codec that the caller does not speak is no answer.
func TestAnsweredInAnotherCodec(t *testing.T) {
	play(t, func(h *calltest.House) {
		g := hunts(h, client(), ring("ana"))
		ana := phoneOf(h, "ana")
		h.Say(ana, call.Answered{Codec: media.Opus()})
		h.WantCause(ana, call.CauseNoCodec)
		g.want(t, "rung ana, failed no_codec")
	})
}

// When the caller leaves, what rings stops, and so does what is only being dialled.
func TestCancelled(t *testing.T) {
	play(t, func(h *calltest.House) {
		caller := client()
		dialled := make(chan struct{})
		h.Absent(func(t call.Target) error {
			if t.Trunk != "" {
				<-dialled
			}
			return nil
		})
		users := ring("ana")
		g := hunts(h, caller, users)
		h.Say(caller, call.Gone{Cause: call.CauseNormal})
		h.WantCause(h.Dialled()[0], call.CauseCancelled)
		if h.Runs(g.Call) {
			t.Error("it rings on")
		}
		late := client()
		hunts(h, late, dialplan.Dial{Trunk: "t1", Number: "0733", Seconds: 20})
		go close(dialled)
		h.Say(late, call.Gone{Cause: call.CauseNormal})
		h.Settle()
		for _, a := range h.Dialled() {
			if !a.Over() {
				t.Errorf("%+v rings on", a.To)
			}
		}
	})
}

// A program that comes back to where it was ends all the same.
func TestAWayWithoutEnd(t *testing.T) {
	calltest.Play(t, call.Config{}, call.Hooks{Available: func(string) bool { return false }}, func(h *calltest.House) {
		g := hunts(h, client(), round{})
		g.want(t, "failed unavailable")
		if n := len(g.steps(h)); n == 0 || n > 100 {
			t.Errorf("%d steps are noted", n)
		}
	})
}

// round is a choice that leads to somebody, and back to itself.
type round struct{}

func (round) Outcomes() []dialplan.Outcome { return []dialplan.Outcome{dialplan.Opened} }

func (r round) After(dialplan.Outcome) dialplan.Step {
	return dialplan.Ring{Users: []string{"ana"}, Seconds: 20, Offline: r}
}

func (round) Decides() dialplan.Outcome { return dialplan.Opened }
