package mailapi

import (
	"context"

	"frontdesk/mail"
	"frontdesk/mail/bounce"
	"frontdesk/web/api"
)

type deadPath struct {
	Address string `path:"address" maxLength:"320"`
}

type deadAmong struct {
	Addresses []string `query:"address,explode" required:"true" maxItems:"100"`
}

func (o *Operations) listUndeliverable(ctx context.Context, in *deadAmong) (api.Page[bounce.Entry], error) {
	return api.List(o.dead.Among(ctx, in.Addresses))
}

func (o *Operations) routesDead(f *api.Frame) {
	const tag = "Mail queue"
	api.Add(f, api.Route{Tag: tag, Access: api.Admins, Pattern: "GET /mail/dead",
		Summary: "Addresses that don't exist, as their servers said; nothing is sent there"}, o.listDead)
	api.Add(f, api.Route{Tag: tag, Access: api.Users, Pattern: "GET /mail/dead/{address}",
		Summary: "Whether an address is known not to exist, and why"}, o.getDead)
	api.Add(f, api.Route{Tag: tag, Access: api.Users, Pattern: "GET /mail/undeliverable",
		Summary: "Those of some addresses that are known not to exist, and why"}, o.listUndeliverable)
	api.Do(f, api.Route{Tag: tag, Access: api.Users, Pattern: "DELETE /mail/dead/{address}",
		Summary: "Have an address tried again"}, o.releaseDead)
}

func (o *Operations) listDead(ctx context.Context, in *api.Paging) (api.Page[bounce.Entry], error) {
	items, err := o.dead.All(ctx, in.After, in.Limit+1)
	p := api.Page[bounce.Entry]{Items: items}
	if len(items) > in.Limit {
		p.Items = items[:in.Limit]
		p.Next = p.Items[in.Limit-1].Address
	}
	return p, err
}

func (o *Operations) getDead(ctx context.Context, in *deadPath) (bounce.Entry, error) {
	e, found, err := o.dead.Find(ctx, in.Address)
	if err == nil && !found {
		err = mail.ErrNotFound
	}
	return e, err
}

func (o *Operations) releaseDead(ctx context.Context, in *deadPath) error {
	return o.dead.Release(ctx, in.Address)
}
