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

// Identify finds who sends a request, by its Authorization header or its cookie. The error is errNobody when nobody is
// logged in.
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
	c.User, c.Scope, err = g.core.TokenUser(ctx, token)
	return c, err
}

func (g *Gate) sessionCaller(ctx context.Context, cookie string) (c Caller, err error) {
	var s found
	if s, c.Session, err = g.Sessions.find(ctx, cookie); err != nil {
		return c, err
	}
	if c.User, err = g.core.User(ctx, s.user); err != nil || s.factors > 0 {
		return c, err
	}
	policy, err := secondfactor.ReadPolicy(s.policy)
	c.Enrol = policy.Demands(c.Role)
	return c, err
}

func bearerOf(authorization string) (string, bool) {
	const scheme = "Bearer "
	if len(authorization) > len(scheme) && strings.EqualFold(authorization[:len(scheme)], scheme) {
		return authorization[len(scheme):], true
	}
	return "", false
}
