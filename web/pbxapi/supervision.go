package pbxapi

import (
	"context"
	"slices"

	"frontdesk/pbx"
	"frontdesk/pbx/call"
	"frontdesk/pbx/supervision"
	"frontdesk/web/api"
)

// supervisionRoutes registers what those need who listen in on the calls of others, which the live socket does.
func (o *Operations) supervisionRoutes(f *api.Frame) {
	api.Add(f, users("Calls", "GET /calls/supervised",
		"Running calls in on which one may listen: those of one's department or all, by a right of its own"),
		o.listSupervised)
	api.Add(f, admins("Calls", "GET /calls/{id}/supervision", "Who listened in on a call, how and when"),
		o.callSupervision)
	api.Add(f, admins("Telephony", "GET /telephony/supervision", "Whether agents see that somebody listens in"),
		o.supervisionPolicy)
	api.Add(f, admins("Telephony", "PUT /telephony/supervision", "Change whether agents see that somebody listens in"),
		o.putSupervisionPolicy)
}

// listSupervised are calls that people talk in now, on all nodes.
func (o *Operations) listSupervised(ctx context.Context, _ *api.None) (api.Page[pbx.View], error) {
	u := api.UserOf(ctx)
	if !u.MaySupervise() {
		return api.List([]pbx.View{}, nil)
	}
	now, err := o.live.Running(ctx, "")
	if err != nil {
		return api.Page[pbx.View]{}, err
	}
	var talking []string
	for _, v := range now {
		talking = append(talking, talk(v)...)
	}
	may, err := o.core.Supervisable(ctx, u.ID, talking)
	now = slices.DeleteFunc(now, func(v pbx.View) bool {
		ours := talk(v)
		return v.Meeting != "" || v.State != call.StateAnswered || len(ours) == 0 || slices.Contains(ours, u.ID) ||
			slices.ContainsFunc(ours, func(user string) bool { return !slices.Contains(may, user) })
	})
	slices.SortFunc(now, func(a, b pbx.View) int { return a.Answered.Compare(b.Answered) })
	return api.List(now, err)
}

// talk are the users who take part in a call.
func talk(v pbx.View) (users []string) {
	for _, l := range v.Legs {
		if l.User != "" && l.State == call.LegActive {
			users = append(users, l.User)
		}
	}
	return users
}

func (o *Operations) callSupervision(ctx context.Context, in *api.ByID) (api.Page[supervision.Deed], error) {
	return api.List(o.supervision.Of(ctx, in.ID))
}

// SupervisionPolicy is what the company has decided.
type SupervisionPolicy struct {
	Shown bool `json:"shown" doc:"Those in a call see who listens in or whispers; who barges in they always see"`
}

func (o *Operations) supervisionPolicy(ctx context.Context, _ *api.None) (SupervisionPolicy, error) {
	p, err := o.supervision.Policy(ctx)
	return SupervisionPolicy{Shown: !p.Hidden}, err
}

func (o *Operations) putSupervisionPolicy(ctx context.Context,
	in *struct{ Body SupervisionPolicy }) (SupervisionPolicy, error) {
	return in.Body, o.supervision.SavePolicy(ctx, supervision.Policy{Hidden: !in.Body.Shown})
}
