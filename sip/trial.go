package sip

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/sip/trunks"
)

const (
	trialRings  = 30 * time.Second // how long a test call may take until somebody answers
	trialSounds = 4 * time.Second  // how long its sound may then take to come
)

// ErrTrialRuns: a test call is under way on this node, and there is one at a time.
var ErrTrialRuns = errors.New("sip: a test call is under way")

// trial is a test call while it runs, and what came of it so far.
type trial struct {
	said  chan any      // a pbx.Event or a response
	sound chan struct{} // a packet came
	music *media.Player // what is played to who answered; nil before
	last  string        // the latest response
	taken bool          // the peer lets the call through
	steps []Step
}

type response struct {
	code   int
	phrase string
}

// TestCall calls a number through a trunk, plays music to who answers, listens whether sound comes back, and hangs up.
// It tells each step, and with it what the peer answered on the wire. Errors: pbx.ErrNobody when there is no way to
// the peer, ErrTrialRuns.
func (s *Server) TestCall(ctx context.Context, to dialplan.Dial) ([]Step, error) {
	if !s.trying.CompareAndSwap(false, true) {
		return nil, ErrTrialRuns
	}
	defer s.trying.Store(false)
	t := &trial{said: make(chan any, 64), sound: make(chan struct{}, 1)}
	leg, err := s.dialTrunk(ctx, pbx.Target{Trunk: to.Trunk, Number: to.Number},
		pbx.Request{Number: to.CallerID, Codecs: s.cfg.Codecs},
		func(code int, phrase string) { t.hear(response{code, phrase}) })
	if err != nil {
		return nil, err
	}
	leg.Listen(func(e pbx.Event) { t.hear(e) })
	t.run(ctx, leg)
	leg.Hangup(pbx.CauseNormal)
	if t.music != nil {
		t.music.Close()
	}
	return t.steps, nil
}

// hear takes what is said on the leg's goroutine; a peer that says more than anybody needs is not waited for.
func (t *trial) hear(what any) {
	select {
	case t.said <- what:
	default:
	}
}

// WriteRTP implements media.Sink: sound comes.
func (t *trial) WriteRTP(*media.Packet) {
	select {
	case t.sound <- struct{}{}:
	default:
	}
}

// run follows the call until it is clear what became of it.
func (t *trial) run(ctx context.Context, leg pbx.Leg) {
	patience := time.NewTimer(trialRings)
	defer patience.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-patience.C:
			t.failed("no answer in time")
			return
		case <-t.heard():
			t.tell(trunks.StepSound, true, "")
			return
		case what := <-t.said:
			switch e := what.(type) {
			case response:
				t.answered(e)
			case pbx.Ringing:
				t.tell(trunks.StepRings, true, t.last)
			case pbx.TrackAdded:
				e.Track.Attach(t)
			case pbx.Answered:
				t.tell(trunks.StepAnswered, true, t.last)
				t.music = media.NewPlayer("trial", e.Codec, media.Music())
				leg.Play(t.music.Track())
				patience.Reset(trialSounds)
			case pbx.Gone:
				t.failed(cmp.Or(t.last, string(e.Cause)))
				return
			}
		}
	}
}

// heard is the sound of who answered; what came before that is the network's, as a rule.
func (t *trial) heard() <-chan struct{} {
	if t.music == nil {
		return nil
	}
	return t.sound
}

func (t *trial) answered(r response) {
	t.last = fmt.Sprintf("%d %s", r.code, r.phrase)
	if !t.taken && r.code < 300 {
		t.taken = true
		t.tell(trunks.StepTaken, true, t.last)
	}
}

// failed ends with the step that was not reached.
func (t *trial) failed(told string) {
	switch {
	case t.music != nil:
		t.tell(trunks.StepSound, false, "")
	case t.taken:
		t.tell(trunks.StepAnswered, false, told)
	default:
		t.tell(trunks.StepTaken, false, told)
	}
}

func (t *trial) tell(kind string, ok bool, told string) {
	t.steps = append(t.steps, Step{Kind: kind, What: trialWords[kind], OK: ok, Told: told})
}

// Refused is the step of a test call that may not be, or has no way to the peer.
func Refused(c pbx.Cause) Step {
	return Step{Kind: trunks.StepAllowed, What: "the number may be called over this trunk", Told: string(c)}
}

// trialWords are the steps of a test call in words.
var trialWords = map[string]string{
	trunks.StepTaken:    "the other side takes the call",
	trunks.StepRings:    "it rings",
	trunks.StepAnswered: "somebody answers",
	trunks.StepSound:    "sound comes back",
}
