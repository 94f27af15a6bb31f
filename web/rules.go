package web

import (
	"context"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/crmcore"
	"frontdesk/store"
)

// RuleInput is a rule to be.
type RuleInput struct {
	Name   string            `json:"name" minLength:"1" maxLength:"200"`
	Active bool              `json:"active"`
	When   crmcore.Condition `json:"when"`
	Then   crmcore.Action    `json:"then"`
}

func (in RuleInput) rule(id string) crmcore.Rule {
	return crmcore.Rule{ID: id, Name: in.Name, Active: in.Active, When: in.When, Then: in.Then}
}

// DryRunInput is a call or mail that might come.
type DryRunInput struct {
	Channel crmcore.Channel `json:"channel" enum:"call,mail"`
	From    string          `json:"from" maxLength:"320" doc:"Number or address; empty: anonymous"`
	Name    string          `json:"name,omitempty" maxLength:"200"`
	Line    string          `json:"line,omitempty" maxLength:"320" doc:"Number or mailbox of ours"`
	Subject string          `json:"subject,omitempty" maxLength:"400"`
	At      *time.Time      `json:"at,omitempty" doc:"Now when left out"`
}

// DryRun tells which rule would win, and why.
type DryRun struct {
	Decision crmcore.Decision    `json:"decision"`
	Trace    []crmcore.TraceStep `json:"trace"`
}

// OrderInput is the order of all rules.
type OrderInput struct {
	IDs []string `json:"ids" maxItems:"1000"`
}

type (
	ruleCreate struct{ Body RuleInput }
	ruleUpdate struct {
		ByID
		Body RuleInput
	}
	ruleOrder  struct{ Body OrderInput }
	ruleDryRun struct{ Body DryRunInput }
)

func (o *crmOps) listRules(ctx context.Context, _ *none) (Page[crmcore.Rule], error) {
	return list(o.core.Rules(ctx))
}

func (o *crmOps) createRule(ctx context.Context, in *ruleCreate) (crmcore.Rule, error) {
	return o.core.SaveRule(ctx, userOf(ctx), in.Body.rule(""))
}

func (o *crmOps) updateRule(ctx context.Context, in *ruleUpdate) (crmcore.Rule, error) {
	return o.core.SaveRule(ctx, userOf(ctx), in.Body.rule(in.ID))
}

func (o *crmOps) deleteRule(ctx context.Context, in *ByID) error {
	return o.core.DeleteRule(ctx, userOf(ctx), in.ID)
}

func (o *crmOps) orderRules(ctx context.Context, in *ruleOrder) (Page[crmcore.Rule], error) {
	if err := o.core.OrderRules(ctx, userOf(ctx), in.Body.IDs); err != nil {
		return Page[crmcore.Rule]{}, err
	}
	return list(o.core.Rules(ctx))
}

func (o *crmOps) dryRun(ctx context.Context, in *ruleDryRun) (DryRun, error) {
	client, err := o.address(in.Body.Channel, in.Body.From)
	if err != nil {
		return DryRun{}, huma.Error422UnprocessableEntity(err.Error(), &huma.ErrorDetail{Message: err.Error(), Location: "body.from"})
	}
	at := time.Now()
	set(&at, in.Body.At)
	phase := crmcore.Began
	if in.Body.Channel == crmcore.Mail {
		phase = crmcore.Ended // mails have no other
	}
	trace, decision, err := o.core.DryRun(ctx, crmcore.Touch{
		Channel: in.Body.Channel, Phase: phase, Key: store.NewID(), Incoming: true, Client: client, Name: in.Body.Name,
		Line: in.Body.Line, Subject: in.Body.Subject, At: at,
	})
	return DryRun{Decision: decision, Trace: trace}, err
}

func (o *crmOps) address(channel crmcore.Channel, text string) (crmcore.Address, error) {
	switch {
	case text == "":
		return crmcore.Address{}, nil
	case channel == crmcore.Mail:
		return crmcore.ParseEmail(text)
	}
	return crmcore.ParsePhone(text, o.region)
}
