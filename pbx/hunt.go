package pbx

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
)

// hunter is who has somebody rung, and is told what comes of it.
type hunter interface {
	rung(m *member)   // a phone is being rung: m
	rings(early bool) // the first one says that it rings; early: one sends sound before the answer, heard from now on
	answered(m *member, codec media.Codec)
	leads(step dialplan.Step) // the way goes on with what is no ringing
	failed(cause Cause)       // it is over
}

// hunt rings step after step of a way until somebody answers, or a step comes that rings nobody.
type hunt struct {
	*way
	of     hunter
	codecs []media.Codec // that the waiting party can be connected in …
	hears  []media.Codec // … and those that it hears before the answer
	shows  string        // the called party's number, as our people know it; "" as its leg tells it

	round    int   // how many steps have begun
	silence  alarm // of the step, when nobody answers
	dialling int   // targets of the step that are being dialled
	ringing  []*member
	rang     bool
	early    *member // whose early media is heard
	stopped  bool
}

func (h *hunt) begin() { h.leads(h.next("")) }

// stop ends the hunt; who rings goes on ringing.
func (h *hunt) stop() {
	h.stopped = true
	h.alarms.off(&h.silence)
	h.trail.ends(CauseCancelled)
}

// cancel ends the hunt and stops the ringing.
func (h *hunt) cancel() {
	h.stop()
	h.stopRinging(nil, CauseCancelled)
}

// nextStep follows the outcome of the step before.
func (h *hunt) nextStep(outcome dialplan.Outcome) {
	h.alarms.off(&h.silence)
	h.leads(h.next(outcome))
}

// leads rings the targets of a step, of those that follow where none can be rung, or gives up.
func (h *hunt) leads(step dialplan.Step) {
	for ; ringsSomebody(step); step = h.next(dialplan.OutcomeOf(cmp.Or(h.trail.why, CauseUnavailable))) {
		h.early = nil
		h.round++
		if group, ok := step.(dialplan.Hunt); ok && h.gather(group) {
			return
		}
		if dials, seconds := h.dials(step); len(dials) > 0 {
			h.dialling = len(dials)
			h.alarms.set(&h.silence, time.Duration(seconds)*time.Second, h.stepOver)
			h.dial(dials)
			return
		}
	}
	h.stop()
	if step != nil {
		h.of.leads(step)
		return
	}
	h.worse(CauseUnavailable)
	h.of.failed(h.cause)
}

// ringsSomebody tells whether a step rings somebody.
func ringsSomebody(step dialplan.Step) bool {
	switch step.(type) {
	case dialplan.Ring, dialplan.Dial, dialplan.Hunt:
		return true
	}
	return false
}

// dials are whom a step rings, and for how long.
func (h *hunt) dials(step dialplan.Step) (all []dial, seconds int) {
	switch s := step.(type) {
	case dialplan.Ring:
		return h.dialUsers(s), s.Seconds
	case dialplan.Dial:
		return h.dialOut(s), s.Seconds
	}
	return nil, 0
}

// dialUsers are those who can be rung of the step's users, with all their phones.
func (h *hunt) dialUsers(step dialplan.Ring) (all []dial) {
	h.trail.begins(ledger.Step{Kind: ledger.Ring, Users: step.Users})
	dialers := h.board.dialers
	free := slices.DeleteFunc(slices.Clone(step.Users), func(user string) bool {
		return slices.Contains(h.declined, user) || !h.free(user)
	})
	for _, user := range free { // browsers need no search
		all = dial{by: dialers.Browser, to: Target{User: user}, user: user, ask: h.request(h.number)}.in(all)
	}
	for _, user := range free {
		for _, device := range step.Devices[user] {
			all = dial{by: dialers.Phone, to: Target{Device: device}, user: user, ask: h.request(h.number)}.in(all)
		}
	}
	return all
}

// dialOut is a number through a trunk.
func (h *hunt) dialOut(step dialplan.Dial) []dial {
	h.trail.begins(ledger.Step{Kind: ledger.Dial, Trunk: step.Trunk, Number: step.Number})
	if r := h.trail.record; r.Direction == "out" {
		r.Trunk, r.Line = step.Trunk, step.CallerID
	}
	return dial{by: h.board.dialers.Trunk, to: Target{Trunk: step.Trunk, Number: step.Number},
		limit: step.MaxCalls, user: step.For, asks: step.Confirm,
		ask: h.request(step.CallerID)}.in(nil)
}

// request is what an edge is told of the call; number is the caller's, as the target may see it.
func (h *hunt) request(number string) Request {
	return Request{Call: h.trail.record.ID, From: h.shown(), Number: number, Name: h.nameShown(), Codecs: h.codecs}
}

// free tells whether a user can be rung.
func (h *hunt) free(user string) bool {
	why := h.board.free(user)
	if why == CauseBusy && h.plan.Waits(user) {
		return true
	}
	h.worse(why)
	return why == CauseNone
}

// shown is the caller as the called party may see it.
func (h *hunt) shown() Party {
	p := h.from
	if p.Private {
		p.Number, p.Name = "", ""
	}
	return p
}

func (h *hunt) nameShown() string {
	if h.from == h.in.Party {
		return h.name
	}
	return h.shown().Name
}

