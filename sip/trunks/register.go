package trunks

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/google/uuid"

	"frontdesk/pbx/directory"
	"frontdesk/sip/edge"
	"frontdesk/sip/stack"
)

// registration lengths at a trunk, and pauses after failures.
const (
	registerFor  = 10 * time.Minute
	firstRetry   = 5 * time.Second
	longestRetry = 5 * time.Minute
	signOffFor   = 2 * time.Second // that a carrier has to take our sign-off
)

// enrolment is our registration at a trunk: one Call-ID for all its REGISTERs (RFC 3261 §10.2.4).
type enrolment struct {
	trunks *Trunks
	trunk  directory.Trunk
	user   string
	callID string
	seq    uint32
}

// ownEvery is the time between two questions whether this node is the one to register.
const ownEvery = 3 * time.Second

// owns asks; without an answer all stays as it is.
func (ts *Trunks) owns(ctx context.Context, trunk string, so bool) bool {
	if ts.cfg.Owns == nil {
		return true
	}
	own, err := ts.cfg.Owns(ctx, trunk)
	if err != nil {
		ts.Log.Warn("sip: who registers at the trunk is not known", "trunk", trunk, "err", err)
		return so
	}
	return own
}

// enrol registers as long as this node is the one to do it, and then signs off.
func (t *Trunk) enrol(ctx context.Context, ts *Trunks) {
	e := &enrolment{trunks: ts, trunk: t.Trunk, user: t.Contact(), callID: uuid.NewString()}
	t.own(ts.cfg.Node)
	failures := 0
	for {
		began := time.Now()
		granted, err := e.register(ctx, registerFor)
		t.took(time.Since(began))
		wait := granted - min(granted/5, 30*time.Second)
		if err != nil {
			failures++
			wait = backoff(failures)
		} else {
			failures = 0
		}
		if t.set(ts, err == nil, err == nil || answered(err), words(err)) {
			t.publish(ctx, ts)
		}
		if !t.remains(ctx, ts, wait) {
			e.signOff(err == nil)
			return
		}
	}
}

// remains waits; false as soon as this node is no longer the one to register, or ctx ends.
func (t *Trunk) remains(ctx context.Context, ts *Trunks, wait time.Duration) bool {
	over := time.After(wait)
	ask := time.NewTicker(ownEvery)
	defer ask.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-over:
			return ts.owns(ctx, t.ID, true)
		case <-ask.C:
			if !ts.owns(ctx, t.ID, true) {
				return false
			}
		}
	}
}

// backoff doubles with each failure and is spread, so that not all nodes come back at once.
func backoff(failures int) time.Duration {
	d := min(longestRetry, firstRetry<<min(failures-1, 10))
	return d/2 + rand.N(d/2)
}

