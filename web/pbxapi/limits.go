package pbxapi

import (
	"context"

	"frontdesk/pbx/toll"
	"frontdesk/web/api"
)

type (
	limitsPut struct{ Body toll.Rules }
	payer     struct {
		ID string `path:"id" maxLength:"40" doc:"Of the user, or of the connected PBX's trunk"`
	}
)

func (o *Operations) getLimits(ctx context.Context, _ *api.None) (toll.Rules, error) {
	return o.tolls.Rules(ctx)
}

func (o *Operations) putLimits(ctx context.Context, in *limitsPut) (toll.Rules, error) {
	if err := o.tolls.SaveRules(ctx, in.Body); err != nil {
		return toll.Rules{}, err
	}
	return o.tolls.Rules(ctx)
}

func (o *Operations) listStops(ctx context.Context, _ *api.None) (api.Page[toll.Stop], error) {
	return api.List(o.tolls.Stops(ctx))
}

func (o *Operations) allow(ctx context.Context, in *payer) error { return o.tolls.Allow(ctx, in.ID) }
