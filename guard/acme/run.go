package acme

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"time"

	"golang.org/x/crypto/acme"
)

const (
	lookEvery = time.Minute
	orderTime = 3 * time.Minute
	soonest   = 10 * time.Minute // after a failure; twice as long after the next one
	latest    = 24 * time.Hour
	hereEvery = 5 * time.Minute // how often DNS is asked whether a name leads here by now
	maxDetail = 500             // bytes
)

// Run orders what is due, and reads what other nodes ordered, until ctx ends.
func (k *Keeper) Run(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		if err := k.look(ctx); err != nil && ctx.Err() == nil {
			k.log.Error("look after certificates", "err", err)
		}
		select {
		case <-tick.C:
		case <-k.again:
		case <-ctx.Done():
			return
		}
	}
}

// look is one round.
func (k *Keeper) look(ctx context.Context) error {
	if err := k.Load(ctx); err != nil {
		return err
	}
	alone, err := k.config.Alone(ctx)
	if err != nil || !alone {
		return err
	}
	names, err := k.config.Names(ctx)
	if err != nil {
		return err
	}
	rows, err := rowsOf(ctx, k.db)
	if err != nil {
		return err
	}
	kept := map[string]row{}
	for _, r := range rows {
		kept[r.name] = r
	}
	for _, w := range names {
		r := kept[w.Name]
		if r.name = w.Name; k.due(r) {
			err = errors.Join(err, k.renew(ctx, w, r))
		}
	}
	return err
}

func (k *Keeper) due(r row) bool {
	now := k.now()
	return (r.chain == "" || !now.Before(r.renewAt())) && !now.Before(r.next)
}

// renew orders a name's certificate and writes down what came of it.
func (k *Keeper) renew(ctx context.Context, w Wanted, r row) error {
	ordering, cancel := context.WithTimeout(ctx, orderTime)
	defer cancel()
	r.tried = k.now()
	err := k.config.Here(ordering, w)
	if err == nil {
		key, chain, failed := k.order(ordering, w.Name)
		if err = failed; err == nil {
			err = r.take(k.seal, key, chain)
		}
	}
	if ctx.Err() != nil {
		return ctx.Err() // the next node begins anew
	}
	if err == nil {
		r.trouble, r.detail, r.failures, r.next = "", "", 0, k.now()
		k.log.Info("a certificate came", "name", r.name, "ends", r.ends)
	} else {
		k.failed(&r, err)
		k.log.Warn("no certificate", "name", r.name, "again", r.next, "err", err)
	}
	if err := r.save(ctx, k.db); err != nil {
		return err
	}
	k.config.Changed()
	return k.Load(ctx)
}

// failed notes what went wrong, and when to try again.
func (k *Keeper) failed(r *row, err error) {
	var here *Trouble
	if errors.As(err, &here) {
		r.trouble, r.detail, r.next = here.Code, cut(here.Detail), k.now().Add(hereEvery)
		return
	}
	wait := latest
	if r.failures < 8 {
		wait = min(latest, soonest<<r.failures)
	}
	wait += rand.N(wait / 10)
	said := problem(err)
	r.failures++
	r.trouble, r.detail = "other", cut(err.Error())
	if said != nil {
		r.trouble, r.detail = said.ProblemType[strings.LastIndexByte(said.ProblemType, ':')+1:], cut(said.Detail)
		if asked, limited := acme.RateLimit(said); limited {
			wait = max(wait, min(asked, 7*latest))
		}
	}
	r.next = k.now().Add(wait)
}

// problem is what the authority itself said; nil when it did not.
func problem(err error) *acme.Error {
	var authorization *acme.AuthorizationError
	if errors.As(err, &authorization) {
		err = errors.Join(authorization.Errors...)
	}
	var order *acme.OrderError
	if errors.As(err, &order) {
		return order.Problem
	}
	var said *acme.Error
	errors.As(err, &said)
	return said
}

// cut keeps what somebody else wrote within bounds, and on one line.
func cut(text string) string {
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
	if len(text) > maxDetail {
		text = strings.ToValidUTF8(text[:maxDetail], "") + "…"
	}
	return text
}