// dial rings targets of the step.
func (h *hunt) dial(dials []dial) {
	round := h.round
	h.entry.Step(*h.trail.record)
	h.dialAll(dials, h.entry, h.fresh, func(d dialled) {
		if h.stopped || h.round != round { // somebody answered, or the next step rings
			d.late()
			return
		}
		h.dialled(d)
	})
}

func (h *hunt) dialled(d dialled) {
	h.dialling--
	switch {
	case d.leg == nil:
		h.ledger.GiveBack(d.channel)
		h.notDialled(d)
	case d.to.Trunk == "" && slices.Contains(h.declined, d.user): // on another of his phones, meanwhile
		d.late()
	default:
		h.ringsAt(d)
	}
	h.nextIfNone()
}

// notDialled: the target has nothing that could ring.
func (h *hunt) notDialled(d dialled) {
	h.worse(d.cause)
	if d.err != nil && !errors.Is(d.err, ErrNobody) {
		h.log.Warn("can't ring", "user", d.user, "device", d.to.Device, "trunk", d.to.Trunk, "err", d.err)
		h.worse(CauseFailed)
	}
}

// nextIfNone begins the next step when nothing of this one rings.
func (h *hunt) nextIfNone() {
	if len(h.ringing) == 0 && h.dialling == 0 {
		h.nextStep(dialplan.Failed)
	}
}

// ringsAt takes in a leg that is being rung.
func (h *hunt) ringsAt(d dialled) {
	if r := h.trail.record; d.user != "" && !slices.Contains(r.Rang, d.user) {
		r.Rang = append(r.Rang, d.user)
	}
	m := h.add(d.leg, legRinging)
	m.channel, m.by, m.party.User = d.channel, h.by, cmp.Or(m.party.User, d.user)
	if d.asks {
		m.accepts = &acceptance{}
	}
	m.party.Number = cmp.Or(h.shows, m.party.Number)
	h.ringing = append(h.ringing, m)
	h.of.rung(m)
}

// said serves what a phone says that it rings.
func (h *hunt) said(m *member, e Event) {
	if w, ok := e.(wantsIn); ok {
		h.pickedUp(m, w)
		return
	}
	if !slices.Contains(h.ringing, m) {
		return
	}
	switch e := e.(type) {
	case Ringing:
		h.rings()
	case TrackAdded:
		h.sends(m, e.Track)
	case Answered:
		h.answers(m, e.Codec)
	case Digit:
		h.presses(m, e.Key)
	}
}

func (h *hunt) rings() {
	if !h.rang {
		h.rang = true
		h.of.rings(false)
	}
}

// sends: sound from a trunk or a phone before the answer is early media. Who waits hears it, where nobody else rings
// and the codec is one of his.
func (h *hunt) sends(m *member, t *media.Track) {
	if m.party.Kind != Browser && m.accepts == nil && len(h.ringing) == 1 && slices.ContainsFunc(h.hears, t.Codec.Is) {
		h.early = m
		h.of.rings(true)
	}
}

// sound is what is heard before the answer.
func (h *hunt) sound() []*media.Track {
	if h.early == nil {
		return nil
	}
	return h.early.sound()
}

// answers: the first to answer gets the call.
func (h *hunt) answers(m *member, codec media.Codec) {
	if !slices.ContainsFunc(h.codecs, codec.Is) {
		h.dismiss(m, CauseNoCodec)
		h.unanswered(m, Gone{Cause: CauseNoCodec})
		return
	}
	if m.accepts != nil {
		h.asks(m, codec)
		return
	}
	h.trail.answered(m.party)
	h.stop()
	h.stopRinging(m, CauseElsewhere)
	m.state, m.codec = legActive, codec
	h.engage(m)
	h.of.answered(m, codec)
}

// stopRinging hangs up all ringing legs but one.
func (h *hunt) stopRinging(but *member, cause Cause) {
	for _, m := range h.ringing {
		if m != but {
			h.dismiss(m, cause)
		}
	}
	h.ringing = nil
}

// stepOver: nobody answered in time.
func (h *hunt) stepOver() {
	h.stopRinging(nil, CauseNoAnswer)
	h.worse(CauseNoAnswer)
	h.nextStep(dialplan.NoAnswer)
}

// lost tells whether a leg that left is one that it rings, and goes on without it.
func (h *hunt) lost(m *member, e Gone) bool {
	rang := slices.Contains(h.ringing, m)
	if rang {
		h.unanswered(m, e)
	}
	return rang
}

// unanswered: a ringing leg ended without answer. A person who declines on one device means all of them.
func (h *hunt) unanswered(m *member, e Gone) {
	if m.accepts != nil && m.accepts.codec.Name != "" && e.Cause == CauseNormal { // asked, he hung up
		e.Cause = CauseDeclined
	}
	h.worse(e.Cause)
	declines := e.Cause == CauseDeclined && m.party.User != ""
	if declines {
		h.declined = append(h.declined, m.party.User)
	}
	h.ringing = slices.DeleteFunc(h.ringing, func(x *member) bool {
		same := declines && x.party.User == m.party.User
		if same && x != m {
			h.dismiss(x, CauseElsewhere)
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
func (h *hunt) follow(m *member, numbers []string) bool {
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
		dials, _ := h.dials(first)
		h.dialling += len(dials)
		h.dial(dials)
		programs[0] = first.After(dialplan.Failed)
	}
	h.walk.Insert(programs...)
	return true
}
