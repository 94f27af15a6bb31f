package sip

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	proto "github.com/emiago/sipgo/sip"
	"github.com/google/uuid"

	"frontdesk/media"
	"frontdesk/pbx"
)

// destination is one place to ring.
type destination struct {
	uri       proto.Uri
	transport string // UDP, TCP
	flow      string // host:port where the phone is behind its NAT; empty: as uri or routes say
	sound     string // host:port that the sound is for, when that is not the next hop
	routes    []proto.Uri
	from, to  party
	contact   string // user part of our Contact
	headers   []proto.Header
	login     credentials
	tcpToo    bool // large requests may go over TCP
	strict    bool // see Leg
}

// outgoing is the phase of a leg that we call, until it is answered. All its destinations ring; the first to answer is taken.
type outgoing struct {
	*Leg
	attempts []*attempt
	ringing  bool
	hungUp   bool
	best     pbx.Cause
	trace    func(code int, phrase string) // told of each response; may be nil
}

// attempt is one INVITE and what came of it.
type attempt struct {
	out       *outgoing
	to        destination
	callID    string
	tag       string
	seq       uint32
	login     login
	req       *proto.Request
	tx        *clientTx
	abort     context.CancelFunc // of finding the way there
	heard     bool               // a provisional response came: CANCEL may go (RFC 3261 §9.1)
	cancel    proto.Header       // CANCEL is wanted, with this reason
	cancelled bool               // and was sent
	finished  bool
	early     map[string]*description // of early dialogs, by the peer's tag
	acks      map[string]*proto.Request
}

// callOut rings the destinations, of which there is at least one, and returns at once.
func (c *core) callOut(to pbx.Party, codecs []media.Codec, places []destination, trace func(int, string)) (*Leg, error) {
	callID := uuid.NewString()
	l := c.newLeg(to, callID)
	l.codecs = codecs
	out := &outgoing{Leg: l, trace: trace, best: pbx.CauseNone}
	for i, p := range places {
		a := &attempt{out: out, to: p, callID: callID, seq: 1, login: login{credentials: p.login}, early: map[string]*description{}, acks: map[string]*proto.Request{}}
		if i > 0 {
			a.callID = uuid.NewString() // dialogs of their own
		}
		a.tag = c.callerTag(a.callID)
		l.keys = append(l.keys, dialogKey(a.callID, a.tag))
		out.attempts = append(out.attempts, a)
	}
	if err := c.enter(l.keys[0], l); err != nil {
		return nil, err
	}
	for _, k := range l.keys[1:] {
		c.know(k, l)
	}
	l.phase = out
	if err := l.begin(places[0].hears()); err != nil {
		c.leave(l.keys, "")
		return nil, err
	}
	l.box.post(func() {
		for _, a := range out.attempts {
			a.start()
		}
	})
	return l, nil
}

// callerTag is our tag in calls we make, so that a late answer can be told to belong to one.
func (c *core) callerTag(callID string) string {
	return fmt.Sprintf("%x", c.signature([]byte("tag"+callID)))
}

func (d destination) hop() string {
	return (&dialog{target: d.uri, routes: d.routes, flow: d.flow, transport: d.transport}).nextHop()
}

// hears is where the sound goes, as far as that can be told before the answer.
func (d destination) hears() string {
	if d.sound != "" {
		return d.sound
	}
	return d.hop()
}

func (out *outgoing) ring(bool)          {}
func (out *outgoing) answer(media.Codec) {}

// hangup gives up: what still rings is cancelled. The leg stays until all have answered, since a 200 may be under way.
func (out *outgoing) hangup(c pbx.Cause) {
	if out.hungUp {
		return
	}
	out.hungUp = true
	out.end(c)
	out.cancelAll(reason(c), nil)
	out.settle()
}

func (out *outgoing) cancelAll(why proto.Header, but *attempt) {
	for _, a := range out.attempts {
		if a != but {
			a.giveUp(why)
		}
	}
}

// settle ends the leg once no attempt is under way and none has won.
func (out *outgoing) settle() {
	for _, a := range out.attempts {
		if !a.finished {
			return
		}
	}
	if out.phase == phase(out) {
		out.end(out.best)
		out.finish()
	}
}

