package api

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/secondfactor"
	"frontdesk/store"
)

// Gate tells whose a log-in is: a session's cookie or an API token.
type Gate struct {
	core     *crmcore.Core
	Sessions sessions
	Known    known
	Audit    *Audit
}

func NewGate(db *store.DB, core *crmcore.Core) *Gate {
	return &Gate{core: core, Sessions: NewSessions(db, time.Now), Known: newKnown(),
		Audit: newAudit(db, time.Now)}
}

// Identify finds who sends a request, by its Authorization header or its cookie. The error is ErrNobody when nobody is
// logged in, or he is where nobody may be; ErrOutside for a program there.
func (g *Gate) Identify(ctx context.Context, authorization, cookie string) (Caller, error) {
	token, program := bearerOf(authorization)
	secret, find := cookie, g.sessionCaller
	if program {
		secret, find = token, g.tokenCaller
	}
	if secret == "" {
		return Caller{}, ErrNobody
	}
	key := Digest(secret)
	c, err := find(g.Known.asks(ctx, key), secret)
	for _, nobody := range []error{sql.ErrNoRows, people.ErrCredentials, crmcore.ErrNotFound} {
		if errors.Is(err, nobody) {
			err = ErrNobody
		}
	}
	if err == nil && !c.Active {
		err = ErrNobody
	}
	if err != nil {
		g.Known.forget(key, err)
		return Caller{}, err
	}
	g.Known.Note(key, c.ID)
	return c, nil
}

func (g *Gate) tokenCaller(ctx context.Context, token string) (c Caller, err error) {
	c.Token = token
	if c.User, c.Scope, err = g.core.TokenUser(ctx, token); err != nil {
		return c, err
	}
	return c, g.Admit(ctx)
}

func (g *Gate) sessionCaller(ctx context.Context, cookie string) (c Caller, err error) {
	var s found
	if s, c.Session, err = g.Sessions.find(ctx, cookie); err != nil {
		return c, err
	}
	policy, err := secondfactor.ReadPolicy(s.policy)
	if err == nil && !policy.Admits(VisitOf(ctx).IP) {
		err = ErrNobody // he may log in again where he is admitted
	}
	if err != nil {
		return c, err
	}
	c.User, err = g.core.User(ctx, s.user)
	c.Enrol = err == nil && s.factors == 0 && policy.Demands(c.Role)
	return c, err
}

// Admit fails with ErrOutside where the request comes from an address that the company does not admit.
func (g *Gate) Admit(ctx context.Context) error {
	policy, err := secondfactor.PolicyIn(ctx, g.Sessions.db)
	if err == nil && !policy.Admits(VisitOf(ctx).IP) {
		err = ErrOutside
	}
	return err
}

func bearerOf(authorization string) (string, bool) {
	const scheme = "Bearer "
	if len(authorization) > len(scheme) && strings.EqualFold(authorization[:len(scheme)], scheme) {
		return authorization[len(scheme):], true
	}
	return "", false
}
