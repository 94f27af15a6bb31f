package pbxapi

import (
	"context"
	"slices"

	"frontdesk/crmcore"
	"frontdesk/crmcore/people"
	"frontdesk/pbx"
	"frontdesk/web/api"
)

// callCard tells whom a call is with, as the CRM knows it now.
func (o *Operations) callCard(ctx context.Context, in *api.ByID) (crmcore.Card, error) {
	u := api.UserOf(ctx)
	if err := o.knowsCall(ctx, u, in.ID); err != nil {
		return crmcore.Card{}, err
	}
	return o.core.CallCard(ctx, u, in.ID)
}

// knowsCall is pbx.ErrNotFound for who is not in a call, was not, nor rung by it, and does not see those of others.
func (o *Operations) knowsCall(ctx context.Context, u people.User, call string) error {
	if api.SeesAllCalls(u) {
		return nil
	}
	if r, err := o.exchange.Record(ctx, call); err == nil && r.Saw(u.ID) {
		return nil
	}
	now, err := o.live.Running(ctx, u.ID)
	if err == nil && !slices.ContainsFunc(now, func(v pbx.View) bool { return v.Call == call }) {
		return pbx.ErrNotFound
	}
	return err
}
