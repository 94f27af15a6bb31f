package pbx

import (
	"cmp"
	"errors"
	"slices"
	"time"

	"frontdesk/media"
)

// hunt rings step after step until somebody answers.
type hunt struct {
	record *Record // of the call that it belongs to
	visit  *visit  // whom it calls into a meeting, nil otherwise
	steps  []Step
	codecs []media.Codec // the waiting party's
	from   Party         // who calls
	number string        // to show to our own people
	shows  string        // the called party's number, as our people know it; "" as its leg tells it

	rings    func() // the first phone rings
	answered func(m *member, codec media.Codec)
	failed   func(Cause)

	step     Step  // that rings now
	over     alarm // of the step
	ringing  []*member
	rang     bool
	early    *member  // whose early media is heard
	cause    Cause    // the most telling so far
	declined []string // users who said no, whom no later step rings
}

// ring begins a hunt.
func (c *Call) ring(h *hunt) {
	c.hunts = append(c.hunts, h)
	c.nextStep(h)
}

// stop ends a hunt.
func (c *Call) stop(h *hunt) {
	h.over.off()
	c.hunts = slices.DeleteFunc(c.hunts, func(x *hunt) bool { return x == h })
}

// nextStep rings the next targets that can be rung, or gives up.
func (c *Call) nextStep(h *hunt) {
	h.over.off()
	for len(h.steps) > 0 {
		h.step, h.steps, h.early = h.steps[0], h.steps[1:], nil
		if c.ringStep(h); len(h.ringing) > 0 {
			h.over.set(time.Duration(h.step.Seconds)*time.Second, func() { c.stepOver(h) })
			return
		}
	}
	c.stop(h)
	h.worse(CauseUnavailable)
	h.failed(h.cause)
}

func (c *Call) ringStep(h *hunt) {
	if h.step.Trunk != "" {
		c.ringLine(h)
		return
	}
	var free []string
	for _, user := range h.step.Users {
		if !slices.Contains(h.declined, user) && c.free(h, user) {
			free = append(free, user)
		}
	}
	if told := c.x.hooks.Ringing; told != nil && c.in.Party.Kind == Line && len(free) > 0 {
		told(c.in.Call, free)
	}
	for _, user := range free {
		c.ringUser(h, user)
	}
}

// free tells whether a user can be rung.
func (c *Call) free(h *hunt, user string) bool {
	if available := c.x.hooks.Available; available != nil && !available(user) {
		h.worse(CauseUnavailable)
		return false
	}
	if elsewhere := c.x.hooks.BusyElsewhere; c.x.Busy(user) || elsewhere != nil && elsewhere(user) {
		h.worse(CauseBusy)
		return false
	}
	return true
}

// ringUser rings a user's browsers and desk phones.
func (c *Call) ringUser(h *hunt, user string) {
	dialers := c.x.dialers.Load()
	before := len(h.ringing)
	c.dial(h, dialers.Browser, Target{User: user}, h.number)
	for _, device := range h.step.Devices[user] {
		c.dial(h, dialers.Phone, Target{Device: device}, h.number)
	}
	if len(h.ringing) > before && !slices.Contains(c.record.Rang, user) {
		c.record.Rang = append(c.record.Rang, user)
	}
}

func (c *Call) ringLine(h *hunt) {
	line, cause := c.x.seize(h.record.ID, h.step.Trunk, h.step.MaxCalls)
	if cause != CauseNone {
		h.worse(cause)
		return
	}
	m := c.dial(h, c.x.dialers.Load().Line, Target{Trunk: h.step.Trunk, Number: h.step.Number}, h.step.CallerID)
	if m == nil {
		c.x.release(line)
		return
	}
	m.line = line
	if h.record.Direction == "out" {
		h.record.Trunk, h.record.Line = h.step.Trunk, h.step.CallerID
	}
}

