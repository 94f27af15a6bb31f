package sip

import (
	"fmt"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/sip/dialog"
	"frontdesk/sip/edge"
	"frontdesk/sip/rtp"
	"frontdesk/sip/stack"
)

// incoming is the phase of a leg that calls us, until it is answered (RFC 3261 §13.3).
type incoming struct {
	*Leg
	req   *proto.Request
	tx    *proto.ServerTx
	offer *rtp.Description // nil: the INVITE had none, and we offer
	early bool             // sound may be played before the answer
	sung  media.Codec      // the codec of the 183, when there was one

	reliable reliable
	sent     map[int]bool     // codes of the responses that have to be confirmed
	chosen   *media.Codec     // the answer, which waits for a PRACK (RFC 3262 §5)
	offered  bool             // the INVITE had no offer: the first of them brought ours, and its PRACK has to bring …
	agreed   *rtp.Description // … the answer (§5)
}

func (*incoming) confirmed()  {}
func (*incoming) talks() bool { return false }

// admitCall makes the leg of an INVITE and starts it; problems are answered here.
func (c *core) admitCall(req *proto.Request, tx *proto.ServerTx, by caller) (*Leg, bool) {
	callID := string(*req.CallID())
	from := c.Origin(req).At
	l := c.newLeg(by.party, callID)
	l.encrypt, l.byInfo = by.encrypt, by.trunk != nil && by.trunk.DTMF == directory.DTMFByInfo
	l.strict, l.signal = by.trunk != nil && by.trunk.Strict, from.Addr()
	in := &incoming{Leg: l, req: req, tx: tx, sent: map[int]bool{}}
	in.reliable = reliable{leg: l, tx: tx, required: needsReliable(req), lost: in.unconfirmed}
	if r, bad := in.read(by.codecs); bad {
		c.TurnAway(req, tx, r)
		return nil, false
	}
	l.merged = fmt.Sprintf("%s\x00%s\x00%d", callID, edge.TagOf(req.From()), req.CSeq().SeqNo)
	if !c.dialogs.Unmerged(l.merged) {
		c.TurnAway(req, tx, edge.Refusal{Code: 482, Phrase: "Loop Detected"})
		return nil, false
	}
	l.dialog = dialog.FromRequest(req, edge.ToTag(req))
	l.session = dialog.NewSessionTimer(req, l.dialog.Allow)
	l.keys = []string{dialog.Key(callID, edge.ToTag(req))}
	if err := c.dialogs.Enter(l.keys[0], l); err != nil {
		c.dialogs.ForgetMerged(l.merged)
		c.TurnAway(req, tx, stack.Later(10))
		return nil, false
	}
	l.phase = in
	if err := l.begin(from.String()); err != nil {
		c.Log.Error("sip: call refused", "err", err)
		c.dialogs.Leave(l.keys, l.merged)
		c.TurnAway(req, tx, stack.Later(10))
		return nil, false
	}
	in.watchTransaction()
	return l, true
}

// read takes the offer out of the INVITE. Its codecs are those of known that the caller speaks, in the caller's order.
func (in *incoming) read(known []media.Codec) (edge.Refusal, bool) {
	if r, bad := dialog.TooBrief(in.req); bad {
		return r, true
	}
	readable(in.core.ctx, in.req)
	if len(in.req.Body()) == 0 || edge.MediaType(in.req) != "application/sdp" {
		in.codecs = known
		return edge.Refusal{}, false
	}
	offer, err := rtp.Parse(in.req.Body())
	if err != nil {
		return unreadable(err), true
	}
	at := offer.Audio(in.encrypt)
	if at < 0 {
		return unusable(offer, in.encrypt), true
	}
	in.codecs = offer.Media[at].Codecs(known)
	if len(in.codecs) == 0 {
		return edge.Refusal{Code: 488, Phrase: "Not Acceptable Here", Headers: warn(305, "Incompatible media format")},
			true
	}
	in.offer, in.audio = offer, at
	return edge.Refusal{}, false
}

