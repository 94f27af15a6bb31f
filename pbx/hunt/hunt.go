// Package hunt rings: it leads a party along a Way through a program of the dial plan, and has step after step ring
// whom it names, several phones at once, until somebody answers. Whoever has it ring is its Hunter.
package hunt

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
)

// Hunter is who has somebody rung, and is told what comes of it.
type Hunter interface {
	Rung(m *call.Member) // a phone is being rung: m
	// Rings: the first phone says that it rings; early: one sends sound before the answer, heard from now on.
	Rings(early bool)
	Answered(m *call.Member, codec media.Codec) // m took the call; all others stop ringing
	Leads(step dialplan.Step)                   // the way goes on with what is no ringing
	Failed(cause call.Cause)                    // it is over
}

// Hunt rings step after step of a way until somebody answers, or a step comes that rings nobody.
type Hunt struct {
	*Way
	of     Hunter
	codecs []media.Codec // that the waiting party can be connected in …
	hears  []media.Codec // … and those that it hears before the answer
	Shows  string        // the called party's number, as our people know it; "" as its leg tells it

	round    int        // how many steps have begun
	silence  call.Alarm // of the step, when nobody answers
	dialling int        // targets of the step that are being dialled
	ringing  []*call.Member
	rang     bool
	early    *call.Member // whose early media is heard
	accepts  map[*call.Member]*acceptance
	Stopped  bool
}

// New makes a hunt along a way, for somebody who can be connected in some codecs, and hears others before the answer.
func New(w *Way, of Hunter, codecs, hears []media.Codec) *Hunt {
	return &Hunt{Way: w, of: of, codecs: codecs, hears: hears, accepts: map[*call.Member]*acceptance{}}
}

// Begin rings whom the first step names.
func (h *Hunt) Begin() { h.Leads(h.Next("")) }

// stop ends the hunt; who rings goes on ringing.
func (h *Hunt) stop() {
	h.Stopped = true
	h.Alarms.Off(&h.silence)
	h.Trail.ends(call.CauseCancelled)
}

// Cancel ends the hunt and stops the ringing.
func (h *Hunt) Cancel() {
	h.stop()
	h.stopRinging(nil, call.CauseCancelled)
}

// nextStep follows the outcome of the step before.
func (h *Hunt) nextStep(outcome dialplan.Outcome) {
	h.Alarms.Off(&h.silence)
	h.Leads(h.Next(outcome))
}

// Leads rings the targets of a step, of those that follow where none can be rung, or gives up.
func (h *Hunt) Leads(step dialplan.Step) {
	for ; ringsSomebody(step); step = h.Next(dialplan.OutcomeOf(cmp.Or(h.Trail.why, call.CauseUnavailable))) {
		h.early = nil
		h.round++
		if group, ok := step.(dialplan.Hunt); ok && h.gather(group, h.gathered(group)) {
			return
		}
		if dials, seconds := h.dials(step, h.codecs); len(dials) > 0 {
			h.dialling = len(dials)
			h.Alarms.Set(&h.silence, time.Duration(seconds)*time.Second, h.stepOver)
			h.dial(dials)
			return
		}
	}
	h.stop()
	if step != nil {
		h.of.Leads(step)
		return
	}
	h.worse(call.CauseUnavailable)
	h.of.Failed(h.Cause)
}

// gathered goes on when it is known in which order a group is rung.
func (h *Hunt) gathered(group dialplan.Hunt) func(dialplan.Turn) {
	return func(turn dialplan.Turn) {
		if !h.Stopped {
			h.inserts(group, turn)
			h.nextStep(dialplan.Failed)
		}
	}
}

// dial rings targets of the step.
func (h *Hunt) dial(dials []dial) {
	round := h.round
	h.entry.Step(*h.Trail.record)
	h.dialAll(dials, func(d dialled) {
		if h.Stopped || h.round != round { // somebody answered, or the next step rings
			d.Late()
			return
		}
		h.dialled(d)
	})
}

