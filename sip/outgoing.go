package sip

import (
	"net/netip"
	"slices"

	proto "github.com/emiago/sipgo/sip"
	"github.com/google/uuid"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/sip/dialog"
	"frontdesk/sip/edge"
	"frontdesk/sip/rtp"
	"frontdesk/sip/stack"
)

// outgoing is the phase of a leg that we call, until it is answered. All its destinations ring; the first to answer is
// taken.
type outgoing struct {
	*Leg
	attempts []*attempt
	ringing  bool
	hungUp   bool
	best     pbx.Cause
	trace    func(code int, phrase string) // told of each response; may be nil
}

func (*outgoing) ring(bool)          {}
func (*outgoing) answer(media.Codec) {}
func (*outgoing) played()            {}
func (*outgoing) confirmed()         {}
func (*outgoing) talks() bool        { return false }

// callOut rings the destinations, of which there is at least one, and returns at once.
func (c *core) callOut(to pbx.Party, codecs []media.Codec, places []destination,
	trace func(int, string)) (*Leg, error) {
	callID := uuid.NewString()
	l := c.newLeg(to, callID)
	l.codecs = codecs
	out := &outgoing{Leg: l, trace: trace, best: pbx.CauseNone}
	for i, p := range places {
		if i > 0 {
			callID = uuid.NewString() // dialogs of their own
		}
		out.add(p, callID)
	}
	if err := c.dialogs.Enter(l.keys[0], l); err != nil {
		return nil, err
	}
	for _, k := range l.keys[1:] {
		c.dialogs.Know(k, l)
	}
	l.phase = out
	if err := l.begin(places[0].hears()); err != nil {
		c.dialogs.Leave(l.keys, "")
		return nil, err
	}
	l.post(func() {
		for _, a := range out.attempts {
			a.start()
		}
	})
	return l, nil
}

// add makes an attempt, that is not started yet.
func (out *outgoing) add(to destination, callID string) *attempt {
	a := out.attempt(to, callID, out)
	out.keys = append(out.keys, a.key())
	out.attempts = append(out.attempts, a)
	return a
}

// within: a session that is not there yet can't be changed, and nothing else can be asked (RFC 3261 §14.2).
func (out *outgoing) within(req *proto.Request, tx *proto.ServerTx) {
	if req.Method == proto.INVITE || req.Method == proto.UPDATE {
		out.core.Respond(req, tx, 491, "Request Pending")
		return
	}
	out.core.Respond(req, tx, 481, "Call/Transaction Does Not Exist")
}

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
		if !a.finished && !a.passed {
			return
		}
	}
	if out.undecided() {
		out.end(out.best)
		out.finish()
	}
}

// undecided: nobody has answered, and the leg is not over.
func (out *outgoing) undecided() bool { return out.phase == phase(out) }

