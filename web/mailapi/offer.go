package mailapi

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/web/api"
)

type draftOffer struct {
	api.ByID
	Body struct {
		Offer string `json:"offer" minLength:"1" maxLength:"100" doc:"Id"`
	}
}

// offerRoutes are the operations on what a mail takes to a client.
func (o *Operations) offerRoutes(f *api.Frame) {
	api.Do(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "PUT /mail/drafts/{id}/offer",
		Summary: "A draft takes an offer or invoice to its client: that is sent when the draft is, which then " +
			"stands on the deal's timeline"}, o.takeOffer)
}

func (o *Operations) takeOffer(ctx context.Context, in *draftOffer) error {
	draft, err := o.box.Draft(ctx, api.UserOf(ctx).ID, in.ID)
	if err != nil {
		return err
	}
	m, err := o.box.Message(ctx, api.UserOf(ctx).ID, draft.ID, false)
	if err == nil && m.MessageID == "" {
		err = huma.Error409Conflict("Another program wrote this draft, without a Message-ID: write a new one.")
	}
	if err != nil {
		return err
	}
	return o.offers.Goes(ctx, api.UserOf(ctx), in.Body.Offer, m.MessageID)
}
