package pbxapi

import (
	"context"

	"frontdesk/pbx/dialplan"
	"frontdesk/web/api"
)

type (
	handlingPut struct{ Body dialplan.Handling }
	handlingOf  struct {
		api.ByID
		Body dialplan.Handling
	}
	disturbPut struct {
		Body struct {
			On bool `json:"on"`
		}
	}
)

func (o *Operations) ownHandling(ctx context.Context, _ *api.None) (dialplan.Handling, error) {
	return o.directory.Handling(ctx, api.UserOf(ctx).ID)
}

func (o *Operations) putOwnHandling(ctx context.Context, in *handlingPut) (dialplan.Handling, error) {
	return o.saveHandling(ctx, api.UserOf(ctx).ID, in.Body)
}

func (o *Operations) putDisturb(ctx context.Context, in *disturbPut) error {
	return o.directory.ChangeHandling(ctx, api.UserOf(ctx).ID, func(h *dialplan.Handling) { h.DND = in.Body.On })
}

func (o *Operations) handling(ctx context.Context, in *api.ByID) (dialplan.Handling, error) {
	if _, err := o.core.User(ctx, in.ID); err != nil {
		return dialplan.Handling{}, err
	}
	return o.directory.Handling(ctx, in.ID)
}

func (o *Operations) putHandling(ctx context.Context, in *handlingOf) (dialplan.Handling, error) {
	if _, err := o.core.User(ctx, in.ID); err != nil {
		return dialplan.Handling{}, err
	}
	return o.saveHandling(ctx, in.ID, in.Body)
}

// saveHandling keeps how a user wants to be called; calls go to colleagues who are still there.
func (o *Operations) saveHandling(ctx context.Context, user string, h dialplan.Handling) (dialplan.Handling, error) {
	for field, f := range h.Forwards() {
		if f.Kind != "user" || f.User == "" {
			continue
		}
		if err := api.CheckActive(ctx, o.core, field+".user", f.User); err != nil {
			return h, err
		}
	}
	err := o.directory.SaveHandling(ctx, user, &h)
	return h, err
}
