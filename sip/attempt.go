package sip

import (
	"context"
	"errors"
	"net/netip"

	proto "github.com/emiago/sipgo/sip"
	"github.com/google/uuid"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/sip/edge"
	"frontdesk/sip/rtp"
	"frontdesk/sip/stack"
)

// attempt is one INVITE and what came of it.
type attempt struct {
	out       *outgoing
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
	passed    bool                        // another place is tried: nobody waits for this one
	early     map[string]*rtp.Description // of early dialogs, by the peer's tag
	acks      map[string]*proto.Request
	rseqs     map[string]uint32 // of the last reliable response that was confirmed, by the peer's tag
	pracks    int
}

// invite makes the INVITE, signed when we were challenged.
func (a *attempt) invite() *proto.Request {
	c := a.out.core
	id := proto.CallIDHeader(a.callID)
	req := proto.NewRequest(proto.INVITE, a.to.URI)
	hop := a.to.Hop()
	req.AppendHeader(c.Via(a.to.Transport, hop))
	for _, r := range a.to.Routes {
		req.AppendHeader(&proto.RouteHeader{Address: r})
	}
	from := a.to.from
	from.Tag = a.tag
	req.AppendHeader(from.From())
	req.AppendHeader(a.to.to.To())
	req.AppendHeader(&id)
	req.AppendHeader(&proto.CSeqHeader{SeqNo: a.seq, MethodName: proto.INVITE})
	req.AppendHeader(c.Contact(a.to.contact, a.to.Transport, hop))
	req.AppendHeader(proto.NewHeader("Allow", edge.Allowed))
	req.AppendHeader(proto.NewHeader("Supported", "100rel"))
	for _, h := range a.to.headers {
		req.AppendHeader(h)
	}
	c.Finish(req, a.to.Transport)
	if len(a.to.Routes) == 0 && a.to.Flow != "" {
		req.SetDestination(a.to.Flow)
	}
	req.AppendHeader(proto.NewHeader("Content-Type", "application/sdp"))
	req.SetBody(a.out.local.Offer(a.out.codecs))
	a.login.Sign(req)
	return req
}

// start sends the INVITE and keeps reading what comes back as long as the transaction lives: after a 200 for 32 s,
// because of forks.
func (a *attempt) start() {
	a.req = a.invite()
	if a.to.Transport == "UDP" && a.to.tcpToo && a.out.core.TCP != nil && len(a.req.String()) > 1300 {
		a.to.Transport = "TCP" // RFC 3261 §18.1.1
		a.req = a.invite()
	}
	ctx, abort := context.WithTimeout(a.out.core.life, stack.Final)
	a.abort = abort
	req := a.req
	if a.to.waits > 0 {
		a.out.after(a.to.waits, func() {
			if a.req == req && !a.heard && !a.finished && a.cancel == nil {
				a.pass()
			}
		})
	}
	a.out.core.spawn(func() {
		defer abort()
		tx, err := a.out.core.Begin(ctx, req, func(res *proto.Response) { a.again(req, res) })
		if err != nil {
			a.out.box.post(func() { a.failed(nil, err) })
			return
		}
		a.out.box.post(func() { a.tx = tx })
		a.read(tx)
	})
}

func (a *attempt) read(tx *stack.ClientTx) {
	over := tx.Follow(a.out.core.ctx, func(res *proto.Response) bool {
		a.out.core.readable(res)
		if !a.out.box.post(func() { a.response(tx, res) }) {
			a.late(res)
		}
		return false
	})
	if errors.Is(over, stack.ErrNoAnswer) {
		a.out.box.post(func() { a.failed(tx, tx.Err()) })
	}
	tx.Terminate() // nobody reads any more
}

// late takes an answer to a call that is over without it: whoever rings shall stop.
func (a *attempt) late(res *proto.Response) {
	c := a.out.core
	switch {
	case !complete(res):
	case res.IsSuccess():
		c.dismiss(res)
	case res.IsProvisional():
		req := c.cancelOf(a.req, reason(pbx.CauseCancelled))
		c.spawn(func() { c.Once(c.life, req) }) // nothing more can be done about it
	}
}