func (h *Hunt) dialled(d dialled) {
	h.dialling--
	switch {
	case d.leg == nil:
		d.givesBack()
		h.notDialled(d)
	case d.to.Trunk == "" && slices.Contains(h.declined, d.user): // on another of his phones, meanwhile
		d.Late()
	default:
		h.ringsAt(d)
	}
	h.nextIfNone()
}

// notDialled: the target has nothing that could ring.
func (h *Hunt) notDialled(d dialled) {
	h.worse(d.cause)
	if d.err != nil && !errors.Is(d.err, call.ErrNobody) {
		h.Log.Warn("can't ring", "user", d.user, "device", d.to.Device, "trunk", d.to.Trunk, "err", d.err)
		h.worse(call.CauseFailed)
	}
}

// nextIfNone begins the next step when nothing of this one rings.
func (h *Hunt) nextIfNone() {
	if len(h.ringing) == 0 && h.dialling == 0 {
		h.nextStep(dialplan.Failed)
	}
}

// ringsAt takes in a leg that is being rung.
func (h *Hunt) ringsAt(d dialled) {
	if r := h.Trail.record; d.user != "" && !slices.Contains(r.Rang, d.user) {
		r.Rang = append(r.Rang, d.user)
	}
	m := h.Add(d.leg, call.LegRinging)
	m.Channel, m.Charge, m.By, m.Party.User = d.channel, d.charge, h.By, cmp.Or(m.Party.User, d.user)
	if d.asks {
		h.accepts[m] = &acceptance{language: d.language}
	}
	m.Party.Number = cmp.Or(h.Shows, m.Party.Number)
	h.ringing = append(h.ringing, m)
	h.of.Rung(m)
}

// Said serves what a phone says that it rings.
func (h *Hunt) Said(m *call.Member, e call.Event) {
	if w, ok := e.(call.WantsIn); ok {
		h.pickedUp(m, w)
		return
	}
	if !slices.Contains(h.ringing, m) {
		return
	}
	switch e := e.(type) {
	case call.Ringing:
		h.rings()
	case call.TrackAdded:
		h.sends(m, e.Track)
	case call.Answered:
		h.answers(m, e.Codec)
	case call.Digit:
		h.presses(m, e.Key)
	}
}

func (h *Hunt) rings() {
	if !h.rang {
		h.rang = true
		h.of.Rings(false)
	}
}

// sends: sound from a trunk or a phone before the answer is early media. Who waits hears it, where nobody else rings
// and the codec is one of his.
func (h *Hunt) sends(m *call.Member, t *media.Track) {
	heard := m.Party.Kind != call.Browser && h.accepts[m] == nil && len(h.ringing) == 1
	if heard && slices.ContainsFunc(h.hears, t.Codec.Is) {
		h.early = m
		h.of.Rings(true)
	}
}

// Sound is what is heard before the answer.
func (h *Hunt) Sound() []*media.Track {
	if h.early == nil {
		return nil
	}
	return h.early.Sound()
}

// answers: the first to answer gets the call.
func (h *Hunt) answers(m *call.Member, codec media.Codec) {
	if !slices.ContainsFunc(h.codecs, codec.Is) {
		h.Dismiss(m, call.CauseNoCodec)
		h.unanswered(m, call.Gone{Cause: call.CauseNoCodec})
		return
	}
	h.Board.Pays(m.Charge)
	if a := h.accepts[m]; a != nil {
		h.asks(m, a, codec)
		return
	}
	h.Trail.answered(m.Party)
	h.stop()
	h.stopRinging(m, call.CauseElsewhere)
	m.State, m.Codec = call.LegActive, codec
	h.Engage(m)
	h.of.Answered(m, codec)
}

