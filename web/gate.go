package web

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"frontdesk/crmcore"
	"frontdesk/store"
)

// gate tells whose a log-in is: a session's cookie or an API token.
type gate struct {
	core     *crmcore.Core
	sessions sessions
	known    known
}

func newGate(db *store.DB, core *crmcore.Core) *gate {
	return &gate{core: core, sessions: newSessions(db, time.Now), known: newKnown()}
}

// identify finds who sends a request, by its Authorization header or its cookie. The error is errNobody when nobody is logged in.
func (g *gate) identify(ctx context.Context, authorization, cookie string) (caller, error) {
	token, program := bearerOf(authorization)
	secret, find := cookie, g.sessionCaller
	if program {
		secret, find = token, g.tokenCaller
	}
	if secret == "" {
		return caller{}, errNobody
	}
	key := digest(secret)
	c, err := find(g.known.asks(ctx, key), secret)
	for _, nobody := range []error{sql.ErrNoRows, crmcore.ErrCredentials, crmcore.ErrNotFound} {
		if errors.Is(err, nobody) {
			err = errNobody
		}
	}
	if err == nil && !c.Active {
		err = errNobody
	}
	if err != nil {
		g.known.forget(key, err)
		return caller{}, err
	}
	g.known.note(key, c.ID)
	return c, nil
}

func (g *gate) tokenCaller(ctx context.Context, token string) (c caller, err error) {
	c.token = token
	c.User, c.scope, err = g.core.TokenUser(ctx, token)
	return c, err
}

func (g *gate) sessionCaller(ctx context.Context, cookie string) (c caller, err error) {
	var user string
	if user, c.session, err = g.sessions.find(ctx, cookie); err != nil {
		return c, err
	}
	c.User, err = g.core.User(ctx, user)
	return c, err
}

func bearerOf(authorization string) (string, bool) {
	const scheme = "Bearer "
	if len(authorization) > len(scheme) && strings.EqualFold(authorization[:len(scheme)], scheme) {
		return authorization[len(scheme):], true
	}
	return "", false
}
