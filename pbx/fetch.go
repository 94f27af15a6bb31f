package pbx

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/meeting"
)

// callPrefix and the id of a call are what is dialled to come into it: to take it while it rings or is parked, or to go
// on with it on another device. Whether one may, its act says. On another node, the caller is carried there.
const callPrefix = "call:"

// fetch brings a leg into a call of this node or another.
func (x *Exchange) fetch(leg Leg, in dialplan.Inbound, to ledger.Running) {
	x.mu.Lock()
	c := x.calls[to.Call]
	x.mu.Unlock()
	switch {
	case c != nil && c.Comes(leg):
	case c == nil && to.Node != "" && to.Node != x.board.Config.Node:
		in.Dialled = Take(to.Call)
		x.carry(meeting.Joining{In: in, Leg: leg}, to.Node)
	default:
		call.Refuse(leg, CauseNotFound)
	}
}

// Take is what is dialled to come into a call.
func Take(call string) string { return callPrefix + call }

// takes brings a leg into a call that it named, wherever that runs.
func (x *Exchange) takes(leg Leg, id string) {
	to := ledger.Running{Call: id}
	x.mu.Lock()
	_, here := x.calls[id]
	x.mu.Unlock()
	if !here {
		ctx, cancel := context.WithTimeout(x.board.Ctx, call.WriteLimit)
		defer cancel()
		node, err := x.NodeOf(ctx, id)
		if err != nil && !errors.Is(err, ErrNotFound) {
			x.board.Log.Error("a call is not fetched: where it runs can't be told", "call", id, "err", err)
			call.Refuse(leg, CauseFailed)
			return
		}
		to.Node = node
	}
	x.fetch(leg, dialplan.Inbound{Party: call.PartyOf(leg)}, to)
}

// fetches serves who dialled a code that brings him into a call.
func (x *Exchange) fetches(leg Leg, plan *dialplan.Plan, in dialplan.Inbound, code dialplan.Code) {
	ctx, cancel := context.WithTimeout(x.board.Ctx, call.WriteLimit)
	defer cancel()
	to, err := x.wanted(ctx, plan, in.Party.User, code)
	switch {
	case errors.Is(err, ErrNotFound):
		call.Refuse(leg, CauseNotFound)
	case err != nil:
		x.board.Log.Error("a call is not fetched: which one can't be told", "err", err)
		call.Refuse(leg, CauseFailed)
	default:
		x.fetch(leg, in, to)
	}
}

// wanted is the call that a user asks for by a code.
func (x *Exchange) wanted(ctx context.Context, plan *dialplan.Plan, user string,
	code dialplan.Code) (ledger.Running, error) {
	switch code.Feature {
	case dialplan.PickUp, dialplan.PickUpOf:
		return x.rungFor(ctx, plan, user, code.Argument)
	case dialplan.TakeHere:
		all, err := x.board.Ledger.RunningOf(ctx, user)
		return first(all, err)
	}
	slot, err := strconv.ParseInt(code.Argument, 10, 32)
	if err != nil {
		return ledger.Running{}, ErrNotFound
	}
	return x.board.Ledger.Parked(ctx, slot)
}

// rungFor is the call that a user may take, of those that ring others: with an extension, him whose it is.
func (x *Exchange) rungFor(ctx context.Context, plan *dialplan.Plan, user, extension string) (ledger.Running, error) {
	whom := plan.UserOf(extension)
	all, err := x.board.Ledger.Ringing(ctx)
	all = slices.DeleteFunc(all, func(c ledger.Running) bool {
		return !plan.MayPickUp(user, c.Rung) || extension != "" && !slices.Contains(c.Rung, whom)
	})
	return first(all, err)
}

func first(all []ledger.Running, err error) (ledger.Running, error) {
	if err == nil && len(all) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return ledger.Running{}, err
	}
	return all[0], nil
}

// fetchesBy tells whether a code brings who dials it into a call.
func fetchesBy(code dialplan.Code) bool {
	switch code.Feature {
	case dialplan.PickUp, dialplan.TakeHere:
		return true
	case dialplan.Park, dialplan.PickUpOf:
		return code.Argument != ""
	}
	return false
}

// callNamed is the call that was dialled by its id.
func callNamed(dialled string) (id string, ok bool) { return strings.CutPrefix(dialled, callPrefix) }

// Parked are the calls of all nodes that are parked.
func (x *Exchange) Parked(ctx context.Context) ([]ledger.ParkedCall, error) {
	return x.board.Ledger.AllParked(ctx)
}

// PickUps are the calls of all nodes that a user may take from colleagues whom they ring.
func (x *Exchange) PickUps(ctx context.Context, user string) ([]ledger.Running, error) {
	plan, err := x.board.Directory.Plan(ctx)
	if err != nil {
		return nil, err
	}
	all, err := x.board.Ledger.Ringing(ctx)
	return slices.DeleteFunc(all, func(c ledger.Running) bool {
		return slices.Contains(c.Rung, user) || !plan.MayPickUp(user, c.Rung)
	}), err
}
