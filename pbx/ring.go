package pbx

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/ledger"
)

// hunt rings step after step until somebody answers.
type hunt struct {
	record *ledger.Record // of the call that it belongs to
	visit  *visit         // whom it calls into a meeting, nil otherwise
	walk   *directory.Walk
	codecs []media.Codec // the waiting party's
	from   Party         // who calls
	number string        // to show to our own people
	by     string        // the user who transfers the call to whom it rings
	shows  string        // the called party's number, as our people know it; "" as its leg tells it

	rings    func() // the first phone rings
	answered func(m *member, codec media.Codec)
	failed   func(Cause)

	round    int   // how many steps have begun
	over     alarm // of the step
	dialling int   // targets of the step that are being dialled
	ringing  []*member
	rang     bool
	early    *member  // whose early media is heard
	cause    Cause    // the most telling so far
	why      Cause    // the same of the step
	open     []int    // steps of the record that go on
	declined []string // users who said no, whom no later step rings
	followed bool     // who moved was looked for elsewhere: that is done once
}

// ring begins a hunt.
func (c *Call) ring(h *hunt) {
	c.hunts = append(c.hunts, h)
	c.nextStep(h, "")
}

// refusal is why a program rings nobody: it refuses, or leads into a meeting, where nobody is brought by somebody else.
func refusal(first directory.Step) Cause {
	switch s := first.(type) {
	case directory.Refuse:
		return s.Cause
	case directory.Join:
		return CauseForbidden
	}
	return CauseNone
}

// stop ends a hunt.
func (c *Call) stop(h *hunt) {
	h.over.off()
	h.ends(CauseCancelled)
	c.hunts = slices.DeleteFunc(c.hunts, func(x *hunt) bool { return x == h })
}

// nextStep follows the outcome of the step before to the next targets that can be rung, or gives up.
func (c *Call) nextStep(h *hunt, outcome directory.Outcome) {
	h.over.off()
	for step, more := h.walk.Next(outcome); more; step, more = h.walk.Next(directory.Offline) {
		h.early = nil
		h.round++
		h.ends(cmp.Or(h.why, CauseUnavailable))
		if dials, seconds := c.dials(h, step); len(dials) > 0 {
			h.dialling = len(dials)
			h.over.set(time.Duration(seconds)*time.Second, func() { c.stepOver(h) })
			c.dialAll(h, dials)
			return
		}
	}
	h.ends(cmp.Or(h.why, CauseUnavailable))
	c.stop(h)
	h.worse(CauseUnavailable)
	h.failed(h.cause)
}

// dial is one target of a step.
type dial struct {
	by    Dialer
	to    Target
	user  string // whose phone it is, "" through a trunk
	limit int    // calls at once of the trunk, 0 for none
	ask   Request
}

// dials are whom a step rings, and for how long.
func (c *Call) dials(h *hunt, step directory.Step) (all []dial, seconds int) {
	switch s := step.(type) {
	case directory.Ring:
		return c.dialUsers(h, s), s.Seconds
	case directory.Dial:
		return c.dialOut(h, s), s.Seconds
	}
	return nil, 0
}

// dialUsers are those who can be rung of the step's users, with all their phones.
func (c *Call) dialUsers(h *hunt, step directory.Ring) (all []dial) {
	h.begins(ledger.Step{Kind: ledger.Ring, Users: step.Users})
	dialers := c.x.dialers.Load()
	free := slices.DeleteFunc(slices.Clone(step.Users), func(user string) bool { return slices.Contains(h.declined, user) || !c.free(h, user) })
	for _, user := range free { // browsers need no search
		all = add(all, dial{by: dialers.Browser, to: Target{User: user}, user: user, ask: c.request(h, h.number)})
	}
	for _, user := range free {
		for _, device := range step.Devices[user] {
			all = add(all, dial{by: dialers.Phone, to: Target{Device: device}, user: user, ask: c.request(h, h.number)})
		}
	}
	return all
}

// dialOut is a number through a trunk.
func (c *Call) dialOut(h *hunt, step directory.Dial) []dial {
	h.begins(ledger.Step{Kind: ledger.Dial, Trunk: step.Trunk, Number: step.Number})
	if h.record.Direction == "out" {
		h.record.Trunk, h.record.Line = step.Trunk, step.CallerID
	}
	return add(nil, dial{by: c.x.dialers.Load().Line, to: Target{Trunk: step.Trunk, Number: step.Number}, limit: step.MaxCalls,
		ask: c.request(h, step.CallerID)})
}

// request is what an edge is told of the call; number is the caller's, as the target may see it.
func (c *Call) request(h *hunt, number string) Request {
	return Request{Call: h.record.ID, From: h.shown(), Number: number, Name: c.nameOf(h.from), Codecs: h.codecs}
}

// add adds a target, where there is an edge for it.
func add(all []dial, d dial) []dial {
	if d.by == nil {
		return all
	}
	return append(all, d)
}

const (
	// dialLimit is how long each phone, and each line of a trunk, may take to be found.
	dialLimit = 10 * time.Second
	// dialPatience is how long the next one waits for the one before: they ring in order, unless one hangs.
	dialPatience = 100 * time.Millisecond
)

