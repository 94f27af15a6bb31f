package mailapi

import (
	"context"
	"slices"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/mail"
	"frontdesk/mail/carbon"
	"frontdesk/mail/exclusion"
	"frontdesk/web/api"
)

// ExclusionInput is whose mail the CRM is not to hear of.
type ExclusionInput struct {
	Mailbox string `json:"mailbox,omitempty" maxLength:"100" doc:"Id of the mailbox that it holds for; empty: for the whole company"`
	Pattern string `json:"pattern" minLength:"1" maxLength:"320" doc:"An address, a domain, or * for all mail of the mailbox"`
}

type (
	exclusionList struct {
		Mailbox string `query:"mailbox" maxLength:"100" doc:"Id; empty: those of the whole company"`
	}
	exclusionAdd struct{ Body ExclusionInput }
)

func (o *Operations) routesFiling(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/carbon",
		Summary: "The user's address for blind copies of what he sends from other programs, which are filed"},
		o.getCarbon)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "POST /mail/carbon",
		Summary: "Make, or change, the user's address for blind copies"}, o.renewCarbon)
	api.Do(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "DELETE /mail/carbon",
		Summary: "Give the user's address for blind copies up"}, o.dropCarbon)
	api.Add(f, api.Route{Tag: "Mail settings", Access: api.Users, Pattern: "GET /mail/exclusions",
		Summary: "Whose mail the CRM does not hear of"}, o.listExclusions)
	api.Add(f, api.Route{Tag: "Mail settings", Access: api.Users, Pattern: "POST /mail/exclusions",
		Summary: "Have the CRM not hear of somebody's mail: of a mailbox of one's own, or, for an admin, of any",
		Status:  201}, o.addExclusion)
	api.Do(f, api.Route{Tag: "Mail settings", Access: api.Users, Pattern: "DELETE /mail/exclusions/{id}",
		Summary: "Have the CRM hear of somebody's mail again"}, o.removeExclusion)
}

func (o *Operations) getCarbon(ctx context.Context, _ *api.None) (carbon.Place, error) {
	return o.carbon.Place(ctx, api.UserOf(ctx).ID)
}

func (o *Operations) renewCarbon(ctx context.Context, _ *api.None) (carbon.Place, error) {
	return o.carbon.Renew(ctx, api.UserOf(ctx).ID)
}

func (o *Operations) dropCarbon(ctx context.Context, _ *api.None) error {
	return o.carbon.Drop(ctx, api.UserOf(ctx).ID)
}

// excludes fails where the caller has no say over what the CRM hears of a mailbox, or of the whole company.
func (o *Operations) excludes(ctx context.Context, mailbox string) error {
	u := api.UserOf(ctx)
	if mailbox == "" {
		if !api.IsAdmin(u) {
			return huma.Error403Forbidden("Only an administrator changes what holds for the whole company.")
		}
		return nil
	}
	boxes, err := o.box.MailboxesOf(ctx, u.ID)
	if api.IsAdmin(u) && err == nil {
		boxes, err = o.box.Mailboxes(ctx)
	}
	if err == nil && !slices.ContainsFunc(boxes, func(m mail.Mailbox) bool { return m.ID == mailbox }) {
		err = mail.ErrNoMailbox
	}
	return err
}

func (o *Operations) listExclusions(ctx context.Context, in *exclusionList) (p api.Page[exclusion.Exclusion],
	err error) {
	if err := o.excludes(ctx, in.Mailbox); err != nil {
		return p, err
	}
	return api.List(o.exclusions.Of(ctx, in.Mailbox))
}

func (o *Operations) addExclusion(ctx context.Context, in *exclusionAdd) (e exclusion.Exclusion, err error) {
	if err := o.excludes(ctx, in.Body.Mailbox); err != nil {
		return e, err
	}
	return o.exclusions.Add(ctx, exclusion.Exclusion{Mailbox: in.Body.Mailbox, Pattern: in.Body.Pattern,
		User: api.UserOf(ctx).ID})
}

func (o *Operations) removeExclusion(ctx context.Context, in *api.ByID) error {
	e, err := o.exclusions.Get(ctx, in.ID)
	if err == nil && o.excludes(ctx, e.Mailbox) != nil {
		err = mail.ErrNotFound
	}
	if err != nil {
		return err
	}
	return o.exclusions.Remove(ctx, e.ID)
}
