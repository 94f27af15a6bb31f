package sip

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx"
	"frontdesk/sip/dialog"
	"frontdesk/sip/edge"
	"frontdesk/sip/rtp"
	"frontdesk/sip/stack"
)

// attempt is one INVITE: it is sent, signed when that is asked for, confirmed and cancelled here. What its answers mean
// for the call is its judge's affair.
type attempt struct {
	leg       *Leg
	judge     judge
	to        destination
	callID    string
	tag       string
	seq       uint32
	login     stack.Login
	req       *proto.Request
	tx        *stack.ClientTx
	abort     context.CancelFunc // of finding the way there
	heard     bool               // a provisional response came: CANCEL may go (RFC 3261 §9.1)
	cancel    proto.Header       // CANCEL is wanted, with this reason
	cancelled bool               // and was sent
	finished  bool
	large     bool                        // over TCP for its size alone
	passed    bool                        // another place is tried: nobody waits for this one
	early     map[string]*rtp.Description // of early dialogs, by the peer's tag
	acks      map[string]*proto.Request
	rseqs     map[string]uint32 // of the last reliable response that was confirmed, by the peer's tag
	pracks    int
}

// judge is who makes attempts. It is told on the leg's goroutine.
type judge interface {
	answered(a *attempt, tx *stack.ClientTx, res *proto.Response) // a response to the INVITE of tx
	accepted(a *attempt, res *proto.Response)                     // a further 2xx, or one that is repeated
	silent(a *attempt)                                            // nothing came for as long as its destination waits
	failed(a *attempt, tx *stack.ClientTx, err error)             // no final response, or no way to the destination
}

// attempt makes one that is not started yet. Its dialogs are found by its key.
func (l *Leg) attempt(to destination, callID string, by judge) *attempt {
	return &attempt{leg: l, judge: by, to: to, callID: callID, tag: l.core.CallerTag(callID), seq: 1,
		login: stack.Login{Credentials: to.login}, early: map[string]*rtp.Description{},
		acks: map[string]*proto.Request{}, rseqs: map[string]uint32{}}
}

func (a *attempt) key() string { return dialog.Key(a.callID, a.tag) }

// maxHops is how far calls go at most (RFC 3261 §8.1.1.6).
const maxHops = 70

// invite makes the INVITE, signed when we were challenged.
func (a *attempt) invite() *proto.Request {
	c := a.leg.core
	id := proto.CallIDHeader(a.callID)
	req := proto.NewRequest(proto.INVITE, a.to.URI)
	hop := a.to.Hop()
	req.AppendHeader(c.Via(a.to.Transport, hop))
	for _, r := range a.to.RouteHeaders() {
		req.AppendHeader(r)
	}
	from := a.to.from
	from.Tag = a.tag
	req.AppendHeader(from.From())
	req.AppendHeader(a.to.to.To())
	req.AppendHeader(&id)
	req.AppendHeader(&proto.CSeqHeader{SeqNo: a.seq, MethodName: proto.INVITE})
	req.AppendHeader(c.Contact(a.to.URI.Scheme, a.to.contact, a.to.Transport, hop))
	req.AppendHeader(proto.NewHeader("Allow", edge.Allowed))
	req.AppendHeader(proto.NewHeader("Supported", "100rel"))
	for _, h := range a.to.headers {
		req.AppendHeader(h)
	}
	c.Finish(req, a.to.Transport)
	if a.to.hops > 0 { // or a loop over others would never end (RFC 7332 §4)
		left := proto.MaxForwardsHeader(min(a.to.hops, maxHops) - 1)
		req.RemoveHeader("Max-Forwards")
		req.AppendHeader(&left)
	}
	if len(a.to.Routes) == 0 && a.to.Flow != "" {
		req.SetDestination(a.to.Flow)
	}
	req.AppendHeader(proto.NewHeader("Content-Type", "application/sdp"))
	a.leg.local.Encrypt, a.leg.local.Web = a.to.encrypt, a.to.browser
	req.SetBody(a.leg.local.Offer(a.leg.codecs))
	a.login.Sign(req)
	return req
}

// start sends the INVITE and keeps reading what comes back as long as the transaction lives: after a 200 for 32 s,
// because of forks.
func (a *attempt) start() {
	c := a.leg.core
	a.req = a.invite()
	if a.to.Transport == "UDP" && a.to.tcpToo && c.TCP != nil && len(a.req.String()) > 1300 {
		a.large, a.to.Transport = true, "TCP" // RFC 3261 §18.1.1
		a.req = a.invite()
	}
	ctx, abort := context.WithTimeout(c.life, stack.Final)
	a.abort = abort
	req := a.req
	if a.to.waits > 0 {
		a.leg.after(a.to.waits, func() {
			if a.req == req && !a.heard && !a.finished && a.cancel == nil {
				a.judge.silent(a)
			}
		})
	}
	c.spawn(func() {
		defer abort()
		tx, err := c.Begin(ctx, req, func(res *proto.Response) { a.again(res) })
		if err != nil {
			a.leg.post(func() { a.unsent(err) })
			return
		}
		a.leg.post(func() { a.tx = tx })
		a.read(tx)
	})
}

// unsent: nobody takes the request. One that was too large for UDP goes over UDP nevertheless (RFC 3261 §18.1.1).
func (a *attempt) unsent(err error) {
	if a.large && !a.finished && a.cancel == nil {
		a.large, a.to.tcpToo, a.to.Transport = false, false, "UDP"
		a.start()
		return
	}
	a.judge.failed(a, nil, err)
}

