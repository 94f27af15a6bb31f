package sip

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/google/uuid"

	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip/stack"
)

// A PBX behind a dynamic address registers here, as phones do. Calls to it go to its bindings, over the flow that its REGISTER came by; without one
// the trunk is down.

// awaited is what is wrong with a trunk whose PBX is not registered.
const awaited = "waiting for the PBX to register"

// await shows how a trunk does whose PBX registers here, until ctx ends.
func (t *trunk) await(ctx context.Context, c *core, dir *directory.Directory) {
	var asked time.Time // it, whether it is there
	for ctx.Err() == nil {
		list, err := c.bound(ctx, dir, t.ID)
		switch {
		case err != nil && ctx.Err() == nil:
			c.Log.Warn("sip: registration of the trunk is not known", "trunk", t.ID, "err", err)
		case err == nil && len(list) == 0:
			asked = time.Time{}
			t.unbound(c)
		case err == nil:
			asked = t.look(ctx, c, dir, list[0], asked)
		}
		select {
		case <-ctx.Done():
		case <-t.stirred:
			asked = time.Time{}
		case <-time.After(ownEvery):
		}
	}
}

// bound are the bindings of a trunk to which there is a way, the latest first.
func (c *core) bound(ctx context.Context, dir *directory.Directory, trunk string) (list []directory.Binding, err error) {
	all, err := dir.TrunkBindings(ctx, trunk, time.Now())
	for _, b := range all {
		if c.reachable(&b) {
			list = append(list, b)
		}
	}
	return list, err
}

// look finds out whether the PBX answers: the node that it registered at asks it now and then, the others are told. It returns when it was asked last.
func (t *trunk) look(ctx context.Context, c *core, dir *directory.Directory, b directory.Binding, asked time.Time) time.Time {
	here, reachable, problem := b.Node == c.cfg.Node, true, ""
	switch {
	case !here:
		if s, err := dir.TrunkStatus(ctx, t.ID); err == nil && s.Node == b.Node {
			reachable, problem = s.Reachable, s.Problem
		}
	case c.cfg.Ping > 0 && time.Since(asked) >= c.cfg.Ping:
		_, err := c.probeBinding(ctx, b)
		if ctx.Err() != nil {
			return asked
		}
		reachable, problem, asked = err == nil, words(err), time.Now()
	case c.cfg.Ping > 0: // as it was found
		t.mu.Lock()
		reachable, problem = t.status.Reachable, t.status.Problem
		t.mu.Unlock()
	}
	if t.bind(c, b, reachable, problem) && here {
		t.publish(ctx, c, dir)
	}
	return asked
}

// bind notes where the PBX is registered and whether it answers; it tells whether that is news.
func (t *trunk) bind(c *core, b directory.Binding, reachable bool, problem string) (news bool) {
	news = t.set(c, true, reachable, problem)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status.Node, t.status.From, t.status.Agent, t.status.Since, t.status.Until = b.Node, b.Received, b.Agent, b.Since, b.Expires
	return news
}

// unbound: nobody is registered.
func (t *trunk) unbound(c *core) {
	t.set(c, false, false, awaited)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status.Node, t.status.From, t.status.Agent, t.status.Until = c.cfg.Node, "", "", time.Time{}
}

// moved has a trunk look anew at once where its PBX is.
func (t *trunks) moved(id string) {
	if line := t.get(id); line != nil {
		select {
		case line.stirred <- struct{}{}:
		default:
		}
	}
}

// probeBinding sends OPTIONS to where a PBX is registered.
func (c *core) probeBinding(ctx context.Context, b directory.Binding) (*proto.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.nextPlace)
	defer cancel()
	d, err := c.along(b)
	if err != nil {
		return nil, err
	}
	us, _ := c.Reached(d.transport, d.hop())
	req := c.outside(proto.OPTIONS, d, party{uri: proto.Uri{Scheme: "sip", User: "frontdesk", Host: us}}, party{uri: d.uri}, uuid.NewString(), 1)
	req.AppendHeader(proto.NewHeader("Accept", "application/sdp"))
	return c.Once(ctx, req)
}

// toBound are the ways of a call to a PBX that is registered here: the number at the contact that it gave, with all its parameters, by which it may know us again.
func (s *Server) toBound(ctx context.Context, t *trunk, number string, r pbx.Request) (all []destination, err error) {
	list, err := s.bound(ctx, s.dir, t.ID)
	if err != nil {
		return nil, fmt.Errorf("sip: bindings: %w", err)
	}
	for _, b := range list {
		d, err := s.along(b)
		if err != nil {
			continue
		}
		d.uri.User, d.uri.Password = stack.Escape(number), ""
		host, _ := s.Reached(d.transport, d.hop())
		d.login, d.contact, d.strict, d.waits, d.tried = stack.Credentials{User: t.Username, Password: t.Password}, t.contact(), t.Strict, s.cfg.nextPlace, t.tried
		d.parties(t, number, host, r)
		all = append(all, d)
	}
	now := time.Now()
	t.mu.Lock()
	defer t.mu.Unlock()
	slices.SortStableFunc(all, func(a, b destination) int { return cmp.Compare(t.rank(a.place(), now), t.rank(b.place(), now)) })
	return all, nil
}

// testBound tells step by step how a PBX that registers here does.
func (s *Server) testBound(ctx context.Context, t directory.Trunk) ([]Step, error) {
	what := "registration of " + t.InUsername
	list, err := s.bound(ctx, s.dir, t.ID)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return []Step{{what, false, awaited + ": enter our address, this user name and its password there"}}, nil
	}
	b := list[0]
	steps := []Step{{what, true, strings.TrimSpace(fmt.Sprintf("%s until %s %s", b.Received, b.Expires.Format(time.DateTime), b.Agent))}}
	res, err := s.probeBinding(ctx, b)
	if err != nil {
		told := "no answer in time: what is between us no longer lets us through; have the PBX register more often"
		if !errors.Is(err, context.DeadlineExceeded) {
			told = err.Error()
		}
		return append(steps, Step{"OPTIONS", false, told}), nil
	}
	return append(steps, Step{"OPTIONS", true, fmt.Sprintf("%d %s", res.StatusCode, res.Reason)}), nil
}
