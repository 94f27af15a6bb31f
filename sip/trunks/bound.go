package trunks

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/google/uuid"

	"frontdesk/pbx/directory"
	"frontdesk/sip/stack"
)

// A PBX behind a dynamic address registers here, as phones do. Calls to it go to its bindings, over the flow that its
// REGISTER came by; without one the trunk is down.

// Awaited is what is wrong with a trunk whose PBX is not registered.
const Awaited = "waiting for the PBX to register"

// await shows how a trunk does whose PBX registers here, until ctx ends.
func (t *Trunk) await(ctx context.Context, ts *Trunks) {
	var asked time.Time // it, whether it is there
	for ctx.Err() == nil {
		list, err := ts.Bound(ctx, t.ID)
		switch {
		case err != nil && ctx.Err() == nil:
			ts.Log.Warn("sip: registration of the trunk is not known", "trunk", t.ID, "err", err)
		case err == nil && len(list) == 0:
			asked = time.Time{}
			t.unbound(ts)
		case err == nil:
			asked = t.look(ctx, ts, list[0], asked)
		}
		select {
		case <-ctx.Done():
		case <-t.stirred:
			asked = time.Time{}
		case <-time.After(ownEvery):
		}
	}
}

// Bound are the bindings of a trunk to which there is a way, the latest first.
func (ts *Trunks) Bound(ctx context.Context, trunk string) (list []directory.Binding, err error) {
	all, err := ts.dir.TrunkBindings(ctx, trunk, time.Now())
	for _, b := range all {
		if ts.Reachable(&b) {
			list = append(list, b)
		}
	}
	return list, err
}

// look finds out whether the PBX answers: the node that it registered at asks it now and then, the others are told. It
// returns when it was asked last.
func (t *Trunk) look(ctx context.Context, ts *Trunks, b directory.Binding, asked time.Time) time.Time {
	here, reachable, problem := b.Node == ts.cfg.Node, true, ""
	switch {
	case !here:
		if s, err := ts.dir.TrunkStatus(ctx, t.ID); err == nil && s.Node == b.Node {
			reachable, problem = s.Reachable, s.Problem
		}
	case ts.cfg.Ping > 0 && time.Since(asked) >= ts.cfg.Ping:
		_, err := ts.probeBinding(ctx, b)
		if ctx.Err() != nil {
			return asked
		}
		reachable, problem, asked = err == nil, words(err), time.Now()
	case ts.cfg.Ping > 0: // as it was found
		t.mu.Lock()
		reachable, problem = t.status.Reachable, t.status.Problem
		t.mu.Unlock()
	}
	if t.bind(ts, b, reachable, problem) && here {
		t.publish(ctx, ts)
	}
	return asked
}

// bind notes where the PBX is registered and whether it answers; it tells whether that is news.
func (t *Trunk) bind(ts *Trunks, b directory.Binding, reachable bool, problem string) (news bool) {
	news = t.set(ts, true, reachable, problem)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status.Node, t.status.From, t.status.Agent, t.status.Since, t.status.Until = b.Node, b.Received, b.Agent, b.Since,
		b.Expires
	return news
}

// unbound: nobody is registered.
func (t *Trunk) unbound(ts *Trunks) {
	t.set(ts, false, false, Awaited)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.status.Node, t.status.From, t.status.Agent, t.status.Until = ts.cfg.Node, "", "", time.Time{}
}

// Moved has a trunk look anew at once where its PBX is.
func (ts *Trunks) Moved(id string) {
	if trunk := ts.get(id); trunk != nil {
		select {
		case trunk.stirred <- struct{}{}:
		default:
		}
	}
}

// probeBinding sends OPTIONS to where a PBX is registered.
func (ts *Trunks) probeBinding(ctx context.Context, b directory.Binding) (*proto.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, ts.cfg.NextPlace)
	defer cancel()
	d, err := ts.Along(b)
	if err != nil {
		return nil, err
	}
	us, _ := ts.Reached(d.Transport, d.Hop())
	req := ts.Outside(proto.OPTIONS, d, stack.Party{URI: proto.Uri{Scheme: "sip", User: "frontdesk", Host: us}},
		stack.Party{URI: d.URI}, uuid.NewString(), 1)
	req.AppendHeader(proto.NewHeader("Accept", "application/sdp"))
	return ts.Once(ctx, req)
}

// testBound tells step by step how a PBX that registers here does.
func (ts *Trunks) testBound(ctx context.Context, t directory.Trunk) ([]Step, error) {
	what := "registration of " + t.InUsername
	list, err := ts.Bound(ctx, t.ID)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return []Step{{StepBound, what, false, Awaited + ": enter our address, this user name and its password there"}},
			nil
	}
	b := list[0]
	steps := []Step{{StepBound, what, true, strings.TrimSpace(fmt.Sprintf("%s until %s %s", b.Received,
		b.Expires.Format(time.DateTime), b.Agent))}}
	res, err := ts.probeBinding(ctx, b)
	if err != nil {
		told := "no answer in time: what is between us no longer lets us through; have the PBX register more often"
		if !errors.Is(err, context.DeadlineExceeded) {
			told = err.Error()
		}
		return append(steps, Step{StepOptions, "OPTIONS", false, told}), nil
	}
	return append(steps, Step{StepOptions, "OPTIONS", true, fmt.Sprintf("%d %s", res.StatusCode, res.Reason)}), nil
}
