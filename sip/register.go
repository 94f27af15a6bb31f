package sip

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
)

// enrolment is our registration at a trunk: one Call-ID for all its REGISTERs (RFC 3261 §10.2.4).
type enrolment struct {
	core   *core
	line   directory.Trunk
	user   string
	callID string
	seq    uint32
}

// keep registers or pings a trunk until ctx ends, and then signs off. Where another node registers, its state is shown.
func (t *trunk) keep(ctx context.Context, c *core, dir *directory.Directory) {
	switch {
	case t.Registers():
		t.await(ctx, c, dir)
		return
	case !t.Register:
		t.ping(ctx, c)
		return
	}
	for ctx.Err() == nil {
		if c.owns(ctx, t.ID, false) {
			t.enrol(ctx, c, dir)
			continue
		}
		t.copy(ctx, c, dir)
		select {
		case <-ctx.Done():
		case <-time.After(ownEvery):
		}
	}
}

// ownEvery is the time between two questions whether this node is the one to register.
const ownEvery = 3 * time.Second

// owns asks; without an answer all stays as it is.
func (c *core) owns(ctx context.Context, trunk string, so bool) bool {
	if c.cfg.Owns == nil {
		return true
	}
	own, err := c.cfg.Owns(ctx, trunk)
	if err != nil {
		c.Log.Warn("sip: who registers at the trunk is not known", "trunk", trunk, "err", err)
		return so
	}
	return own
}

// enrol registers as long as this node is the one to do it, and then signs off.
func (t *trunk) enrol(ctx context.Context, c *core, dir *directory.Directory) {
	e := &enrolment{core: c, line: t.Trunk, user: t.contact(), callID: uuid.NewString()}
	t.own(c.cfg.Node)
	failures := 0
	for {
		granted, err := e.register(ctx, registerFor)
		wait := granted - min(granted/5, 30*time.Second)
		if err != nil {
			failures++
			wait = backoff(failures)
		} else {
			failures = 0
		}
		if t.set(c, err == nil, err == nil || answered(err), words(err)) {
			t.publish(ctx, c, dir)
		}
		if !t.remains(ctx, c, wait) {
			e.signOff(err == nil)
			return
		}
	}
}