// pass gives a place up that says nothing; should it ring after all, it is cancelled.
func (a *attempt) pass() {
	a.out.log.Info("sip: no answer in time", "to", a.req.Destination(), "after", a.to.waits)
	a.passed, a.cancel = true, reason(pbx.CauseCancelled)
	a.elsewhere(pbx.CauseUnavailable)
}

// elsewhere tries the next place, or ends with cause when there is none.
func (a *attempt) elsewhere(cause pbx.Cause) {
	out := a.out
	out.consider(cause)
	if a.to.tried != nil {
		a.to.tried(a.to.Place(), false)
	}
	if len(a.to.others) == 0 || out.hungUp || out.phase != phase(out) {
		out.settle()
		return
	}
	to := a.to.others[0]
	to.others = a.to.others[1:]
	a.insteadAt(to)
}

// insteadAt makes another attempt in the place of this one.
func (a *attempt) insteadAt(to destination) {
	next := a.out.add(to, uuid.NewString())
	a.out.core.know(dialogKey(next.callID, next.tag), a.out.Leg)
	next.start()
}

// again takes a 2xx after the first: the same repeated because our ACK was lost, or from another fork. When the leg
// is over already, it is dismissed here.
func (a *attempt) again(req *proto.Request, res *proto.Response) {
	a.out.core.readable(res)
	if complete(res) && !a.out.box.post(func() { a.success(res) }) {
		a.out.core.dismiss(res)
	}
}

func (a *attempt) response(tx *stack.ClientTx, res *proto.Response) {
	if !res.IsSuccess() && (a.finished || tx != a.tx) ||
		!complete(res) && res.StatusCode < 300 && res.StatusCode > 100 {
		return
	}
	if a.out.trace != nil {
		a.out.trace(res.StatusCode, res.Reason)
	}
	switch {
	case res.IsProvisional():
		a.provisional(res)
	case res.IsSuccess():
		a.success(res)
	default:
		a.refused(res)
	}
}

// works: the place is there.
func (a *attempt) works() {
	if !a.heard && a.to.tried != nil {
		a.to.tried(a.to.Place(), true)
	}
	a.heard = true
}

func (a *attempt) provisional(res *proto.Response) {
	a.works()
	if a.cancel != nil {
		a.sendCancel()
		return
	}
	if res.StatusCode == 100 || !a.confirm(res) {
		return
	}
	if d, at, codec := a.sdp(res); d != nil {
		a.early[edge.ToTag(res)] = d
		a.locate(res)
		a.out.hear(d, at, codec, true)
	}
	if !a.out.ringing && (res.StatusCode == 180 || res.StatusCode == 183) {
		a.out.ringing = true
		a.out.tell(pbx.Ringing{})
	}
}

// locate tells the leg where the signalling of who answers comes from: past proxies, where it registered from.
func (a *attempt) locate(res *proto.Response) {
	a.out.strict, a.out.signal = a.to.strict, addressOf(res.Source())
	if len(a.to.Routes) > 0 && a.to.Sound != "" {
		a.out.signal = addressOf(a.to.Sound)
	}
}

// addressOf is the address in host:port; not valid for a name.
func addressOf(hostPort string) netip.Addr {
	at, _ := netip.ParseAddrPort(hostPort)
	return at.Addr().Unmap()
}

// sdp reads the answer in res: its audio line and the codec that we both speak. Nil without a usable one.
func (a *attempt) sdp(res *proto.Response) (*rtp.Description, int, media.Codec) {
	if len(res.Body()) == 0 || edge.MediaType(res) != "application/sdp" {
		return nil, 0, media.Codec{}
	}
	d, err := rtp.Parse(res.Body())
	if err != nil {
		a.out.log.Info("sip: SDP of the called side", "err", err)
		return nil, 0, media.Codec{}
	}
	return usable(d, a.out.codecs)
}

