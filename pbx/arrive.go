package pbx

import (
	"context"
	"time"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
	"frontdesk/store"
)

// Arrive takes a calling leg and what it dialled: a number, an extension, "meet:" and the id of a meeting, or "call:" and
// that of a call. It returns at once, with the id of the call (not meaningful for a meeting, whose legs share one call).
func (x *Exchange) Arrive(leg Leg, dialled string) (call string) {
	call, named := callNamed(dialled)
	if !named {
		call = store.NewID()
	}
	if cause := x.admit(func(late bool) { x.serve(call, leg, dialled, late) }); cause != CauseNone {
		refuse(leg, cause)
	}
	return call
}

func (x *Exchange) serve(id string, leg Leg, dialled string, late bool) {
	if _, named := callNamed(dialled); named {
		x.fetch(leg, dialplan.Inbound{}, ledger.Running{Call: id})
		return
	}
	plan, err := x.directory.Plan(x.ctx)
	if err != nil {
		x.log.Error("call refused: no dial plan", "call", id, "err", err)
		refuse(leg, CauseFailed)
		return
	}
	in := plan.Inbound(id, partyOf(leg), shown(dialled))
	_, first := dialplan.Decided(plan.Route(in, x.facts(dialplan.Hint{}), time.Now()))
	if to, ok := first.(dialplan.Join); ok {
		x.comesTo(joined{plan: plan, in: in, leg: leg}, to.Meeting)
		return
	}
	if code, ok := first.(dialplan.Code); ok && fetchesBy(code) {
		x.fetches(leg, plan, in, code)
		return
	}
	if late {
		refuse(leg, CauseDraining)
		return
	}
	c := newCall(x.switchboard, x.callOf, plan, in, newRoute)
	c.caller = c.add(leg, legCalling)
	c.took(c.caller.party.User)
	x.enter(c)
	c.run()
	x.conclude(c)
}

// Try tells what would become of a call from a party at some time, by what lookup says of it: the way of a call,
// without its deeds.
func (x *Exchange) Try(ctx context.Context, party Party, dialled string, at time.Time,
	lookup func(dialplan.Inbound) (dialplan.Hint, error)) (dialplan.Inbound, dialplan.Step, error) {
	plan, err := x.directory.Plan(ctx)
	if err != nil {
		return dialplan.Inbound{}, nil, err
	}
	in := plan.Inbound("", party, shown(dialled))
	hint, err := lookup(in)
	return in, plan.Route(in, x.facts(hint), at), err
}

// Drain takes no new calls (CauseDraining) and waits until the running ones have ended, or ctx has.
func (x *Exchange) Drain(ctx context.Context) error {
	drained := x.drained()
	x.releaseIdle()
	select {
	case <-drained:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