// watchTransaction looks for the caller's CANCEL, and for ACKs of phones that send them within the INVITE's
// transaction.
func (in *incoming) watchTransaction() {
	cancelled := func(*proto.Request) { in.post(in.cancelled) }
	if !in.tx.OnCancel(cancelled) {
		in.post(in.cancelled)
	}
	in.core.spawn(func() {
		for {
			select {
			case ack := <-in.tx.Acks():
				in.acknowledge(ack)
			case <-in.done:
				return
			case <-in.tx.Done():
				return
			}
		}
	})
}

// cancelled: the transaction has answered 487 by itself.
func (in *incoming) cancelled() {
	if in.phase != phase(in) {
		return // the 200 crossed the CANCEL: the caller will send BYE (RFC 3261 §9.1)
	}
	in.end(pbx.CauseCancelled)
	in.finish()
}

// ring sends 180; when the codec is known and something is played, 183 with our description.
func (in *incoming) ring(early bool) {
	in.early = in.early || early
	if !early || !in.sing() {
		in.progress(180, "Ringing", nil)
	}
}

func (in *incoming) played() { in.sing() }

// sing opens the early media path for what is played; false when there is none.
func (in *incoming) sing() bool {
	switch {
	case in.sung.Name != "":
		return true
	case !in.early || in.playing == nil:
		return false
	case in.agreed != nil: // our offer was answered already
		in.sung = in.playing.Codec
		in.hear(in.agreed, in.audio, in.sung, true)
		return true
	case in.offer == nil || in.offer.Media[in.audio].Payload(in.playing.Codec) == rtp.NoPT:
		return false
	}
	in.sung = in.playing.Codec
	in.hear(in.offer, in.audio, in.sung, false)
	in.progress(183, "Session Progress", in.local.Answer(in.offer, in.audio, in.sung))
	return true
}

func (in *incoming) progress(code int, phrase string, sdp []byte) {
	if in.reliable.required {
		in.confirmable(code, phrase, sdp)
		return
	}
	in.core.Send(in.tx, in.reply(code, phrase, sdp))
}

func (in *incoming) reply(code int, phrase string, sdp []byte) *proto.Response {
	return in.replyTo(in.req, code, phrase, sdp)
}

// answer sends the 200.
func (in *incoming) answer(codec media.Codec) {
	if in.reliable.waits() {
		in.chosen = &codec
		return
	}
	res := in.reply(200, "OK", in.describe(codec))
	in.session.Answer(res)
	in.codec = codec
	in.listen(codec)
	in.phase = &talking{Leg: in.Leg, caller: true}
	if err := in.core.Send(in.tx, res); err != nil {
		in.lost()
		return
	}
	in.await(in.req, in.tx, res)
	in.awaitRefresh()
	if d := in.agreed; d != nil {
		in.hold(&d.Media[in.audio])
	}
}

// listen opens the sound before the 200 goes: the caller may speak at once, unless our offer waits for his answer.
func (in *incoming) listen(codec media.Codec) {
	switch {
	case in.offer != nil:
		in.hear(in.offer, in.audio, codec, false)
	case in.agreed != nil:
		in.hear(in.agreed, in.audio, codec, true)
	}
}

// describe is our description in the 200; none when all is agreed.
func (in *incoming) describe(codec media.Codec) []byte {
	switch {
	case in.offer != nil:
		return in.local.Answer(in.offer, in.audio, codec)
	case in.agreed != nil:
		return nil
	default:
		return in.local.Offer([]media.Codec{codec})
	}
}

// lost: the 200 could not be sent, because the caller's CANCEL was first. What the transaction repeats must be its 487,
// not our 200.
func (in *incoming) lost() {
	in.tx.Respond(in.core.Response(in.req, 487, "Request Terminated", nil))
	in.end(pbx.CauseCancelled)
	in.finish()
}

// hangup refuses the call.
func (in *incoming) hangup(c pbx.Cause) {
	s := statusOf(c)
	headers := []proto.Header{proto.NewHeader("Reason", fmt.Sprintf(`Q.850;cause=%d`, s.q850))}
	if s.code == 503 {
		headers = append(headers, proto.NewHeader("Retry-After", "10"))
	}
	in.core.Respond(in.req, in.tx, s.code, s.phrase, headers...)
	in.end(c)
	in.finish()
}

