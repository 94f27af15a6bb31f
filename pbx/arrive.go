package pbx

import (
	"context"
	"strings"
	"time"

	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/meeting"
	"frontdesk/store"
)

// anywayPrefix is before a number that is called although it asked not to be.
const anywayPrefix = "anyway:"

// Anyway is what a browser dials to call a number although it asked not to be called.
func Anyway(number string) string { return anywayPrefix + number }

// Arrive takes a calling leg and what it dialled: a number, an extension, "meet:" and the id of a meeting, "call:"
// and that of a call, or "supervise:", how, ":" and that of a call. It returns at once, with the id of the call (not
// meaningful for a meeting, whose legs share one call).
func (x *Exchange) Arrive(leg Leg, dialled string) (id string) {
	id, named := callNamed(dialled)
	if _, of, supervises := supervised(dialled); supervises {
		id, named = of, true
	}
	if !named {
		id = store.NewID()
	}
	if cause := x.admit(func(late bool) { x.serve(id, leg, dialled, late) }); cause != CauseNone {
		call.Refuse(leg, cause)
	}
	return id
}

func (x *Exchange) serve(id string, leg Leg, dialled string, late bool) {
	if how, _, supervises := supervised(dialled); supervises {
		x.supervise(leg, how, id)
		return
	}
	if _, named := callNamed(dialled); named {
		x.takes(leg, id)
		return
	}
	plan, err := x.board.Directory.Plan(x.board.Ctx)
	if err != nil {
		x.board.Log.Error("call refused: no dial plan", "call", id, "err", err)
		call.Refuse(leg, CauseFailed)
		return
	}
	dialled, insists := strings.CutPrefix(dialled, anywayPrefix)
	in := plan.Inbound(id, call.PartyOf(leg), call.Shown(dialled))
	if insists && in.Party.Kind == Browser {
		in.Consent = dialplan.Insists
	}
	_, first := dialplan.Decided(plan.Route(in, x.board.Facts(dialplan.Hint{}), time.Now()))
	if to, ok := first.(dialplan.Join); ok {
		x.comesTo(meeting.Joining{Plan: plan, In: in, Leg: leg}, to.Meeting)
		return
	}
	if code, ok := first.(dialplan.Code); ok && fetchesBy(code) {
		x.fetches(leg, plan, in, code)
		return
	}
	if late {
		call.Refuse(leg, CauseDraining)
		return
	}
	c := call.New(x.board, x.callOf, plan, in, newRoute)
	c.Caller = c.Add(leg, call.LegCalling)
	c.Took(c.Caller.Party.User)
	x.enter(c)
	c.Run()
	x.conclude(c)
}

// Try tells what would become of a call from a party at some time, by what lookup says of it: the way of a call,
// without its deeds.
func (x *Exchange) Try(ctx context.Context, party Party, dialled string, at time.Time,
	lookup func(dialplan.Inbound) (dialplan.Hint, error)) (dialplan.Inbound, dialplan.Step, error) {
	plan, err := x.board.Directory.Plan(ctx)
	if err != nil {
		return dialplan.Inbound{}, nil, err
	}
	in := plan.Inbound("", party, call.Shown(dialled))
	hint, err := lookup(in)
	return in, plan.Route(in, x.board.Facts(hint), at), err
}

// Turn is what the order of a hunt group depends on, as it would be for the next call.
func (x *Exchange) Turn(ctx context.Context, group dialplan.Hunt) (turn dialplan.Turn, err error) {
	switch group.Strategy {
	case dialplan.RoundRobin:
		turn.Number, err = x.board.Directory.Turn(ctx, group.Group)
	case dialplan.LongestIdle:
		turn.Talked, err = x.board.Ledger.Talked(ctx, group.Members)
	}
	return turn, err
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
