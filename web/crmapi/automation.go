package crmapi

import (
	"context"

	"frontdesk/crmcore/automation"
	"frontdesk/crmcore/notice"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/rules"
	"frontdesk/web/api"
)

// routeAutomation registers the rules of what happens by itself, and what people are told.
func (o *Operations) routeAutomation(f *api.Frame) {
	add := func(pattern, summary string) api.Route {
		return api.Route{Tag: "Automation", Access: api.Admins, Pattern: pattern, Summary: summary}
	}
	fresh := add("POST /automation/rules", "Add a rule")
	fresh.Status = 201
	api.Add(f, add("GET /automation/rules", "The rules of what happens by itself, in order"), o.listAutomation)
	api.Add(f, fresh, o.createAutomation)
	api.Add(f, add("PUT /automation/rules/{id}", "Change a rule"), o.updateAutomation)
	api.Do(f, add("DELETE /automation/rules/{id}", "Delete a rule; what it did stays in the log"), o.deleteAutomation)
	api.Add(f, add("POST /automation/rules/order", "Set the order of the rules"), o.orderAutomation)
	api.Add(f, add("POST /automation/try", "What a rule would do with a record now; nothing is changed"),
		o.tryAutomation)
	api.Add(f, add("POST /automation/test", "For how many of the newest records a condition holds"), o.testAutomation)
	api.Add(f, add("GET /automation/log", "What rules did and could not do, the latest first"), o.automationLog)
	users := func(pattern, summary string) api.Route {
		return api.Route{Tag: "Automation", Access: api.Users, Pattern: pattern, Summary: summary}
	}
	api.Add(f, users("GET /notices", "What one was told, the latest first"), o.notices)
	api.Do(f, users("POST /notices/read", "Mark notices as read, or as not"), o.readNotices)
}

type (
	automationCreate struct{ Body automation.Routine }
	automationUpdate struct {
		api.ByID
		Body automation.Routine
	}
	automationTry struct {
		Body struct {
			Rule   automation.Routine `json:"rule" doc:"Kept or not"`
			Record string             `json:"record" maxLength:"100" doc:"Of the rule's kind"`
		}
	}
	automationTest struct {
		Body struct {
			Kind record.Kind     `json:"kind" enum:"lead,deal,contact,company"`
			When rules.Condition `json:"when"`
		}
	}
	automationLog struct {
		api.Paging
		Rule  string           `query:"rule" maxLength:"100" doc:"Only of this rule"`
		State automation.State `query:"state" enum:"waiting,done,failed,skipped,stopped" doc:"Only those; left out, all but skipped"`
	}
	noticesRead struct {
		Body struct {
			IDs  []string `json:"ids,omitempty" maxItems:"200" doc:"Left out: all"`
			Read bool     `json:"read"`
		}
	}
)

func (o *Operations) listAutomation(ctx context.Context, _ *api.None) (api.Page[automation.Routine], error) {
	return api.List(o.automation.Rules(ctx, api.UserOf(ctx)))
}

func (o *Operations) createAutomation(ctx context.Context, in *automationCreate) (automation.Routine, error) {
	in.Body.ID = ""
	return o.automation.Save(ctx, api.UserOf(ctx), in.Body)
}

func (o *Operations) updateAutomation(ctx context.Context, in *automationUpdate) (automation.Routine, error) {
	in.Body.ID = in.ID
	return o.automation.Save(ctx, api.UserOf(ctx), in.Body)
}

func (o *Operations) deleteAutomation(ctx context.Context, in *api.ByID) error {
	return o.automation.Delete(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) orderAutomation(ctx context.Context, in *ruleOrder) (api.Page[automation.Routine], error) {
	if err := o.automation.Order(ctx, api.UserOf(ctx), in.Body.IDs); err != nil {
		return api.Page[automation.Routine]{}, err
	}
	return api.List(o.automation.Rules(ctx, api.UserOf(ctx)))
}

func (o *Operations) tryAutomation(ctx context.Context, in *automationTry) (automation.Foreseen, error) {
	return o.automation.Try(ctx, api.UserOf(ctx), in.Body.Rule, in.Body.Record)
}

func (o *Operations) testAutomation(ctx context.Context, in *automationTest) (automation.Test, error) {
	return o.automation.Test(ctx, api.UserOf(ctx), in.Body.Kind, in.Body.When)
}

func (o *Operations) automationLog(ctx context.Context, in *automationLog) (p api.Page[automation.Run], err error) {
	p.Items, err = o.automation.Runs(ctx, api.UserOf(ctx), automation.Log{Rule: in.Rule, State: in.State,
		After: in.After, Limit: in.Limit})
	if n := len(p.Items); n > 0 && n == in.Limit {
		p.Next = p.Items[n-1].ID
	}
	return p, err
}

func (o *Operations) notices(ctx context.Context, _ *api.None) (api.Page[notice.UserNotice], error) {
	return api.List(notice.Of(ctx, o.db, api.UserOf(ctx).ID))
}

func (o *Operations) readNotices(ctx context.Context, in *noticesRead) error {
	err := notice.Read(ctx, o.db, api.UserOf(ctx).ID, in.Body.IDs, in.Body.Read)
	if err == nil {
		o.automation.Noticed(api.UserOf(ctx).ID) // his other tabs
	}
	return err
}
