package mailapi

import (
	"context"

	"frontdesk/mail/rules"
	"frontdesk/web/api"
)

// ruleRoutes are the operations on what a mailbox does with the mail that comes.
func (o *Operations) ruleRoutes(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/mailboxes/{id}/rules",
		Summary: "Rules of a mailbox, in their order"}, o.listRules)
	api.Do(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "PUT /mail/mailboxes/{id}/rules",
		Summary: "Set the rules of a mailbox, in their order"}, o.saveRules)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/mailboxes/{id}/away",
		Summary: "What a mailbox answers while its owner is away"}, o.getAway)
	api.Do(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "PUT /mail/mailboxes/{id}/away",
		Summary: "Set what a mailbox answers while its owner is away (RFC 3834)"}, o.saveAway)
}

// MailRules are the rules of a mailbox.
type MailRules struct {
	Rules []rules.Rule `json:"rules" maxItems:"100"`
}

type (
	rulesSave struct {
		api.ByID
		Body MailRules
	}
	awaySave struct {
		api.ByID
		Body rules.Away
	}
)

func (o *Operations) listRules(ctx context.Context, in *api.ByID) (MailRules, error) {
	list, err := o.rules.Rules(ctx, api.UserOf(ctx).ID, in.ID)
	if list == nil {
		list = []rules.Rule{}
	}
	return MailRules{Rules: list}, err
}

func (o *Operations) saveRules(ctx context.Context, in *rulesSave) error {
	return o.rules.SaveRules(ctx, api.UserOf(ctx).ID, in.ID, in.Body.Rules)
}

func (o *Operations) getAway(ctx context.Context, in *api.ByID) (rules.Away, error) {
	a, err := o.rules.Away(ctx, api.UserOf(ctx).ID, in.ID)
	if a.Days == 0 {
		a.Days = 7
	}
	if a.Texts == nil {
		a.Texts = []rules.AwayText{}
	}
	return a, err
}

func (o *Operations) saveAway(ctx context.Context, in *awaySave) error {
	return o.rules.SaveAway(ctx, api.UserOf(ctx).ID, in.ID, in.Body)
}
