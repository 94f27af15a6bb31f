package mailapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/guard"
	"frontdesk/mail/remote"
	"frontdesk/web/api"
)

type (
	elsewhereList struct {
		All bool `query:"all" doc:"All there are and how they do, for an admin"`
	}
	elsewhereServers struct {
		Address string `query:"address" required:"true" maxLength:"320"`
	}
	elsewhereAdd    struct{ Body remote.Input }
	elsewhereChange struct {
		api.ByID
		Body remote.Patch
	}
	// ConsentInput begins a log-in at a provider.
	ConsentInput struct {
		Address  string `json:"address" maxLength:"320"`
		Name     string `json:"name,omitempty" maxLength:"200"`
		Redirect string `json:"redirect" maxLength:"500" doc:"The page that the provider sends the browser back to; it is registered there"`
	}
	consentAsk struct{ Body ConsentInput }
	// Consent is where to log in.
	Consent struct {
		URL string `json:"url"`
	}
	// ConsentDone is what the provider sent the browser back with.
	ConsentDone struct {
		State string `json:"state" maxLength:"4000"`
		Code  string `json:"code" maxLength:"4000"`
	}
	consentDone struct{ Body ConsentDone }
)

func (o *Operations) routesElsewhere(f *api.Frame) {
	const tag = "Mailboxes elsewhere"
	api.Add(f, api.Route{Tag: tag, Access: api.Users, Pattern: "GET /mail/elsewhere",
		Summary: "The user's mailboxes kept elsewhere; ?all=true: all, for an admin"}, o.listElsewhere)
	api.Add(f, api.Route{Tag: tag, Access: api.Users, Pattern: "GET /mail/elsewhere/servers",
		Summary: "The servers of an address"}, o.findElsewhere)
	api.Add(f, api.Route{Tag: tag, Access: api.Users, Pattern: "POST /mail/elsewhere",
		Summary: "Connect a mailbox kept elsewhere, by password", Status: 201}, o.addElsewhere)
	api.Add(f, api.Route{Tag: tag, Access: api.Users, Pattern: "POST /mail/elsewhere/consent",
		Summary: "Begin a log-in at a provider (OAuth 2)"}, o.askConsent)
	api.Add(f, api.Route{Tag: tag, Access: api.Users, Pattern: "POST /mail/elsewhere/consent/done",
		Summary: "End a log-in at a provider: the mailbox is connected", Status: 201}, o.endConsent)
	api.Add(f, api.Route{Tag: tag, Access: api.Users, Pattern: "PATCH /mail/elsewhere/{id}",
		Summary: "Change a mailbox kept elsewhere"}, o.changeElsewhere)
	api.Add(f, api.Route{Tag: tag, Access: api.Users, Pattern: "GET /mail/elsewhere/{id}/folders",
		Summary: "Its folders, and which are mirrored"}, o.foldersElsewhere)
	api.Do(f, api.Route{Tag: tag, Access: api.Users, Pattern: "DELETE /mail/elsewhere/{id}",
		Summary: "End the connection; there everything stays"}, o.removeElsewhere)
}

func (o *Operations) listElsewhere(ctx context.Context, in *elsewhereList) (api.Page[remote.Account], error) {
	u := api.UserOf(ctx)
	if !in.All {
		return api.List(o.remote.Of(ctx, u.ID))
	}
	if !api.IsAdmin(u) {
		return api.Page[remote.Account]{}, huma.Error403Forbidden("Only an administrator sees all mailboxes.")
	}
	return api.List(o.remote.All(ctx))
}

func (o *Operations) findElsewhere(ctx context.Context, in *elsewhereServers) (remote.KnownServers, error) {
	return o.remote.Lookup(ctx, in.Address)
}

func (o *Operations) addElsewhere(ctx context.Context, in *elsewhereAdd) (remote.Account, error) {
	a, err := o.remote.Add(ctx, api.UserOf(ctx).ID, in.Body)
	return a, refusedElsewhere(err)
}

func (o *Operations) changeElsewhere(ctx context.Context, in *elsewhereChange) (remote.Account, error) {
	a, err := o.remote.Change(ctx, api.UserOf(ctx).ID, in.ID, in.Body)
	return a, refusedElsewhere(err)
}

func (o *Operations) foldersElsewhere(ctx context.Context, in *api.ByID) (api.Page[remote.RemoteFolder], error) {
	return api.List(o.remote.Folders(ctx, api.UserOf(ctx).ID, in.ID))
}

func (o *Operations) removeElsewhere(ctx context.Context, in *api.ByID) error {
	return o.remote.Remove(ctx, api.UserOf(ctx).ID, in.ID)
}

func (o *Operations) askConsent(ctx context.Context, in *consentAsk) (Consent, error) {
	url, err := o.remote.Ask(ctx, api.UserOf(ctx).ID, remote.Input{Address: in.Body.Address, Name: in.Body.Name},
		in.Body.Redirect)
	return Consent{URL: url}, err
}

func (o *Operations) endConsent(ctx context.Context, in *consentDone) (remote.Account, error) {
	a, err := o.remote.Agreed(ctx, api.UserOf(ctx).ID, in.Body.State, in.Body.Code)
	return a, refusedElsewhere(err)
}

// refusedElsewhere tells what the other side, or the way to it, has against it: nothing of that is a fault of ours.
func refusedElsewhere(err error) error {
	var forbidden *guard.Forbidden
	switch {
	case err == nil || api.StatusOf(err) != 0:
		return err
	case errors.As(err, &forbidden), remote.Unreached(err), errors.Is(err, remote.ErrLogin),
		errors.Is(err, remote.ErrConsent), errors.Is(err, remote.ErrServers), errors.Is(err, remote.ErrOurs):
		return huma.NewError(http.StatusUnprocessableEntity, err.Error())
	}
	return err
}