// dialAll rings the targets of a step, off the goroutine of the call: where a phone is, and whether a trunk has a line left, is asked of the database.
func (c *Call) dialAll(h *hunt, dials []dial) {
	round, record, written, visit := h.round, h.record.ID, c.ledgerOf(h), h.visit != nil
	written.Step(*h.record)
	c.x.running.Go(func() {
		if visit { // of other calls the routing has waited for that
			waitFor(written.Tried(), lookupLimit)
		}
		if users := usersOf(dials); len(users) > 0 {
			c.tellRinging(users)
		}
		for _, d := range dials {
			done := dialled{call: c, hunt: h, round: round, dial: d}
			over := make(chan struct{})
			c.x.running.Go(func() {
				defer close(over)
				ctx, cancel := context.WithTimeout(c.x.ctx, dialLimit)
				defer cancel()
				done.place(ctx, written, record)
				c.post(done)
			})
			select {
			case <-over:
			case <-time.After(dialPatience):
			}
		}
	})
}

func usersOf(dials []dial) (users []string) {
	for _, d := range dials {
		if d.user != "" && !slices.Contains(users, d.user) {
			users = append(users, d.user)
		}
	}
	return users
}

// tellRinging says whom a call from outside is about to ring.
func (c *Call) tellRinging(users []string) {
	if told := c.x.hooks.Ringing; told != nil && c.in.Party.Kind == Line {
		told(c.in.Call, users)
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

// dialled is what came of a dial.
type dialled struct {
	call  *Call
	hunt  *hunt
	round int
	dial  dial
	leg   Leg // nil: it can't be rung, for …
	line  *ledger.Channel
	cause Cause
	err   error
}

// place takes a line of the trunk, where it goes through one, and rings.
func (d *dialled) place(ctx context.Context, written *ledger.Entry, record string) {
	if d.dial.to.Trunk != "" {
		d.line, d.cause = written.Seize(ctx, record, d.dial.to.Trunk, d.dial.limit)
	}
	if d.cause != CauseNone {
		return
	}
	if d.leg, d.err = d.dial.by.Dial(ctx, d.dial.to, d.dial.ask); d.err != nil {
		d.leg = nil // not a nil pointer of the edge's own type
	}
}

func (d dialled) late() {
	d.call.ledger.GiveBack(d.line)
	if d.leg != nil {
		refuse(d.leg, CauseElsewhere)
	}
}

func (d dialled) happen(c *Call) {
	h := d.hunt
	if !slices.Contains(c.hunts, h) || h.round != d.round { // somebody answered, or the next step rings
		d.late()
		return
	}
	h.dialling--
	if d.leg == nil {
		c.ledger.GiveBack(d.line)
		c.notDialled(d)
		return
	}
	c.ringsAt(d)
}

// notDialled: the target has nothing that could ring.
func (c *Call) notDialled(d dialled) {
	h := d.hunt
	h.worse(d.cause)
	if d.err != nil && !errors.Is(d.err, ErrNobody) {
		c.log.Warn("can't ring", "user", d.dial.user, "device", d.dial.to.Device, "trunk", d.dial.to.Trunk, "err", d.err)
		h.worse(CauseFailed)
	}
	c.nextIfNone(h)
}

// nextIfNone begins the next step when nothing of this one rings.
func (c *Call) nextIfNone(h *hunt) {
	if len(h.ringing) == 0 && h.dialling == 0 {
		c.nextStep(h, directory.Failed)
	}
}

// ringsAt takes in a leg that is being rung.
func (c *Call) ringsAt(d dialled) {
	h, user := d.hunt, d.dial.user
	if slices.Contains(h.declined, user) { // on another of his phones, meanwhile
		d.late()
		c.nextIfNone(h)
		return
	}
	if user != "" && !slices.Contains(c.record.Rang, user) {
		c.record.Rang = append(c.record.Rang, user)
	}
	m := c.add(d.leg, legRinging)
	m.line = d.line
	m.hunt, m.visit, m.by = h, h.visit, h.by
	if h.visit != nil {
		h.visit.m = m
	}
	m.party.Number = cmp.Or(h.shows, m.party.Number)
	h.ringing = append(h.ringing, m)
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
	h.taken(m.party)
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
	c.nextStep(h, directory.NoAnswer)
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
	if c.follow(h, m) {
		return
	}
	if len(h.ringing) == 0 && h.dialling == 0 {
		c.nextStep(h, directory.OutcomeOf(cause))
	}
}

// worse keeps the most telling of the causes why nobody answered.
func (h *hunt) worse(cause Cause) {
	h.cause, h.why = worst(h.cause, cause), worst(h.why, cause)
}

// worst is the more telling of two causes.
func worst(a, b Cause) Cause {
	telling := []Cause{CauseNone, CauseUnavailable, CauseFailed, CauseMediaLost, CauseOverload, CauseForbidden, CauseNoCodec, CauseNotFound, CauseBusy, CauseDeclined, CauseNoAnswer}
	if !slices.Contains(telling, b) {
		b = CauseFailed
	}
	if slices.Index(telling, b) > slices.Index(telling, a) {
		return b
	}
	return a
}
