package mailapi

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/web/api"
)

// dealRoutes are the operations on what sale a conversation is about.
func (o *Operations) dealRoutes(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/threads/{id}/deals",
		Summary: "Deals on whose timelines a conversation stands"}, o.threadDeals)
	api.Do(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "PUT /mail/threads/{id}/deals/{deal}",
		Summary: "Put a conversation, and what follows in it, on a deal's timeline"}, o.linkDeal)
	api.Do(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "DELETE /mail/threads/{id}/deals/{deal}",
		Summary: "Take a conversation off a deal's timeline"}, o.unlinkDeal)
}

type dealPath struct {
	api.ByID
	Mailbox string `query:"mailbox" required:"true" maxLength:"100" doc:"Id"`
	Deal    string `path:"deal" maxLength:"100"`
}

// letters are the mails of a conversation of the user's.
func (o *Operations) letters(ctx context.Context, mailbox, thread string) ([]timeline.Letter, error) {
	mails, err := o.box.Thread(ctx, api.UserOf(ctx).ID, mailbox, thread)
	list := make([]timeline.Letter, len(mails))
	for i, m := range mails {
		list[i] = timeline.Letter{Source: m.ID, MessageID: m.MessageID, From: m.From.Address}
	}
	return list, err
}

func (o *Operations) threadDeals(ctx context.Context, in *threadQuery) (api.Page[record.Named], error) {
	list, err := o.letters(ctx, in.Mailbox, in.ID)
	if err != nil {
		return api.Page[record.Named]{}, err
	}
	return api.List(o.core.Attached(ctx, api.UserOf(ctx), list))
}

func (o *Operations) linkDeal(ctx context.Context, in *dealPath) error {
	return o.attach(ctx, in, true)
}

func (o *Operations) unlinkDeal(ctx context.Context, in *dealPath) error {
	return o.attach(ctx, in, false)
}

func (o *Operations) attach(ctx context.Context, in *dealPath, on bool) error {
	list, err := o.letters(ctx, in.Mailbox, in.ID)
	if err != nil {
		return err
	}
	n, err := o.core.Attach(ctx, api.UserOf(ctx), list, in.Deal, on)
	if err == nil && n == 0 {
		err = huma.Error409Conflict("Nothing of this conversation is on a timeline yet: it is with nobody outside.")
	}
	return err
}
