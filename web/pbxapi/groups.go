package pbxapi

import (
	"context"

	"frontdesk/pbx/dialplan"
	"frontdesk/web/api"
)

// HuntGroupInput is who is rung together or one after another.
type HuntGroupInput struct {
	Name      string            `json:"name" minLength:"1" maxLength:"100"`
	Strategy  dialplan.Strategy `json:"strategy" enum:"together,in_order,round_robin,longest_idle,random"`
	Members   []string          `json:"members" minItems:"1" maxItems:"50" doc:"Ids of users"`
	Seconds   int               `json:"seconds,omitempty" minimum:"0" maximum:"120" doc:"How long each step rings; 20 when left out"`
	Otherwise *DestinationInput `json:"otherwise,omitempty" doc:"Where a call goes that nobody takes; left out: it ends"`
}

func (in HuntGroupInput) group(id string) dialplan.HuntGroup {
	g := dialplan.HuntGroup{ID: id, Name: in.Name, Strategy: in.Strategy, Members: in.Members, Seconds: in.Seconds}
	if g.Seconds == 0 {
		g.Seconds = 20
	}
	if in.Otherwise != nil {
		to := in.Otherwise.destination()
		g.Otherwise = &to
	}
	return g
}

type (
	huntGroupCreate struct{ Body HuntGroupInput }
	huntGroupPut    struct {
		api.ByID
		Body HuntGroupInput
	}
)

func (o *Operations) listHuntGroups(ctx context.Context, _ *api.None) (api.Page[dialplan.HuntGroup], error) {
	return api.List(o.directory.HuntGroups(ctx))
}

func (o *Operations) createHuntGroup(ctx context.Context, in *huntGroupCreate) (dialplan.HuntGroup, error) {
	return o.saveHuntGroup(ctx, in.Body.group(""))
}

func (o *Operations) putHuntGroup(ctx context.Context, in *huntGroupPut) (dialplan.HuntGroup, error) {
	return o.saveHuntGroup(ctx, in.Body.group(in.ID))
}

func (o *Operations) saveHuntGroup(ctx context.Context, g dialplan.HuntGroup) (dialplan.HuntGroup, error) {
	if err := api.CheckActive(ctx, o.core, "members", g.Members...); err != nil {
		return g, err
	}
	if g.Otherwise != nil {
		if err := o.checkActive(ctx, "otherwise", *g.Otherwise); err != nil {
			return g, err
		}
	}
	err := o.directory.SaveHuntGroup(ctx, &g)
	return g, err
}

func (o *Operations) deleteHuntGroup(ctx context.Context, in *api.ByID) error {
	return o.directory.DeleteHuntGroup(ctx, in.ID)
}