func words(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// refused is a final response that says no.
type refused struct {
	what   string
	code   int
	phrase string
}

func (r *refused) Error() string { return fmt.Sprintf("%s answered %d %s", r.what, r.code, r.phrase) }

// answered tells whether the peer is there, though it says no.
func answered(err error) bool {
	var r *refused
	return errors.As(err, &r)
}

// register sends one REGISTER and returns how long it is granted.
func (e *enrolment) register(ctx context.Context, want time.Duration) (time.Duration, error) {
	res, err := e.trunks.tryServers(ctx, e.trunk, func(ctx context.Context, p edge.Place) (*proto.Response, error) {
		l := stack.Login{Credentials: stack.Credentials{User: e.trunk.Username, Password: e.trunk.Password}}
		return e.trunks.Ask(ctx, &l, func() *proto.Request { return e.request(p, want) })
	})
	if err != nil {
		return 0, err
	}
	if res.StatusCode == 423 {
		if least, ok := stack.Expiry(stack.Joined(res, "Min-Expires")); ok && least > want && least < 24*time.Hour {
			return e.register(ctx, least)
		}
	}
	if !res.IsSuccess() {
		return 0, &refused{"REGISTER", res.StatusCode, explain(res)}
	}
	return max(granted(res, e.user, want), 10*time.Second), nil
}

// explain adds what the code usually means here.
func explain(res *proto.Response) string {
	switch res.StatusCode {
	case 401, 403, 407:
		return res.Reason + ": check user name and password"
	case 404:
		return res.Reason + ": the account is not known there"
	default:
		return res.Reason
	}
}

// granted reads the time from our Contact in the answer, or from Expires.
func granted(res *proto.Response, user string, want time.Duration) time.Duration {
	for _, h := range res.GetHeaders("Contact") {
		if c, ok := h.(*proto.ContactHeader); ok && c.Address.User == user {
			if d, ok := stack.Expiry(c.Params.GetOr("expires", "")); ok {
				return d
			}
		}
	}
	if d, ok := stack.Expiry(stack.Joined(res, "Expires")); ok {
		return d
	}
	return want
}

// tryServers sends a request to the servers of a trunk, until one takes it.
func (ts *Trunks) tryServers(ctx context.Context, trunk directory.Trunk,
	send func(context.Context, edge.Place) (*proto.Response, error)) (*proto.Response, error) {
	targets, err := ts.Locate(ctx, serverOf(trunk), (&Trunk{Trunk: trunk}).Wire())
	if err != nil {
		return nil, err
	}
	return ts.TryEach(ctx, stack.InOrder(targets), send)
}

func (e *enrolment) request(to edge.Place, want time.Duration) *proto.Request {
	e.seq++
	host, port := stack.SplitHost(e.trunk.Host)
	transport := to.Transport
	d := stack.Way{URI: proto.Uri{Scheme: "sip", Host: host, Port: port}, Transport: transport, Flow: to.At.String(),
		Proxy: e.trunk.Proxy}
	own := stack.Party{URI: proto.Uri{Scheme: "sip", User: e.user, Host: host}}
	req := e.trunks.Outside(proto.REGISTER, d, own, own, e.callID, e.seq)
	req.AppendHeader(e.trunks.Contact("sip", e.user, transport, d.Hop()))
	expires := proto.ExpiresHeader(want / time.Second)
	req.AppendHeader(&expires)
	return req
}

// signOff removes our Contact, so that no calls come here any more.
func (e *enrolment) signOff(registered bool) {
	if !registered {
		return
	}
	ctx, cancel := context.WithTimeout(e.trunks.cfg.Life, signOffFor)
	defer cancel()
	if _, err := e.register(ctx, 0); err != nil {
		e.trunks.Log.Info("sip: sign-off from trunk", "trunk", e.trunk.ID, "err", err)
	}
}

// ping asks the servers of a trunk for their OPTIONS again and again; any answer shows that one is there.
func (t *Trunk) ping(ctx context.Context, ts *Trunks) {
	every := t.Every(ts.cfg.Ping)
	for every > 0 {
		err := t.pingAll(ctx, ts)
		if ctx.Err() != nil {
			return
		}
		t.set(ts, false, err == nil, words(err))
		select {
		case <-ctx.Done():
			return
		case <-time.After(every):
		}
	}
}

// pingAll is nil when one server answers.
func (t *Trunk) pingAll(ctx context.Context, ts *Trunks) error {
	places := t.Places()
	if len(places) == 0 {
		return fmt.Errorf("the name %s is not known: check the host", t.Server())
	}
	var failed error
	alive := false
	for _, p := range places {
		began := time.Now()
		_, err := ts.probe(ctx, t.Trunk, p)
		if err == nil {
			t.took(time.Since(began))
		}
		t.Tried(p, err == nil)
		alive = alive || err == nil
		failed = err
	}
	if alive {
		return nil
	}
	return failed
}

// probe sends OPTIONS; the response may be a refusal, which shows as much.
func (ts *Trunks) probe(ctx context.Context, trunk directory.Trunk, to edge.Place) (*proto.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, ts.cfg.NextPlace)
	defer cancel()
	host, port := stack.SplitHost(trunk.Host)
	d := stack.Way{URI: proto.Uri{Scheme: "sip", Host: host, Port: port}, Transport: to.Transport, Flow: to.At.String(),
		Proxy: trunk.Proxy}
	us, _ := ts.Reached(d.Transport, d.Hop())
	req := ts.Outside(proto.OPTIONS, d, stack.Party{URI: proto.Uri{Scheme: "sip", User: "frontdesk", Host: us}},
		stack.Party{URI: d.URI}, uuid.NewString(), 1)
	req.AppendHeader(proto.NewHeader("Accept", "application/sdp"))
	return ts.Once(ctx, req)
}

// Step is one step of a trunk's test.
type Step struct {
	Kind string `json:"kind" doc:"Of address, options, register, bound; of a test call allowed, taken, rings, answered, sound"`
	What string `json:"what"`
	OK   bool   `json:"ok"`
	Told string `json:"told"` // what came of it, in words
}

// Kinds of steps.
const (
	StepAddress  = "address"  // the peer's name is known
	StepOptions  = "options"  // it answers
	StepRegister = "register" // it lets us register
	StepBound    = "bound"    // it is registered here
	StepAllowed  = "allowed"  // we may call the number
	StepTaken    = "taken"    // it takes the call
	StepRings    = "rings"
	StepAnswered = "answered"
	StepSound    = "sound" // of who answered
)
