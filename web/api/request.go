package api

import (
	"context"
	"errors"

	"frontdesk/crmcore/people"
)

// Why a request is nobody's: nobody is logged in, or a program is where nobody may be.
var (
	ErrNobody  = errors.New("nobody is logged in")
	ErrOutside = errors.New("log-ins come from networks that the company named, and this is none: ask an administrator")
)

// Visit is what the outer handlers know of a request.
type Visit struct {
	ID    string // of the request, for the log and the answer's X-Request-Id
	IP    string
	HTTPS bool
	Host  string // that was asked, with its port
	Agent string
	// Method and URI of the request: its path with the query
	Method, URI string
	User        string // id, filled in once the log-in is known
}

// Caller is who asks.
type Caller struct {
	people.User
	Session string // key of the session; "" with an API token
	Token   string // the API token, "" with a session
	Scope   people.Scope
	Enrol   bool // he needs a second factor and has none yet: until then he can do nothing else
}

// Key is what a log-in is stored by.
func (c Caller) Key() string {
	if c.Session != "" {
		return c.Session
	}
	return Digest(c.Token)
}

type VisitKey struct{}
type callerKey struct{}

// VisitOf the request; an empty one outside of requests.
func VisitOf(ctx context.Context) *Visit {
	if v, ok := ctx.Value(VisitKey{}).(*Visit); ok {
		return v
	}
	return &Visit{}
}

// WithCaller is the context of a request of that caller.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerOf the request; the zero caller where no log-in is needed.
func CallerOf(ctx context.Context) Caller {
	c, _ := ctx.Value(callerKey{}).(Caller)
	return c
}

func UserOf(ctx context.Context) people.User { return CallerOf(ctx).User }

func IsAdmin(u people.User) bool { return u.Role == people.Admin }

// SeesAllCalls tells who is not limited to calls of their own: the history shows numbers of clients.
func SeesAllCalls(u people.User) bool { return IsAdmin(u) || u.Access == people.AccessAll }
