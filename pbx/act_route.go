package pbx

import (
	"context"
	"time"

	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/prompts"
)

// lookupLife is when a lookup that is late is given up altogether.
const lookupLife = 10 * time.Second

// route is the first act of a phone call: it is written down, counted against its trunk's limit, and the CRM is asked
// who calls, all off the goroutine of the call. When all have answered, and at the latest after MaxLookup, the dial
// plan says what becomes of it.
type route struct {
	call.Scene
	wait call.Alarm
}

func newRoute(c *call.Call) call.Act { return &route{Scene: call.Scene{Call: c}} }

func (*route) State() string { return call.StateRouting }

func (r *route) Begin() {
	r.Alarms.Set(&r.Limit, r.Board.Config.MaxRing, func() { r.End(CauseNoAnswer) })
	r.Ledger.Begin(r.Record)
	limit := r.Board.Config.MaxLookup
	r.Alarms.Set(&r.wait, limit, func() {
		r.Board.Metrics.Late.Inc()
		r.Log.Warn("CRM and database did not answer in time", "limit", limit)
		r.leads(dialplan.Hint{})
	})
	r.Board.Running.Go(r.prepare)
}

func (r *route) prepare() {
	channel, cause := r.Ledger.SeizeInbound(r.In.Call, r.In.Trunk, r.Plan.MaxCalls(r.In.Trunk))
	if channel != nil || cause != CauseNone {
		r.Post(counted{r.Call, r.Caller, channel, cause})
		if cause == CauseOverload {
			return
		}
	}
	hint := r.lookUp()
	call.WaitFor(r.Ledger.Tried(), r.Board.Config.MaxLookup)
	r.Post(prepared{r, hint})
}

// lookUp asks the CRM who calls, where the call comes from outside.
func (r *route) lookUp() dialplan.Hint {
	lookup := r.Board.Hooks.Lookup
	if r.In.Party.Kind != Outside {
		return dialplan.Hint{Warning: r.warning()}
	}
	if lookup == nil {
		return dialplan.Hint{}
	}
	ctx, cancel := context.WithTimeout(r.Board.Ctx, lookupLife)
	defer cancel()
	begun := time.Now()
	hint, err := lookup(ctx, r.In)
	r.Board.Metrics.Lookup.Observe(time.Since(begun).Seconds())
	if err != nil {
		r.Log.Warn("the CRM failed to recognise the caller", "err", err)
	}
	return hint
}

// warning is what who calls from a phone hears first, where the number asked not to be called. Browsers ask by
// themselves, when the call is refused.
func (r *route) warning() *dialplan.Warning {
	if r.In.Party.Kind != Phone || r.In.Direction != "out" {
		return nil
	}
	asked, refused := r.Board.Unwanted(r.Board.Ctx, r.In.Party.User, r.In.To)
	if asked.IsZero() {
		return nil
	}
	language := r.Board.Language(r.Board.Ctx, r.In.Party.User)
	return &dialplan.Warning{Refused: refused, Prompt: prompts.System(language, "unwanted"), Language: language}
}

// leads follows the dial plan.
func (r *route) leads(hint dialplan.Hint) {
	r.Alarms.Off(&r.wait)
	first := r.Plan.Route(r.In, r.Board.Facts(hint), time.Now())
	lead(r.Call, first)
}

func (r *route) Said(m *call.Member, e Event) {
	if p, ok := e.(proposal); ok { // nobody to join yet
		p.Answer(CauseNotFound)
		return
	}
	r.Scene.Said(m, e)
}

func (r *route) Gone(_ *call.Member, e Gone) { r.GaveUp(e.Cause) }

// prepared: the call is written down and counted, and the CRM has answered.
type prepared struct {
	route *route
	hint  dialplan.Hint
}

func (prepared) Late() {}

func (p prepared) Happen(c *call.Call) {
	if p.hint.Name != "" { // worth knowing even when it comes too late for the routing
		c.Name, c.Record.FromName = p.hint.Name, p.hint.Name
	}
	if c.Performs(p.route) {
		p.route.leads(p.hint)
	}
}

// counted is a call from a trunk with a limit: it has one of the channels, or there is none.
type counted struct {
	call    *call.Call
	m       *call.Member
	channel *ledger.Channel
	cause   Cause
}

func (r counted) Late() { r.call.Ledger.GiveBack(r.channel) }

func (r counted) Happen(c *call.Call) {
	switch {
	case r.m.Gone():
		r.Late()
	// one that talks, for it was not known in time, goes on
	case r.cause == CauseOverload && c.Record.Answered.IsZero():
		c.End(r.cause)
	default:
		r.m.Channel = r.channel
	}
}
