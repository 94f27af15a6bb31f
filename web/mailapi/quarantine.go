package mailapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/mail/greylist"
	"frontdesk/mail/quarantine"
	"frontdesk/web/api"
)

// QuarantineState is what is stopped, and how much of it is kept.
type QuarantineState struct {
	quarantine.Policy
	quarantine.Use
	Scanner bool `json:"scanner" doc:"A virus scanner looks at mail (mail.clamd of the configuration)"`
}

type (
	quarantineList struct {
		api.Paging
		Words string `query:"q" maxLength:"200" doc:"Words of its sender, recipients or subject"`
	}
	quarantineRelease struct {
		api.ByID
		Anyway bool `query:"anyway" doc:"Also what has a virus"`
	}
	quarantineSet struct{ Body quarantine.Policy }
	greylistSet   struct{ Body greylist.Policy }
)

func (o *Operations) routesQuarantine(f *api.Frame) {
	const tag = "Mail settings"
	api.Add(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "GET /mail/quarantine",
		Summary: "Mail that was stopped, the latest first: who from and for and why, not what it says"}, o.listStopped)
	api.Do(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "POST /mail/quarantine/{id}/release",
		Summary: "Deliver a stopped mail to its recipients; 428 where it has a virus, unless ?anyway=true"},
		o.releaseStopped)
	api.Do(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "DELETE /mail/quarantine/{id}",
		Summary: "Delete a stopped mail for good"}, o.deleteStopped)
	api.Add(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "GET /mail/quarantine-policy",
		Summary: "What becomes of mail with a virus, forged mail and certain junk, and how much is kept"},
		o.getStopping)
	api.Add(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "PUT /mail/quarantine-policy",
		Summary: "Set what becomes of mail with a virus, forged mail and certain junk"}, o.setStopping)
	api.Add(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "GET /mail/greylist",
		Summary: "Who is asked to bring mail again in a while"}, o.getGreylist)
	api.Add(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "PUT /mail/greylist",
		Summary: "Set who is asked to bring mail again in a while"}, o.setGreylist)
}

func (o *Operations) listStopped(ctx context.Context, in *quarantineList) (api.Page[quarantine.Held], error) {
	items, err := o.stopped.List(ctx, in.Words, in.After, in.Limit+1)
	p := api.Page[quarantine.Held]{Items: items}
	if len(items) > in.Limit {
		p.Items = items[:in.Limit]
		p.Next = p.Items[in.Limit-1].ID
	}
	return p, err
}

func (o *Operations) releaseStopped(ctx context.Context, in *quarantineRelease) error {
	err := o.stopped.Release(ctx, in.ID, in.Anyway)
	switch {
	case errors.Is(err, quarantine.ErrVirus):
		return huma.NewError(http.StatusPreconditionRequired, err.Error())
	case errors.Is(err, quarantine.ErrGone):
		return huma.Error409Conflict(err.Error())
	}
	return err
}

func (o *Operations) deleteStopped(ctx context.Context, in *api.ByID) error {
	return o.stopped.Delete(ctx, in.ID)
}

func (o *Operations) getStopping(ctx context.Context, _ *api.None) (s QuarantineState, err error) {
	s.Scanner = o.scanner
	if s.Policy, err = o.stopped.Policy(ctx); err != nil {
		return s, err
	}
	s.Use, err = o.stopped.Used(ctx)
	return s, err
}

func (o *Operations) setStopping(ctx context.Context, in *quarantineSet) (QuarantineState, error) {
	if err := o.stopped.SetPolicy(ctx, in.Body); err != nil {
		return QuarantineState{}, err
	}
	return o.getStopping(ctx, nil)
}

func (o *Operations) getGreylist(ctx context.Context, _ *api.None) (greylist.Policy, error) {
	return o.greylist.Policy(ctx)
}

func (o *Operations) setGreylist(ctx context.Context, in *greylistSet) (greylist.Policy, error) {
	return in.Body, o.greylist.SetPolicy(ctx, in.Body)
}