// consider keeps the cause that tells most: a person's answer before a machine's.
func (out *outgoing) consider(c pbx.Cause) {
	rank := func(c pbx.Cause) int {
		order := []pbx.Cause{pbx.CauseNone, pbx.CauseFailed, pbx.CauseUnavailable, pbx.CauseOverload, pbx.CauseNotFound,
			pbx.CauseForbidden,
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

// silent implements judge: a place that says nothing is given up; should it ring after all, it is cancelled.
func (out *outgoing) silent(a *attempt) {
	out.log.Info("sip: no answer in time", "to", a.req.Destination(), "after", a.to.waits)
	a.passed, a.cancel = true, reason(pbx.CauseCancelled)
	out.elsewhere(a, pbx.CauseUnavailable)
}

// elsewhere tries the next place, or ends with cause when there is none.
func (out *outgoing) elsewhere(a *attempt, cause pbx.Cause) {
	out.consider(cause)
	if a.to.tried != nil {
		a.to.tried(a.to.Place(), false)
	}
	if len(a.to.others) == 0 || out.hungUp || !out.undecided() {
		out.settle()
		return
	}
	to := a.to.others[0]
	to.others = a.to.others[1:]
	out.instead(to)
}

// instead makes another attempt in the place of one.
func (out *outgoing) instead(to destination) {
	next := out.add(to, uuid.NewString())
	out.core.dialogs.Know(next.key(), out.Leg)
	next.start()
}

// answered implements judge.
func (out *outgoing) answered(a *attempt, tx *stack.ClientTx, res *proto.Response) {
	if !res.IsSuccess() && (a.finished || tx != a.tx) ||
		!dialog.Complete(res) && res.StatusCode < 300 && res.StatusCode > 100 {
		return
	}
	if out.trace != nil {
		out.trace(res.StatusCode, res.Reason)
	}
	switch {
	case res.IsProvisional():
		out.provisional(a, res)
	case res.IsSuccess():
		out.accepted(a, res)
	default:
		out.refused(a, res)
	}
}

func (out *outgoing) provisional(a *attempt, res *proto.Response) {
	a.works()
	if a.cancel != nil {
		a.sendCancel()
		return
	}
	if res.StatusCode == 100 || !a.confirm(res) {
		return
	}
	if d, at, codec := out.sdp(a, res); d != nil {
		a.early[edge.ToTag(res)] = d
		out.locate(a, res)
		out.hear(d, at, codec, true)
	}
	if !out.ringing && (res.StatusCode == 180 || res.StatusCode == 183) {
		out.ringing = true
		out.tell(pbx.Ringing{})
	}
}

// locate tells the leg what holds of who answers, and where its signalling comes from: past proxies, where it
// registered from.
func (out *outgoing) locate(a *attempt, res *proto.Response) {
	out.encrypt, out.local.Encrypt, out.byInfo = a.to.encrypt, a.to.encrypt, a.to.byInfo
	out.local.Web = a.to.browser
	out.strict, out.signal = a.to.strict, addressOf(res.Source())
	if len(a.to.Routes) > 0 && a.to.Sound != "" {
		out.signal = addressOf(a.to.Sound)
	}
}

// addressOf is the address in host:port; not valid for a name.
func addressOf(hostPort string) netip.Addr {
	at, _ := netip.ParseAddrPort(hostPort)
	return at.Addr().Unmap()
}

// sdp reads the answer in res: its audio line and the codec that we both speak. Nil without a usable one.
func (out *outgoing) sdp(a *attempt, res *proto.Response) (*rtp.Description, int, media.Codec) {
	if len(res.Body()) == 0 || edge.MediaType(res) != "application/sdp" {
		return nil, 0, media.Codec{}
	}
	d, err := rtp.Parse(res.Body())
	if err != nil {
		out.log.Info("sip: SDP of the called side", "err", err)
		return nil, 0, media.Codec{}
	}
	return usable(d, a.to.encrypt, out.codecs)
}

// accepted implements judge, and takes the first 2xx as well: that one wins, a repeated one is ACKed again, all others
// are dismissed with ACK and BYE (RFC 3261 §13.2.2.4).
func (out *outgoing) accepted(a *attempt, res *proto.Response) {
	if ack := a.acks[edge.ToTag(res)]; ack != nil {
		out.core.write(ack)
		return
	}
	a.finished = true
	if !out.undecided() || out.hungUp || a.passed {
		a.acks[edge.ToTag(res)] = out.core.dismiss(res)
		out.settle()
		return
	}
	out.win(a, res)
}

func (out *outgoing) win(a *attempt, res *proto.Response) {
	out.dialog = a.acknowledge(res)
	out.login = a.login.Again()
	out.cancelAll(reason(pbx.CauseElsewhere), a)
	out.phase = &talking{Leg: out.Leg}
	d, at, codec := out.sdp(a, res)
	if d == nil && a.early[edge.ToTag(res)] != nil && len(res.Body()) == 0 {
		d, at, codec = usable(a.early[edge.ToTag(res)], a.to.encrypt, out.codecs)
	}
	if d == nil {
		out.phase.hangup(pbx.CauseNoCodec)
		return
	}
	out.locate(a, res)
	out.hear(d, at, codec, true)
	out.tell(pbx.Answered{Codec: codec})
	out.hold(&d.Media[at])
}

// refused takes a final response of 300 or more; the transaction has ACKed it.
func (out *outgoing) refused(a *attempt, res *proto.Response) {
	if a.signed(res) {
		return
	}
	a.finished = true
	if res.StatusCode == 503 && !a.passed { // RFC 3263 §4.3
		out.elsewhere(a, causeOf(res))
		return
	}
	a.works()
	if res.IsRedirection() && out.redirected(a, res) {
		return
	}
	out.consider(causeOf(res))
	if res.StatusCode >= 600 && !out.hungUp { // nobody else shall ring (RFC 3261 §16.7 step 5)
		out.cancelAll(reason(pbx.CauseCancelled), a)
	}
	out.settle()
}

// redirected takes a 3xx (RFC 3261 §8.1.3.4). A carrier that sends the same number to another of its servers is
// followed here; numbers are for the exchange to dial, which knows what may be dialled. False when the attempt ends
// with it.
func (out *outgoing) redirected(a *attempt, res *proto.Response) bool {
	for _, uri := range edge.Contacts(res) {
		number := edge.Dialled(uri)
		if a.to.mayGo != nil && number == edge.Dialled(a.to.URI) {
			if p, ok := a.to.mayGo(uri); ok {
				to := a.to
				to.URI, to.Transport, to.Flow, to.mayGo = uri, p.Transport, p.At.String(), nil
				out.instead(to)
				return true
			}
		}
		if number != "" && !slices.Contains(out.moved, number) {
			out.moved = append(out.moved, number)
		}
	}
	return false
}

// failed implements judge.
func (out *outgoing) failed(a *attempt, tx *stack.ClientTx, err error) {
	if a.finished || tx != a.tx { // the transaction that was challenged ran out
		return
	}
	out.log.Info("sip: call not placed", "to", a.req.Destination(), "err", err)
	a.finished = true
	if a.passed {
		out.settle()
		return
	}
	out.elsewhere(a, pbx.CauseUnavailable)
}