func usable(d *rtp.Description, ours []media.Codec) (*rtp.Description, int, media.Codec) {
	at := d.Audio()
	if at < 0 {
		return nil, 0, media.Codec{}
	}
	both := d.Media[at].Codecs(ours)
	if len(both) == 0 {
		return nil, 0, media.Codec{}
	}
	return d, at, both[0]
}

// success takes a 2xx: the first one wins, a repeated one is ACKed again, all others are dismissed with ACK and BYE
// (RFC 3261 §13.2.2.4).
func (a *attempt) success(res *proto.Response) {
	if ack := a.acks[edge.ToTag(res)]; ack != nil {
		a.out.core.write(ack)
		return
	}
	a.finished = true
	if a.out.phase != phase(a.out) || a.out.hungUp || a.passed {
		a.acks[edge.ToTag(res)] = a.out.core.dismiss(res)
		a.out.settle()
		return
	}
	a.win(res)
}

func (a *attempt) win(res *proto.Response) {
	out := a.out
	out.dialog = dialogFromResponse(res)
	out.dialog.localSeq = a.seq + uint32(a.pracks)*(1+stack.MaxChallenges)
	out.login = a.login.Again()
	ack := a.out.core.inDialog(out.dialog, proto.ACK, a.seq)
	for _, name := range []string{"Authorization", "Proxy-Authorization"} { // §22.1
		for _, h := range a.req.GetHeaders(name) {
			ack.AppendHeader(proto.HeaderClone(h))
		}
	}
	a.acks[edge.ToTag(res)] = ack
	out.core.write(ack)
	out.cancelAll(reason(pbx.CauseElsewhere), a)
	out.phase = &talking{Leg: out.Leg}
	d, at, codec := a.sdp(res)
	if d == nil && a.early[edge.ToTag(res)] != nil && len(res.Body()) == 0 {
		d, at, codec = usable(a.early[edge.ToTag(res)], out.codecs)
	}
	if d == nil {
		out.phase.hangup(pbx.CauseNoCodec)
		return
	}
	a.locate(res)
	out.hear(d, at, codec, true)
	out.tell(pbx.Answered{Codec: codec})
	out.hold(&d.Media[at])
}

// refused takes a final response of 300 or more; the transaction has ACKed it.
func (a *attempt) refused(res *proto.Response) {
	if a.cancel == nil && a.login.Accept(res) {
		a.seq++
		a.tx, a.heard = nil, false
		a.start()
		return
	}
	a.finished = true
	if res.StatusCode == 503 && !a.passed { // RFC 3263 §4.3
		a.elsewhere(causeOf(res))
		return
	}
	a.works()
	if res.IsRedirection() && a.redirected(res) {
		return
	}
	a.out.consider(causeOf(res))
	if res.StatusCode >= 600 && !a.out.hungUp { // nobody else shall ring (RFC 3261 §16.7 step 5)
		a.out.cancelAll(reason(pbx.CauseCancelled), a)
	}
	a.out.settle()
}

// failed: no final response, or no way to the destination.
func (a *attempt) failed(tx *stack.ClientTx, err error) {
	if a.finished || tx != a.tx { // the transaction that was challenged ran out
		return
	}
	a.out.log.Info("sip: call not placed", "to", a.req.Destination(), "err", err)
	a.finished = true
	if a.passed {
		a.out.settle()
		return
	}
	a.elsewhere(pbx.CauseUnavailable)
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
	tx := a.tx
	req := a.out.core.cancelOf(a.req, a.cancel)
	a.out.core.spawn(func() {
		if _, err := a.out.core.Once(a.out.core.life, req); err != nil {
			a.out.log.Info("sip: CANCEL", "err", err)
		}
	})
	a.out.after(64*a.out.core.cfg.T1, func() {
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