// invite makes the INVITE, signed when we were challenged.
func (a *attempt) invite() *proto.Request {
	c := a.out.core
	id := proto.CallIDHeader(a.callID)
	req := proto.NewRequest(proto.INVITE, a.to.uri)
	hop := a.to.hop()
	req.AppendHeader(c.via(a.to.transport, hop))
	for _, r := range a.to.routes {
		req.AppendHeader(&proto.RouteHeader{Address: r})
	}
	from := a.to.from
	from.tag = a.tag
	req.AppendHeader(from.from())
	req.AppendHeader(a.to.to.to())
	req.AppendHeader(&id)
	req.AppendHeader(&proto.CSeqHeader{SeqNo: a.seq, MethodName: proto.INVITE})
	req.AppendHeader(c.contact(a.to.contact, a.to.transport, hop))
	req.AppendHeader(proto.NewHeader("Allow", allowed))
	for _, h := range a.to.headers {
		req.AppendHeader(h)
	}
	c.finish(req, a.to.transport)
	if len(a.to.routes) == 0 && a.to.flow != "" {
		req.SetDestination(a.to.flow)
	}
	req.AppendHeader(proto.NewHeader("Content-Type", "application/sdp"))
	req.SetBody(a.out.local.offer(a.out.codecs))
	a.login.sign(req)
	return req
}

// start sends the INVITE and keeps reading what comes back as long as the transaction lives: after a 200 for 32 s, because of forks.
func (a *attempt) start() {
	a.req = a.invite()
	if a.to.transport == "UDP" && a.to.tcpToo && a.out.core.tcp != nil && len(a.req.String()) > 1300 {
		a.to.transport = "TCP" // RFC 3261 §18.1.1
		a.req = a.invite()
	}
	ctx, abort := context.WithTimeout(a.out.core.life, final)
	a.abort = abort
	req := a.req
	a.out.core.spawn(func() {
		defer abort()
		tx, err := a.out.core.txs.begin(ctx, req, func(res *proto.Response) { a.again(req, res) })
		if err != nil {
			a.out.box.post(func() { a.failed(nil, err) })
			return
		}
		a.out.box.post(func() { a.tx = tx })
		a.read(tx)
	})
}

func (a *attempt) read(tx *clientTx) {
	over := tx.follow(a.out.core.ctx, func(res *proto.Response) bool {
		a.out.box.post(func() { a.response(tx, res) })
		return false
	})
	if errors.Is(over, errNoAnswer) {
		a.out.box.post(func() { a.failed(tx, tx.Err()) })
	}
	tx.Terminate() // nobody reads any more
}

// again takes a 2xx after the first: the same repeated because our ACK was lost, or from another fork. When the leg
// is over already, it is dismissed here.
func (a *attempt) again(req *proto.Request, res *proto.Response) {
	if complete(res) && !a.out.box.post(func() { a.success(res) }) {
		a.out.core.dismiss(res)
	}
}