func (a *attempt) read(tx *stack.ClientTx) {
	c := a.leg.core
	over := tx.Follow(c.ctx, func(res *proto.Response) bool {
		readable(c.ctx, res)
		if !a.leg.post(func() { a.judge.answered(a, tx, res) }) {
			a.late(res)
		}
		return false
	})
	if errors.Is(over, stack.ErrNoAnswer) {
		a.leg.post(func() { a.judge.failed(a, tx, tx.Err()) })
	}
	tx.Terminate() // nobody reads any more
}

// late takes an answer to a call that is over without it: whoever rings shall stop.
func (a *attempt) late(res *proto.Response) {
	c := a.leg.core
	switch {
	case !dialog.Complete(res):
	case res.IsSuccess():
		c.dismiss(res)
	case res.IsProvisional():
		req := c.cancelOf(a.req, reason(pbx.CauseCancelled))
		c.spawn(func() { c.Once(c.life, req) }) // nothing more can be done about it
	}
}

// again takes a 2xx after the first: the same repeated because our ACK was lost, or from another fork. When the leg
// is over already, it is dismissed here.
func (a *attempt) again(res *proto.Response) {
	c := a.leg.core
	readable(c.ctx, res)
	if dialog.Complete(res) && !a.leg.post(func() { a.judge.accepted(a, res) }) {
		c.dismiss(res)
	}
}

// signed sends the INVITE once more, when res asks for our password and may get it.
func (a *attempt) signed(res *proto.Response) bool {
	if a.cancel != nil || !a.login.Accept(res) {
		return false
	}
	a.seq++
	a.tx, a.heard = nil, false
	a.start()
	return true
}

// works: the place is there.
func (a *attempt) works() {
	if !a.heard && a.to.tried != nil {
		a.to.tried(a.to.Place(), true)
	}
	a.heard = true
}

// acknowledge confirms a 2xx and begins its dialog. What else is sent in it is numbered after our PRACKs.
func (a *attempt) acknowledge(res *proto.Response) *dialog.Dialog {
	d := dialog.FromResponse(res)
	d.LocalSeq = a.seq + uint32(a.pracks)*(1+stack.MaxChallenges)
	ack := d.Request(a.leg.core.Stack, proto.ACK, a.seq)
	for _, name := range []string{"Authorization", "Proxy-Authorization"} { // §22.1
		for _, h := range a.req.GetHeaders(name) {
			ack.AppendHeader(proto.HeaderClone(h))
		}
	}
	a.acks[edge.ToTag(res)] = ack
	a.leg.core.write(ack)
	return d
}

// confirm sends the PRACK of a reliable provisional response; false for one that is repeated or out of order and not to
// be served (RFC 3262 §4).
func (a *attempt) confirm(res *proto.Response) bool {
	if !stack.Lists(stack.Joined(res, "Require"), "100rel") {
		return true
	}
	tag := edge.ToTag(res)
	rseq, err := strconv.ParseUint(strings.TrimSpace(stack.Joined(res, "RSeq")), 10, 32)
	last, known := a.rseqs[tag]
	if err != nil || known && uint32(rseq) != last+1 || a.pracks >= maxPracks {
		return false
	}
	a.rseqs[tag] = uint32(rseq)
	c, d, login := a.leg.core, dialog.FromResponse(res), a.login.Again()
	seq := a.seq + uint32(a.pracks)*(1+stack.MaxChallenges)
	a.pracks++
	rack := fmt.Sprintf("%d %d INVITE", rseq, res.CSeq().SeqNo)
	c.spawn(func() {
		_, err := c.Ask(c.life, &login, func() *proto.Request {
			seq++
			req := d.Request(c.Stack, proto.PRACK, seq)
			req.AppendHeader(proto.NewHeader("RAck", rack))
			return req
		})
		if err != nil {
			a.leg.log.Info("sip: PRACK", "err", err)
		}
	})
	return true
}

// giveUp cancels as soon as that is allowed.
func (a *attempt) giveUp(why proto.Header) {
	if a.finished || a.cancel != nil {
		return
	}
	a.cancel = why
	if a.tx == nil {
		a.abort()
	}
	if a.heard {
		a.sendCancel()
	}
}

// sendCancel asks to end the INVITE (RFC 3261 §9.1). If no final response follows within 64 × T1, it is taken as ended.
func (a *attempt) sendCancel() {
	if a.cancelled || a.tx == nil {
		return
	}
	a.cancelled = true
	c, tx := a.leg.core, a.tx
	req := c.cancelOf(a.req, a.cancel)
	c.spawn(func() {
		if _, err := c.Once(c.life, req); err != nil {
			a.leg.log.Info("sip: CANCEL", "err", err)
		}
	})
	a.leg.after(64*c.cfg.T1, func() {
		if !a.finished {
			tx.Terminate()
		}
	})
}

// cancelOf builds the CANCEL of an INVITE: the same Request-URI, Via, Route, From, To, Call-ID and CSeq number.
func (c *core) cancelOf(invite *proto.Request, why proto.Header) *proto.Request {
	req := proto.NewRequest(proto.CANCEL, invite.Recipient)
	req.AppendHeader(invite.Via().Clone())
	for _, name := range []string{"Route", "From", "To", "Call-ID"} {
		proto.CopyHeaders(name, invite, req)
	}
	req.AppendHeader(&proto.CSeqHeader{SeqNo: invite.CSeq().SeqNo, MethodName: proto.CANCEL})
	req.AppendHeader(why)
	c.Finish(req, invite.Transport())
	req.SetDestination(invite.MessageData.Destination())
	return req
}
