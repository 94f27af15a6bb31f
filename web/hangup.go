package web

import (
	"cmp"
	"context"
	"slices"

	"frontdesk/crmcore"
	"frontdesk/pbx"
)

// hangupHere ends a call of this node. Errors: pbx.ErrNotFound, errNotYours.
func (d *liveServer) hangupHere(ctx context.Context, u crmcore.User, call string) error {
	view, ok := d.Exchange.Call(call)
	if !ok {
		return pbx.ErrNotFound
	}
	if mine, err := d.mayEnd(ctx, u, view); err != nil || !mine {
		return cmp.Or(err, refusal(u, view))
	}
	return d.Exchange.Hangup(call)
}

// refusal is for who may not end a call: who does not see it does not learn that it is there.
func refusal(u crmcore.User, view pbx.View) error {
	if slices.ContainsFunc(view.Legs, func(l pbx.LegView) bool { return l.User == u.ID }) || seesAllCalls(u) {
		return errNotYours
	}
	return pbx.ErrNotFound
}

// mayEnd tells whether a user may end a call for everybody: who calls or talks in it may, who is only rung may not. A meeting is its owner's.
func (d *liveServer) mayEnd(ctx context.Context, u crmcore.User, view pbx.View) (bool, error) {
	if isAdmin(u) {
		return true, nil
	}
	if view.Meeting != "" {
		m, err := d.Directory.Meeting(ctx, view.Meeting)
		return m.Owner == u.ID, err
	}
	return slices.ContainsFunc(view.Legs, func(l pbx.LegView) bool {
		return l.User == u.ID && (l.State == "active" || l.State == "calling")
	}), nil
}
