package pbx

import (
	"context"
	"time"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
)

// lookupLife is when a lookup that is late is given up altogether.
const lookupLife = 10 * time.Second

// route is the first act of a phone call: it is written down, counted against its trunk's limit, and the CRM is asked
// who calls, all off the goroutine of the call. When all have answered, and at the latest after MaxLookup, the dial
// plan says what becomes of it.
type route struct {
	scene
	wait alarm
}

func newRoute(c *Call) act { return &route{scene: scene{c}} }

func (*route) state() string { return routing }

func (r *route) begin() {
	r.alarms.set(&r.limit, r.board.config.MaxRing, func() { r.end(CauseNoAnswer) })
	r.ledger.Begin(r.record)
	limit := r.board.config.MaxLookup
	r.alarms.set(&r.wait, limit, func() {
		r.board.metrics.late.Inc()
		r.log.Warn("CRM and database did not answer in time", "limit", limit)
		r.leads(dialplan.Hint{})
	})
	r.board.running.Go(r.prepare)
}

func (r *route) prepare() {
	channel, cause := r.ledger.SeizeInbound(r.in.Call, r.in.Trunk, r.plan.MaxCalls(r.in.Trunk))
	if channel != nil || cause != CauseNone {
		r.post(counted{r.Call, r.caller, channel, cause})
		if cause == CauseOverload {
			return
		}
	}
	hint := r.lookUp()
	waitFor(r.ledger.Tried(), r.board.config.MaxLookup)
	r.box.Put(prepared{r, hint}, true)
}

// lookUp asks the CRM who calls, where the call comes from outside.
func (r *route) lookUp() dialplan.Hint {
	lookup := r.board.hooks.Lookup
	if r.in.Party.Kind != Outside || lookup == nil {
		return dialplan.Hint{}
	}
	ctx, cancel := context.WithTimeout(r.board.ctx, lookupLife)
	defer cancel()
	begun := time.Now()
	hint, err := lookup(ctx, r.in)
	r.board.metrics.lookup.Observe(time.Since(begun).Seconds())
	if err != nil {
		r.log.Warn("the CRM failed to recognise the caller", "err", err)
	}
	return hint
}

// leads follows the dial plan.
func (r *route) leads(hint dialplan.Hint) {
	r.alarms.off(&r.wait)
	first := r.plan.Route(r.in, r.board.facts(hint), time.Now())
	r.lead(first)
}

func (r *route) said(m *member, e Event) {
	if p, ok := e.(proposal); ok { // nobody to join yet
		p.answer(CauseNotFound)
		return
	}
	r.scene.said(m, e)
}

func (r *route) gone(_ *member, e Gone) { r.gaveUp(e.Cause) }

// prepared: the call is written down and counted, and the CRM has answered.
type prepared struct {
	route *route
	hint  dialplan.Hint
}

func (prepared) late() {}

func (p prepared) happen(c *Call) {
	if p.hint.Name != "" { // worth knowing even when it comes too late for the routing
		c.name, c.record.FromName = p.hint.Name, p.hint.Name
	}
	if c.act == act(p.route) {
		p.route.leads(p.hint)
	}
}

// counted is a call from a trunk with a limit: it has one of the channels, or there is none.
type counted struct {
	call    *Call
	m       *member
	channel *ledger.Channel
	cause   Cause
}

func (r counted) late() { r.call.ledger.GiveBack(r.channel) }

func (r counted) happen(c *Call) {
	switch {
	case r.m.gone():
		r.late()
	// one that talks, for it was not known in time, goes on
	case r.cause == CauseOverload && c.record.Answered.IsZero():
		c.end(r.cause)
	default:
		r.m.channel = r.channel
	}
}