// asks has who answered hear that he is asked whether he takes the call.
func (h *Hunt) asks(m *call.Member, a *acceptance, codec media.Codec) {
	h.Alarms.Off(&h.silence)
	a.asks(h.Call, m, codec, func() {
		if h.Lost(m, call.Gone{Cause: call.CauseNoAnswer}) {
			h.Dismiss(m, call.CauseNoAnswer)
		}
	})
}

// presses serves the keys of who is asked.
func (h *Hunt) presses(m *call.Member, key rune) {
	a := h.accepts[m]
	if !a.asked() || key != '1' {
		return
	}
	h.Alarms.Off(&a.over)
	delete(h.accepts, m)
	m.Asked = nil
	h.answers(m, a.codec)
}

// pickedUp lets in who takes a call that rings him or a colleague of a group of his, on another device than those.
func (h *Hunt) pickedUp(m *call.Member, w call.WantsIn) {
	if h.Stopped || !h.Plan.MayPickUp(m.Party.User, h.Trail.Users()) {
		w.Answer(call.CauseForbidden)
		return
	}
	if !h.LetIn(m, h.codecs) {
		return
	}
	h.Trail.PickedUp(m.Party.User)
	h.stop()
	h.stopRinging(m, call.CauseElsewhere)
	h.of.Answered(m, m.Codec)
}

// stopRinging hangs up all ringing legs but one.
func (h *Hunt) stopRinging(but *call.Member, cause call.Cause) {
	for _, m := range h.ringing {
		if m != but {
			h.Dismiss(m, cause)
		}
	}
	h.ringing = nil
}

// stepOver: nobody answered in time.
func (h *Hunt) stepOver() {
	h.stopRinging(nil, call.CauseNoAnswer)
	h.worse(call.CauseNoAnswer)
	h.nextStep(dialplan.NoAnswer)
}

// Lost tells whether a leg that left is one that it rings, and goes on without it.
func (h *Hunt) Lost(m *call.Member, e call.Gone) bool {
	rang := slices.Contains(h.ringing, m)
	if rang {
		h.unanswered(m, e)
	}
	return rang
}

// unanswered: a ringing leg ended without answer. A person who declines on one device means all of them.
func (h *Hunt) unanswered(m *call.Member, e call.Gone) {
	if h.accepts[m].asked() && e.Cause == call.CauseNormal { // asked, he hung up
		e.Cause = call.CauseDeclined
	}
	h.worse(e.Cause)
	declines := e.Cause == call.CauseDeclined && m.Party.User != ""
	if declines {
		h.declined = append(h.declined, m.Party.User)
	}
	h.ringing = slices.DeleteFunc(h.ringing, func(x *call.Member) bool {
		same := declines && x.Party.User == m.Party.User
		if same && x != m {
			h.Dismiss(x, call.CauseElsewhere)
		}
		return x == m || same
	})
	if h.early == m {
		h.early = nil
	}
	if h.follow(m, e.Moved) {
		return
	}
	if len(h.ringing) == 0 && h.dialling == 0 {
		h.nextStep(dialplan.OutcomeOf(e.Cause))
	}
}

// follow calls a party that is to be found elsewhere at the numbers that it names, beside whoever rings on; false
// when there is nowhere to go.
func (h *Hunt) follow(m *call.Member, numbers []string) bool {
	if h.followed || len(numbers) == 0 {
		return false
	}
	h.followed = true
	programs, refused := h.elsewhere(h.from, m, numbers)
	for _, cause := range refused {
		h.worse(cause)
	}
	if len(programs) == 0 {
		return false
	}
	if len(h.ringing) == 0 && h.dialling == 0 {
		h.walk.Insert(programs...)
		h.nextStep(dialplan.Failed)
		return true
	}
	if first := programs[0]; ringsSomebody(first) && !isGroup(first) { // a group comes after who rings
		dials, _ := h.dials(first, h.codecs)
		h.dialling += len(dials)
		h.dial(dials)
		programs[0] = first.After(dialplan.Failed)
	}
	h.walk.Insert(programs...)
	return true
}
