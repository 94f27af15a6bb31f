package mailapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/mail/limit"
	"frontdesk/mail/queue"
	"frontdesk/mail/relay"
	"frontdesk/web/api"
)

// HostInput is a smart host.
type HostInput struct {
	Domain   string    `json:"domain,omitempty" maxLength:"253" doc:"Of the senders whose mail it takes; empty: of all"`
	Position int       `json:"position,omitempty" minimum:"0" maximum:"1000" doc:"The lowest of a domain is asked first"`
	Address  string    `json:"address" maxLength:"300" doc:"host:port"`
	User     string    `json:"user,omitempty" maxLength:"320"`
	Password string    `json:"password,omitempty" maxLength:"1000" doc:"Left out of a change: it stays"`
	TLS      relay.TLS `json:"tls,omitempty" enum:",starttls,tls"`
}

// HostTrial is how a smart host took us.
type HostTrial struct {
	OK     bool   `json:"ok"`
	Answer string `json:"answer" doc:"What it, or the way to it, had against us"`
}

// SendingLimits are the limits on what users send.
type SendingLimits struct {
	Rules   []limit.Exception `json:"rules" doc:"The company's first, then those of single users"`
	Stopped []string          `json:"stopped" doc:"Ids of who came to a limit today or yesterday"`
}

type (
	hostAdd    struct{ Body HostInput }
	hostChange struct {
		api.ByID
		Body HostInput
	}
	limitSet  struct{ Body limit.Exception }
	queueList struct {
		api.Paging
		All bool `query:"all" doc:"Everybody's, for an admin; else of one's own mails"`
	}
	queueEnd struct {
		api.ByID
		Notice bool `query:"notice" doc:"Its sender is told, as of a failure"`
	}
)

func (o *Operations) routesQueue(f *api.Frame) {
	const tag = "Mail queue"
	api.Add(f, api.Route{Tag: tag, Access: api.Users, Pattern: "GET /mail/queue",
		Summary: "Mail of one's own that waits to be sent; ?all=true: everybody's, for an admin"}, o.listQueue)
	api.Do(f, api.Route{Tag: tag, Access: api.Users, Pattern: "POST /mail/queue/{id}/retry",
		Summary: "Try to send now, also what was held"}, o.retryQueued)
	api.Do(f, api.Route{Tag: tag, Access: api.Users, Pattern: "POST /mail/queue/{id}/hold",
		Summary: "Keep from being sent"}, o.holdQueued)
	api.Do(f, api.Route{Tag: tag, Access: api.Users, Pattern: "DELETE /mail/queue/{id}",
		Summary: "Give up sending; ?notice=true: the sender gets a notice"}, o.dropQueued)

	api.Add(f, api.Route{Tag: "Mail settings", Access: api.Admins, Pattern: "GET /mail/smarthosts",
		Summary: "Servers that send our mail on"}, o.listHosts)
	api.Add(f, api.Route{Tag: "Mail settings", Access: api.Admins, Pattern: "POST /mail/smarthosts",
		Summary: "Add a server that sends our mail on", Status: 201}, o.addHost)
	api.Add(f, api.Route{Tag: "Mail settings", Access: api.Admins, Pattern: "PUT /mail/smarthosts/{id}",
		Summary: "Change a server that sends our mail on"}, o.changeHost)
	api.Do(f, api.Route{Tag: "Mail settings", Access: api.Admins, Pattern: "DELETE /mail/smarthosts/{id}",
		Summary: "Send no more mail through a server"}, o.removeHost)
	api.Add(f, api.Route{Tag: "Mail settings", Access: api.Admins, Pattern: "POST /mail/smarthosts/{id}/test",
		Summary: "Connect to a server that sends our mail on, and log in"}, o.testHost)
	api.Add(f, api.Route{Tag: "Mail settings", Access: api.Admins, Pattern: "GET /mail/sending-limits",
		Summary: "How much users may send, and who came to that"}, o.sendingLimits)
	api.Add(f, api.Route{Tag: "Mail settings", Access: api.Admins, Pattern: "PUT /mail/sending-limits",
		Summary: "Change how much everybody, or one user, may send"}, o.setSendingLimit)
	api.Do(f, api.Route{Tag: "Mail settings", Access: api.Admins, Pattern: "DELETE /mail/sending-limits/{id}",
		Summary: "Have the limits of everybody hold for a user again"}, o.forgetSendingLimit)
}