// dial rings one target; nil when it can't be rung.
func (c *Call) dial(h *hunt, d Dialer, t Target, number string) *member {
	if d == nil {
		return nil
	}
	leg, err := d.Dial(c.x.ctx, t, Request{Call: h.record.ID, From: h.shown(), Number: number, Name: c.nameOf(h.from), Codecs: h.codecs})
	if err != nil {
		if !errors.Is(err, ErrNobody) {
			c.log.Warn("can't ring", "user", t.User, "device", t.Device, "trunk", t.Trunk, "err", err)
			h.worse(CauseFailed)
		}
		return nil
	}
	m := c.add(leg, legRinging)
	m.hunt, m.visit = h, h.visit
	if h.visit != nil {
		h.visit.m = m
	}
	m.party.Number = cmp.Or(h.shows, m.party.Number)
	h.ringing = append(h.ringing, m)
	return m
}

// shown is the caller as the called party may see it.
func (h *hunt) shown() Party {
	p := h.from
	if p.Private {
		p.Number, p.Name = "", ""
	}
	return p
}

func (c *Call) nameOf(p Party) string {
	if p == c.in.Party {
		return c.name
	}
	if p.Private {
		return ""
	}
	return p.Name
}

// rings: a called phone says that it rings.
func (c *Call) rings(m *member) {
	if h := m.hunt; h != nil && m.state == legRinging && !h.rang {
		h.rang = true
		h.rings()
	}
}

// answers: the first to answer gets the call.
func (c *Call) answers(m *member, codec media.Codec) {
	h := m.hunt
	if h == nil || m.state != legRinging {
		return
	}
	if !slices.ContainsFunc(h.codecs, codec.Is) {
		c.dismiss(m, CauseNoCodec)
		c.notTaken(m, CauseNoCodec)
		return
	}
	c.stop(h)
	c.stopRinging(h, m, CauseElsewhere)
	m.state, m.codec = legActive, codec
	c.engage(m)
	h.answered(m, codec)
}

// stopRinging hangs up all ringing legs but one.
func (c *Call) stopRinging(h *hunt, but *member, cause Cause) {
	for _, m := range h.ringing {
		if m != but {
			c.dismiss(m, cause)
		}
	}
	h.ringing = nil
}

// stepOver: nobody answered in time.
func (c *Call) stepOver(h *hunt) {
	c.stopRinging(h, nil, CauseNoAnswer)
	h.worse(CauseNoAnswer)
	h.conclude(CauseNoAnswer)
	c.nextStep(h)
}

// notTaken: a ringing leg ended without answer. A person who declines on one device means all of them.
func (c *Call) notTaken(m *member, cause Cause) {
	h := m.hunt
	h.worse(cause)
	if cause == CauseDeclined && m.party.User != "" {
		h.declined = append(h.declined, m.party.User)
	}
	h.ringing = slices.DeleteFunc(h.ringing, func(x *member) bool {
		same := cause == CauseDeclined && m.party.User != "" && x.party.User == m.party.User
		if same && x != m {
			c.dismiss(x, CauseElsewhere)
		}
		return x == m || same
	})
	if h.early == m {
		h.early = nil
	}
	if len(h.ringing) == 0 {
		h.conclude(cause)
		c.nextStep(h)
	}
}

// conclude: what the far end itself said is final, another trunk would not change it.
func (h *hunt) conclude(cause Cause) {
	final := []Cause{CauseBusy, CauseDeclined, CauseNoAnswer, CauseNotFound}
	if h.step.Trunk != "" && slices.Contains(final, cause) {
		h.steps = nil
	}
}

// worse keeps the most telling of the causes why nobody answered.
func (h *hunt) worse(cause Cause) {
	telling := []Cause{CauseNone, CauseUnavailable, CauseFailed, CauseMediaLost, CauseOverload, CauseForbidden, CauseNoCodec, CauseNotFound, CauseBusy, CauseDeclined, CauseNoAnswer}
	if !slices.Contains(telling, cause) {
		cause = CauseFailed
	}
	if slices.Index(telling, cause) > slices.Index(telling, h.cause) {
		h.cause = cause
	}
}
