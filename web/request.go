package web

import (
	"context"

	"frontdesk/crmcore"
)

// visit is what the outer handlers know of a request.
type visit struct {
	id    string // of the request, for the log and the answer's X-Request-Id
	ip    string
	https bool
	agent string
	user  string // id, filled in once the log-in is known
}

// caller is who asks.
type caller struct {
	crmcore.User
	session string // key of the session; "" with an API token
	token   string // the API token, "" with a session
	scope   crmcore.Scope
}

// key is what a log-in is stored by.
func (c caller) key() string {
	if c.session != "" {
		return c.session
	}
	return digest(c.token)
}

type visitKey struct{}
type callerKey struct{}

// visitOf the request; an empty one outside of requests.
func visitOf(ctx context.Context) *visit {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{}
}

// callerOf the request; the zero caller where no log-in is needed.
func callerOf(ctx context.Context) caller {
	c, _ := ctx.Value(callerKey{}).(caller)
	return c
}

func userOf(ctx context.Context) crmcore.User { return callerOf(ctx).User }

func isAdmin(u crmcore.User) bool { return u.Role == crmcore.Admin }