func (a *attempt) response(tx *clientTx, res *proto.Response) {
	if !res.IsSuccess() && (a.finished || tx != a.tx) || !complete(res) && res.StatusCode < 300 && res.StatusCode > 100 {
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

func (a *attempt) provisional(res *proto.Response) {
	a.heard = true
	if a.cancel != nil {
		a.sendCancel()
		return
	}
	if res.StatusCode == 100 {
		return
	}
	if d, at, codec := a.sdp(res); d != nil {
		a.early[toTag(res)] = d
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
	if len(a.to.routes) > 0 && a.to.sound != "" {
		a.out.signal = addressOf(a.to.sound)
	}
}

// addressOf is the address in host:port; not valid for a name.
func addressOf(hostPort string) netip.Addr {
	at, _ := netip.ParseAddrPort(hostPort)
	return at.Addr().Unmap()
}

// sdp reads the answer in res: its audio line and the codec that we both speak. Nil without a usable one.
func (a *attempt) sdp(res *proto.Response) (*description, int, media.Codec) {
	if len(res.Body()) == 0 || mediaType(res) != "application/sdp" {
		return nil, 0, media.Codec{}
	}
	d, err := parseSDP(res.Body())
	if err != nil {
		a.out.log.Info("sip: SDP of the called side", "err", err)
		return nil, 0, media.Codec{}
	}
	return usable(d, a.out.codecs)
}

func usable(d *description, ours []media.Codec) (*description, int, media.Codec) {
	at := d.audio()
	if at < 0 {
		return nil, 0, media.Codec{}
	}
	both := d.media[at].codecs(ours)
	if len(both) == 0 {
		return nil, 0, media.Codec{}
	}
	return d, at, both[0]
}

// success takes a 2xx: the first one wins, a repeated one is ACKed again, all others are dismissed with ACK and BYE (RFC 3261 §13.2.2.4).
func (a *attempt) success(res *proto.Response) {
	if ack := a.acks[toTag(res)]; ack != nil {
		a.out.core.write(ack)
		return
	}
	a.finished = true
	if a.out.phase != phase(a.out) || a.out.hungUp {
		a.acks[toTag(res)] = a.out.core.dismiss(res)
		a.out.settle()
		return
	}
	a.win(res)
}

func (a *attempt) win(res *proto.Response) {
	out := a.out
	out.dialog = dialogFromResponse(res)
	out.dialog.localSeq = a.seq
	out.login = a.login.again()
	ack := a.out.core.inDialog(out.dialog, proto.ACK, a.seq)
	for _, name := range []string{"Authorization", "Proxy-Authorization"} { // §22.1
		for _, h := range a.req.GetHeaders(name) {
			ack.AppendHeader(proto.HeaderClone(h))
		}
	}
	a.acks[toTag(res)] = ack
	out.core.write(ack)
	out.cancelAll(reason(pbx.CauseElsewhere), a)
	out.phase = &talking{Leg: out.Leg}
	d, at, codec := a.sdp(res)
	if d == nil && a.early[toTag(res)] != nil && len(res.Body()) == 0 {
		d, at, codec = usable(a.early[toTag(res)], out.codecs)
	}
	if d == nil {
		out.phase.hangup(pbx.CauseNoCodec)
		return
	}
	a.locate(res)
	out.hear(d, at, codec, true)
	out.tell(pbx.Answered{Codec: codec})
	out.hold(d.media[at].held())
}

// dismiss ends a dialog that nobody wants; it returns the ACK, to be repeated when the 2xx is.
func (c *core) dismiss(res *proto.Response) *proto.Request {
	d := dialogFromResponse(res)
	ack := c.inDialog(d, proto.ACK, d.localSeq)
	c.write(ack)
	seq := d.localSeq
	c.spawn(func() {
		_, err := c.ask(c.life, &login{}, func() *proto.Request {
			seq++
			return c.inDialog(d, proto.BYE, seq)
		})
		if err != nil {
			c.log.Info("sip: BYE to an unwanted fork", "err", err)
		}
	})
	return ack
}

// stray takes a response that no transaction waits for: one that we pass on, or a 2xx to a call of ours must not leave a ghost behind.
func (c *core) stray(res *proto.Response) {
	if c.relayBack(res) {
		return
	}
	if !res.IsSuccess() || !complete(res) || res.CSeq().MethodName != proto.INVITE || tagOf(res.From()) != c.callerTag(string(*res.CallID())) {
		return
	}
	if c.ctx.Err() == nil {
		c.dismiss(res)
	}
}

func (c *core) write(req *proto.Request) {
	if err := c.net.WriteMsg(req); err != nil {
		c.log.Info("sip: not sent", "method", req.Method, "to", req.Destination(), "err", err)
	}
}

// refused takes a final response of 300 or more; the transaction has ACKed it.
func (a *attempt) refused(res *proto.Response) {
	if a.cancel == nil && a.login.accept(res) {
		a.seq++
		a.tx, a.heard = nil, false
		a.start()
		return
	}
	a.out.consider(causeOf(res))
	a.finished = true
	if res.StatusCode >= 600 && !a.out.hungUp { // nobody else shall ring (RFC 3261 §16.7 step 5)
		a.out.cancelAll(reason(pbx.CauseCancelled), a)
	}
	a.out.settle()
}

// failed: no final response, or no way to the destination.
func (a *attempt) failed(tx *clientTx, err error) {
	if a.finished || tx != a.tx { // the transaction that was challenged ran out
		return
	}
	a.out.log.Info("sip: call not placed", "to", a.req.Destination(), "err", err)
	a.out.consider(pbx.CauseUnavailable)
	a.finished = true
	a.out.settle()
}

// consider keeps the cause that tells most: a person's answer before a machine's.
func (out *outgoing) consider(c pbx.Cause) {
	rank := func(c pbx.Cause) int {
		order := []pbx.Cause{pbx.CauseNone, pbx.CauseFailed, pbx.CauseUnavailable, pbx.CauseOverload, pbx.CauseNotFound, pbx.CauseForbidden,
			pbx.CauseNoCodec, pbx.CauseCancelled, pbx.CauseNoAnswer, pbx.CauseBusy, pbx.CauseDeclined}
		for i, x := range order {
			if x == c {
				return i
			}
		}
		return 1
	}
	if rank(c) > rank(out.best) {
		out.best = c
	}
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
		if _, err := a.out.core.once(a.out.core.life, req); err != nil {
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
	c.finish(req, invite.Transport())
	req.SetDestination(invite.MessageData.Destination())
	return req
}

// dialled is the number or name in a URI: its user part unescaped, without parameters of a telephone-subscriber.
func dialled(u proto.Uri) string {
	user := u.User
	if u.Scheme == "tel" {
		user = u.Raw()
	}
	user, _, _ = strings.Cut(user, ";")
	return unescape(user)
}

func unescape(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '%' && i+2 < len(s) {
			var c byte
			if _, err := fmt.Sscanf(s[i+1:i+3], "%02x", &c); err == nil && c >= ' ' {
				b.WriteByte(c)
				i += 2
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