// remains waits; false as soon as this node is no longer the one to register, or ctx ends.
func (t *trunk) remains(ctx context.Context, c *core, wait time.Duration) bool {
	over := time.After(wait)
	ask := time.NewTicker(ownEvery)
	defer ask.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-over:
			return c.owns(ctx, t.ID, true)
		case <-ask.C:
			if !c.owns(ctx, t.ID, true) {
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
	res, err := e.core.tryServers(ctx, e.line, func(ctx context.Context, p edge.Place) (*proto.Response, error) {
		l := stack.Login{Credentials: stack.Credentials{User: e.line.Username, Password: e.line.Password}}
		return e.core.Ask(ctx, &l, func() *proto.Request { return e.request(p, want) })
	})
	if err != nil {
		return 0, err
	}
	if res.StatusCode == 423 {
		if least, ok := expiry(stack.Joined(res, "Min-Expires")); ok && least > want && least < 24*time.Hour {
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
			if d, ok := expiry(c.Params.GetOr("expires", "")); ok {
				return d
			}
		}
	}
	if d, ok := expiry(stack.Joined(res, "Expires")); ok {
		return d
	}
	return want
}

// tryServers sends a request to the servers of a line, until one takes it.
func (c *core) tryServers(ctx context.Context, line directory.Trunk, send func(context.Context, edge.Place) (*proto.Response, error)) (*proto.Response, error) {
	targets, err := c.Locate(ctx, line.Host, (&trunk{Trunk: line}).wire())
	if err != nil {
		return nil, err
	}
	return c.TryEach(ctx, stack.InOrder(targets), send)
}

func (e *enrolment) request(to edge.Place, want time.Duration) *proto.Request {
	e.seq++
	host, port := stack.SplitHost(e.line.Host)
	transport := to.Transport
	d := destination{uri: proto.Uri{Scheme: "sip", Host: host, Port: port}, transport: transport, flow: to.At.String()}
	own := party{uri: proto.Uri{Scheme: "sip", User: e.user, Host: host}}
	req := e.core.outside(proto.REGISTER, d, own, own, e.callID, e.seq)
	req.AppendHeader(e.core.Contact(e.user, transport, d.hop()))
	expires := proto.ExpiresHeader(want / time.Second)
	req.AppendHeader(&expires)
	return req
}

// outside makes a request outside a dialog.
func (c *core) outside(method proto.RequestMethod, d destination, from, to party, callID string, seq uint32) *proto.Request {
	id := proto.CallIDHeader(callID)
	from.tag = c.CallerTag(callID)
	req := proto.NewRequest(method, d.uri)
	req.AppendHeader(c.Via(d.transport, d.hop()))
	for _, r := range d.routes {
		req.AppendHeader(&proto.RouteHeader{Address: r})
	}
	req.AppendHeader(from.from())
	req.AppendHeader(to.to())
	req.AppendHeader(&id)
	req.AppendHeader(&proto.CSeqHeader{SeqNo: seq, MethodName: method})
	c.Finish(req, d.transport)
	if len(d.routes) == 0 && d.flow != "" {
		req.SetDestination(d.flow)
	}
	return req
}

// signOff removes our Contact, so that no calls come here any more.
func (e *enrolment) signOff(registered bool) {
	if !registered {
		return
	}
	ctx, cancel := context.WithTimeout(e.core.life, farewell)
	defer cancel()
	if _, err := e.register(ctx, 0); err != nil {
		e.core.Log.Info("sip: sign-off from trunk", "trunk", e.line.ID, "err", err)
	}
}

// ping asks the servers of a trunk for their OPTIONS again and again; any answer shows that one is there.
func (t *trunk) ping(ctx context.Context, c *core) {
	for c.cfg.Ping > 0 {
		err := t.pingAll(ctx, c)
		if ctx.Err() != nil {
			return
		}
		t.set(c, false, err == nil, words(err))
		select {
		case <-ctx.Done():
			return
		case <-time.After(c.cfg.Ping):
		}
	}
}

// pingAll is nil when one server answers.
func (t *trunk) pingAll(ctx context.Context, c *core) error {
	places := t.places()
	if len(places) == 0 {
		return fmt.Errorf("the name %s is not known: check the host", t.Host)
	}
	var failed error
	alive := false
	for _, p := range places {
		_, err := c.probe(ctx, t.Trunk, p)
		t.tried(p, err == nil)
		alive = alive || err == nil
		failed = err
	}
	if alive {
		return nil
	}
	return failed
}

// probe sends OPTIONS; the response may be a refusal, which shows as much.
func (c *core) probe(ctx context.Context, line directory.Trunk, to edge.Place) (*proto.Response, error) {
	ctx, cancel := context.WithTimeout(ctx, c.cfg.nextPlace)
	defer cancel()
	host, port := stack.SplitHost(line.Host)
	d := destination{uri: proto.Uri{Scheme: "sip", Host: host, Port: port}, transport: to.Transport, flow: to.At.String()}
	us, _ := c.Reached(d.transport, d.hop())
	req := c.outside(proto.OPTIONS, d, party{uri: proto.Uri{Scheme: "sip", User: "frontdesk", Host: us}}, party{uri: d.uri}, uuid.NewString(), 1)
	req.AppendHeader(proto.NewHeader("Accept", "application/sdp"))
	return c.Once(ctx, req)
}

// Step is one line of a trunk's test.
type Step struct {
	What string `json:"what"`
	OK   bool   `json:"ok"`
	Told string `json:"told"` // what came of it, in words
}

// TestTrunk tries a trunk step by step: is its name known, does it answer, does it let us register. It calls nobody. Errors: pbx.ErrNotFound.
func (s *Server) TestTrunk(ctx context.Context, id string) ([]Step, error) {
	line, err := s.dir.Trunk(ctx, id)
	if err != nil {
		return nil, err
	}
	if line.Registers() {
		return s.testBound(ctx, line)
	}
	targets, err := s.Locate(ctx, line.Host, (&trunk{Trunk: line}).wire())
	steps := []Step{{"address of " + line.Host, err == nil, fmt.Sprint(stack.InOrder(targets))}}
	if err != nil {
		steps[0].Told = "the name is not known: check the host"
		return steps, nil
	}
	res, err := s.TryEach(ctx, stack.InOrder(targets), func(ctx context.Context, p edge.Place) (*proto.Response, error) { return s.probe(ctx, line, p) })
	if err != nil {
		return append(steps, Step{"OPTIONS over " + line.Transport, false, "no answer in time: check host, port, transport and firewall"}), nil
	}
	steps = append(steps, Step{"OPTIONS over " + line.Transport, true, fmt.Sprintf("%d %s", res.StatusCode, res.Reason)})
	if !line.Register {
		return steps, nil
	}
	return append(steps, s.testRegister(ctx, line)), nil
}

func (s *Server) testRegister(ctx context.Context, line directory.Trunk) Step {
	e := &enrolment{core: s.core, line: line, user: (&trunk{Trunk: line}).contact(), callID: uuid.NewString()}
	d, err := e.register(ctx, registerFor)
	if t := s.trunks.get(line.ID); t == nil || !t.owned() { // calls shall not come here for it
		e.signOff(err == nil)
	}
	if err != nil {
		return Step{"REGISTER as " + line.Username, false, err.Error()}
	}
	return Step{"REGISTER as " + line.Username, true, fmt.Sprintf("granted for %s", d)}
}
