package pbxapi

import (
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/crmcore/people"
	"frontdesk/pbx"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/input"
	"frontdesk/web/api"
)

// OutboundRouteInput says over which trunks certain calls go out.
type OutboundRouteInput struct {
	Name        string   `json:"name" minLength:"1" maxLength:"200"`
	Prefixes    []string `json:"prefixes,omitempty" maxItems:"200" doc:"Of the number: +4021, or 112 for short ones. Left out: any"`
	Countries   []string `json:"countries,omitempty" maxItems:"250" doc:"Of the number, ISO 3166. Left out: any"`
	Users       []string `json:"users,omitempty" maxItems:"1000" doc:"Ids of who call. Left out, with departments: anybody"`
	Departments []string `json:"departments,omitempty" maxItems:"200" doc:"Ids of departments whose people call, with those below them; beside users"`
	Schedule    string   `json:"schedule,omitempty" maxLength:"40" doc:"Id of working hours outside of which the route does not count"`
	Trunks      []string `json:"trunks" minItems:"1" maxItems:"50" doc:"Ids; the next one where one fails"`
	CallerID    string   `json:"caller_id,omitempty" maxLength:"30" doc:"Number that these calls show; left out: the user's or the trunk's"`
}

type (
	routesPut struct {
		Body struct {
			Routes []OutboundRouteInput `json:"routes" maxItems:"200" doc:"The first that a call fits decides"`
		}
	}
	outAsked struct {
		Number string    `query:"number" required:"true" maxLength:"64" doc:"As dialled"`
		User   string    `query:"user" maxLength:"40" doc:"Id of who calls; left out: nobody in particular"`
		At     time.Time `query:"at" doc:"When. Left out: now"`
	}
)

// OutTrial tells what would become of a call outside, by the walk that a call takes.
type OutTrial struct {
	To    string      `json:"to" doc:"The number as it was understood"`
	Route string      `json:"route" doc:"Name of the route that decides; empty: none does, and any trunk is taken"`
	Steps []TrialStep `json:"steps" doc:"Trunks in the order in which they are tried, or why the call is refused"`
}

func (o *Operations) listOutboundRoutes(ctx context.Context, _ *api.None) (api.Page[dialplan.OutboundRoute], error) {
	return api.List(o.directory.OutboundRoutes(ctx))
}

func (o *Operations) putOutboundRoutes(ctx context.Context, in *routesPut) (api.Page[dialplan.OutboundRoute], error) {
	list := make([]dialplan.OutboundRoute, len(in.Body.Routes))
	for i, r := range in.Body.Routes {
		list[i] = dialplan.OutboundRoute(r)
	}
	if err := o.checkDepartments(ctx, list); err != nil {
		return api.Page[dialplan.OutboundRoute]{}, err
	}
	if err := o.directory.SaveOutboundRoutes(ctx, list); err != nil {
		return api.Page[dialplan.OutboundRoute]{}, err
	}
	return o.listOutboundRoutes(ctx, nil)
}

// checkDepartments refuses routes for departments that are not there.
func (o *Operations) checkDepartments(ctx context.Context, list []dialplan.OutboundRoute) error {
	all, err := o.core.Departments(ctx)
	if err != nil {
		return err
	}
	for i, r := range list {
		for _, id := range r.Departments {
			if !slices.ContainsFunc(all, func(d people.Department) bool { return d.ID == id }) {
				return input.Refuse(fmt.Sprintf("routes[%d].departments", i),
					"%q is not there any more: choose another one", id)
			}
		}
	}
	return nil
}

// tryOut tells over which trunks somebody's call would go.
func (o *Operations) tryOut(ctx context.Context, asked *outAsked) (OutTrial, error) {
	trial := OutTrial{Steps: []TrialStep{}}
	if asked.At.IsZero() {
		asked.At = time.Now()
	}
	plan, err := o.directory.Plan(ctx)
	if err != nil {
		return trial, err
	}
	party := pbx.Party{Kind: pbx.Browser, User: asked.User}
	in, first, err := o.exchange.Try(ctx, party, asked.Number, asked.At,
		func(dialplan.Inbound) (dialplan.Hint, error) { return dialplan.Hint{}, nil })
	if err != nil {
		return trial, err
	}
	trial.To, trial.Route = in.To, plan.WayOut(in, asked.At)
	chart, _ := dialplan.Rehearse(first, func(dialplan.Step) dialplan.Outcome { return dialplan.Failed })
	for _, node := range chart {
		trial.Steps = append(trial.Steps, trialStep(node, nobodyThere, orders{}))
	}
	return trial, nil
}

func nobodyThere(string) (away, busy bool) { return false, false }