// steers is whose queued mail the caller may see and steer: an admin everybody's, others their own.
func steers(ctx context.Context) string {
	u := api.UserOf(ctx)
	if api.IsAdmin(u) {
		return ""
	}
	return u.ID
}

func (o *Operations) listQueue(ctx context.Context, in *queueList) (api.Page[queue.Item], error) {
	user := api.UserOf(ctx).ID
	if in.All {
		if user = steers(ctx); user != "" {
			return api.Page[queue.Item]{},
				huma.Error403Forbidden("Only an administrator sees everybody's mail that waits.")
		}
	}
	items, err := o.queue.List(ctx, user, in.After, in.Limit+1)
	p := api.Page[queue.Item]{Items: items}
	if len(items) > in.Limit {
		p.Items = items[:in.Limit]
		p.Next = p.Items[in.Limit-1].ID
	}
	return p, err
}

func (o *Operations) retryQueued(ctx context.Context, in *api.ByID) error {
	return o.queue.Retry(ctx, steers(ctx), in.ID)
}

func (o *Operations) holdQueued(ctx context.Context, in *api.ByID) error {
	return o.queue.Hold(ctx, steers(ctx), in.ID)
}

func (o *Operations) dropQueued(ctx context.Context, in *queueEnd) error {
	return o.queue.Drop(ctx, steers(ctx), in.ID, in.Notice)
}

func (o *Operations) listHosts(ctx context.Context, _ *api.None) (api.Page[relay.Host], error) {
	return api.List(o.hosts.All(ctx))
}

func (o *Operations) addHost(ctx context.Context, in *hostAdd) (relay.Host, error) {
	return o.putHost(ctx, relay.Host{}, in.Body)
}

func (o *Operations) changeHost(ctx context.Context, in *hostChange) (relay.Host, error) {
	before, err := o.hosts.Get(ctx, in.ID)
	if err != nil {
		return before, err
	}
	return o.putHost(ctx, before, in.Body)
}

// putHost writes a host. A password goes to the server that it was typed for: another address needs it anew.
func (o *Operations) putHost(ctx context.Context, before relay.Host, in HostInput) (relay.Host, error) {
	host := relay.Host{ID: before.ID, Domain: in.Domain, Position: in.Position, Address: in.Address, User: in.User,
		Password: in.Password, TLS: in.TLS}
	if host.Password == "" && host.Address == before.Address && host.User == before.User {
		host.Password = before.Password
	}
	if err := api.NoKeys(ctx, o.demo); err != nil {
		return relay.Host{}, err
	}
	host, err := o.hosts.Put(ctx, host)
	if errors.Is(err, relay.ErrInvalid) {
		err = huma.NewError(http.StatusUnprocessableEntity, err.Error())
	}
	host.Password = ""
	return host, err
}

func (o *Operations) removeHost(ctx context.Context, in *api.ByID) error {
	return o.hosts.Remove(ctx, in.ID)
}

func (o *Operations) testHost(ctx context.Context, in *api.ByID) (HostTrial, error) {
	host, err := o.hosts.Get(ctx, in.ID)
	if err != nil {
		return HostTrial{}, err
	}
	if err := o.queue.Try(ctx, host); err != nil {
		return HostTrial{Answer: err.Error()}, nil
	}
	return HostTrial{OK: true}, nil
}

func (o *Operations) sendingLimits(ctx context.Context, _ *api.None) (SendingLimits, error) {
	rules, err := o.limits.Rules(ctx)
	if err != nil {
		return SendingLimits{}, err
	}
	stopped, err := o.limits.Stopped(ctx)
	return SendingLimits{Rules: rules, Stopped: stopped}, err
}

func (o *Operations) setSendingLimit(ctx context.Context, in *limitSet) (SendingLimits, error) {
	if in.Body.User != "" {
		if err := o.checkPeople(ctx, "user", []string{in.Body.User}); err != nil {
			return SendingLimits{}, err
		}
	}
	if err := o.limits.Set(ctx, in.Body); err != nil {
		return SendingLimits{}, err
	}
	return o.sendingLimits(ctx, nil)
}

func (o *Operations) forgetSendingLimit(ctx context.Context, in *api.ByID) error {
	return o.limits.Forget(ctx, in.ID)
}