// confirmable sends a provisional response that has to be confirmed. The first one brings our offer, where the INVITE
// had none.
func (in *incoming) confirmable(code int, phrase string, sdp []byte) {
	if sdp == nil && in.sent[code] {
		return
	}
	if in.offer == nil && !in.offered {
		in.offered, sdp = true, in.local.Offer(in.codecs)
	}
	in.sent[code] = true
	in.reliable.queue(in.reply(code, phrase, sdp))
}

func (in *incoming) unconfirmed() {
	in.log.Info("sip: no PRACK, call is refused")
	in.hangup(pbx.CauseFailed)
}

func (in *incoming) within(req *proto.Request, tx *proto.ServerTx) {
	switch req.Method {
	case proto.BYE: // a caller may end an early dialog so (RFC 3261 §15)
		in.core.Respond(req, tx, 200, "OK")
		in.core.Respond(in.req, in.tx, 487, "Request Terminated")
		in.end(pbx.CauseCancelled)
		in.finish()
	case proto.UPDATE:
		in.onUpdate(req, tx)
	case proto.INVITE: // another INVITE is under way in the dialog (§14.2)
		in.core.Respond(req, tx, 500, "Request Pending", proto.NewHeader("Retry-After", "2"))
	case proto.PRACK:
		in.onPrack(req, tx)
	default:
		in.beside(req, tx)
	}
}

// onUpdate takes a new offer once the one before is answered for good, which is when the 183 with our answer was
// confirmed (RFC 3311 §5.2).
func (in *incoming) onUpdate(req *proto.Request, tx *proto.ServerTx) {
	if len(req.Body()) > 0 && (in.sung.Name == "" || !in.reliable.required || in.reliable.waits()) {
		in.core.Respond(req, tx, 500, "Request Pending", proto.NewHeader("Retry-After", "2"))
		return
	}
	body, r, bad := in.renegotiate(req)
	if bad {
		in.core.Refuse(req, tx, r)
		return
	}
	if body != nil && in.offer != nil { // which the 200 answers
		in.offer = in.last
	}
	in.core.Send(tx, in.replyTo(req, 200, "OK", body))
}

// onPrack confirms. It brings the answer to an offer of ours; later, and where the INVITE had the offer, it may bring a
// new one (RFC 3262 §5).
func (in *incoming) onPrack(req *proto.Request, tx *proto.ServerTx) {
	if !in.reliable.named(req, in.req.CSeq().SeqNo) {
		in.core.Refuse(req, tx, edge.UnknownDialog())
		return
	}
	if in.offered && in.agreed == nil {
		in.agree(req, tx)
		return
	}
	var body []byte
	if len(req.Body()) > 0 {
		r, bad := edge.Refusal{Code: 488, Phrase: "Not Acceptable Here"}, in.codec.Name == ""
		if !bad {
			body, r, bad = in.renegotiate(req)
		}
		if bad {
			in.core.Refuse(req, tx, r)
			return
		}
	}
	in.core.Send(tx, in.replyTo(req, 200, "OK", body))
	in.goOn()
}

// agree takes the answer to our offer. Without a usable one the response is confirmed all the same, and the call
// refused.
func (in *incoming) agree(prack *proto.Request, tx *proto.ServerTx) {
	d, err := rtp.Parse(prack.Body())
	at := -1
	if err == nil {
		at = d.Audio(in.encrypt)
	}
	in.core.Send(tx, in.replyTo(prack, 200, "OK", nil))
	if at < 0 || len(d.Media[at].Codecs(in.codecs)) == 0 {
		in.log.Info("sip: PRACK without a usable answer, call is refused", "err", err)
		in.hangup(pbx.CauseNoCodec)
		return
	}
	in.agreed, in.audio = d, at
	in.sing()
	in.goOn()
}

// goOn sends what waited for the PRACK: the next provisional response, or the answer.
func (in *incoming) goOn() {
	in.reliable.confirmed()
	if in.chosen != nil && !in.reliable.waits() {
		in.answer(*in.chosen)
	}
}
