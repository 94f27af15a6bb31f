package crmapi

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/crmcore"
	"frontdesk/crmcore/address"
	"frontdesk/crmcore/rules"
	"frontdesk/crmcore/timeline"
	"frontdesk/store"
	"frontdesk/web/api"
)

// RuleInput is a rule to be.
type RuleInput struct {
	Name   string          `json:"name" minLength:"1" maxLength:"200"`
	Active bool            `json:"active"`
	When   rules.Condition `json:"when"`
	Then   rules.Action    `json:"then"`
}

func (in RuleInput) rule(id string) rules.Rule {
	return rules.Rule{ID: id, Name: in.Name, Active: in.Active, When: in.When, Then: in.Then}
}

// DryRunInput is a call or mail that might come.
type DryRunInput struct {
	Channel timeline.Channel `json:"channel" enum:"call,mail"`
	From    string           `json:"from" maxLength:"320" doc:"Number or address; empty: anonymous"`
	Name    string           `json:"name,omitempty" maxLength:"200"`
	Line    string           `json:"line,omitempty" maxLength:"320" doc:"Number or mailbox of ours"`
	Subject string           `json:"subject,omitempty" maxLength:"400"`
	At      *time.Time       `json:"at,omitempty" doc:"Now when left out"`
}

// DryRun tells which rule would win, and why.
type DryRun struct {
	Decision rules.Decision    `json:"decision"`
	Trace    []rules.TraceStep `json:"trace"`
}

// OrderInput is the order of all rules.
type OrderInput struct {
	IDs []string `json:"ids" maxItems:"1000"`
}

type (
	ruleCreate struct{ Body RuleInput }
	ruleUpdate struct {
		api.ByID
		Body RuleInput
	}
	ruleOrder  struct{ Body OrderInput }
	ruleDryRun struct{ Body DryRunInput }
)

func (o *Operations) listRules(ctx context.Context, _ *api.None) (api.Page[rules.Rule], error) {
	return api.List(o.core.Rules(ctx))
}

func (o *Operations) createRule(ctx context.Context, in *ruleCreate) (rules.Rule, error) {
	return o.core.SaveRule(ctx, api.UserOf(ctx), in.Body.rule(""))
}

func (o *Operations) updateRule(ctx context.Context, in *ruleUpdate) (rules.Rule, error) {
	return o.core.SaveRule(ctx, api.UserOf(ctx), in.Body.rule(in.ID))
}

func (o *Operations) deleteRule(ctx context.Context, in *api.ByID) error {
	return o.core.DeleteRule(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) orderRules(ctx context.Context, in *ruleOrder) (api.Page[rules.Rule], error) {
	if err := o.core.OrderRules(ctx, api.UserOf(ctx), in.Body.IDs); err != nil {
		return api.Page[rules.Rule]{}, err
	}
	return api.List(o.core.Rules(ctx))
}

func (o *Operations) dryRun(ctx context.Context, in *ruleDryRun) (DryRun, error) {
	client, err := o.address(in.Body.Channel, in.Body.From)
	if err != nil {
		return DryRun{}, huma.Error422UnprocessableEntity(err.Error(),
			&huma.ErrorDetail{Message: err.Error(), Location: "body.from"})
	}
	at := time.Now()
	api.Set(&at, in.Body.At)
	phase := timeline.Began
	if in.Body.Channel == timeline.Mail {
		phase = timeline.Ended // mails have no other
	}
	trace, decision, err := o.core.DryRun(ctx, crmcore.Touch{
		Channel: in.Body.Channel, Phase: phase, Key: store.NewID(), Incoming: true, Client: client, Name: in.Body.Name,
		Line: in.Body.Line, Subject: in.Body.Subject, At: at,
	})
	return DryRun{Decision: decision, Trace: trace}, err
}

func (o *Operations) address(channel timeline.Channel, text string) (address.Address, error) {
	switch {
	case text == "":
		return address.Address{}, nil
	case channel == timeline.Mail:
		return address.ParseEmail(text)
	}
	return address.ParsePhone(text, o.region)
}
