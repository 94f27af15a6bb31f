package sip

import (
	"fmt"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/media"
	"frontdesk/pbx"
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
}

// admitCall makes the leg of an INVITE and starts it; problems are answered here.
func (c *core) admitCall(req *proto.Request, tx *proto.ServerTx, by caller) (*Leg, bool) {
	callID := string(*req.CallID())
	from := c.Origin(req).At
	l := c.newLeg(by.party, callID)
	l.strict, l.signal = by.trunk != nil && by.trunk.Strict, from.Addr()
	in := &incoming{Leg: l, req: req, tx: tx, reliable: reliable{required: needsReliable(req)}}
	if r, bad := in.read(by.codecs); bad {
		c.TurnAway(req, tx, r)
		return nil, false
	}
	l.merged = fmt.Sprintf("%s\x00%s\x00%d", callID, edge.TagOf(req.From()), req.CSeq().SeqNo)
	if !c.unmerged(l.merged) {
		c.TurnAway(req, tx, edge.Refusal{Code: 482, Phrase: "Loop Detected"})
		return nil, false
	}
	l.dialog = dialogFromRequest(req, edge.ToTag(req))
	l.session = newSessionTimer(req)
	l.keys = []string{dialogKey(callID, edge.ToTag(req))}
	if err := c.enter(l.keys[0], l); err != nil {
		c.forgetMerged(l.merged)
		c.TurnAway(req, tx, stack.Later(10))
		return nil, false
	}
	l.phase = in
	if err := l.begin(from.String()); err != nil {
		c.Log.Error("sip: call refused", "err", err)
		c.leave(l.keys, l.merged)
		c.TurnAway(req, tx, stack.Later(10))
		return nil, false
	}
	in.watchTransaction()
	return l, true
}

// unmerged notes an INVITE as being served; false when the same one is, by another way through the network (RFC 3261
// §8.2.2.2).
func (c *core) unmerged(key string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.merged[key] {
		return false
	}
	c.merged[key] = true
	return true
}

func (c *core) forgetMerged(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.merged, key)
}

// read takes the offer out of the INVITE. Its codecs are those of known that the caller speaks, in the caller's order.
func (in *incoming) read(known []media.Codec) (edge.Refusal, bool) {
	if r, bad := tooBrief(in.req); bad {
		return r, true
	}
	in.core.readable(in.req)
	if len(in.req.Body()) == 0 || edge.MediaType(in.req) != "application/sdp" {
		in.codecs = known
		return edge.Refusal{}, false
	}
	offer, err := rtp.Parse(in.req.Body())
	if err != nil {
		return unreadable(err), true
	}
	at := offer.Audio()
	if at < 0 {
		return unusable(offer), true
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
	cancelled := func(*proto.Request) { in.box.post(in.cancelled) }
	if !in.tx.OnCancel(cancelled) {
		in.box.post(in.cancelled)
	}
	in.core.spawn(func() {
		for {
			select {
			case ack := <-in.tx.Acks():
				in.box.post(func() { in.acked(ack) })
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

// sing opens the early media path for what is played; false when there is none.
func (in *incoming) sing() bool {
	switch {
	case in.sung.Name != "":
		return true
	case !in.early || in.playing == nil:
		return false
	case in.reliable.agreed != nil: // our offer was answered already
		in.sung = in.playing.Codec
		in.hear(in.reliable.agreed, in.audio, in.sung, true)
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

// reply is a response that makes or keeps the dialog.
func (l *Leg) replyTo(req *proto.Request, code int, phrase string, sdp []byte) *proto.Response {
	res := l.core.Response(req, code, phrase, sdp, l.core.Contact("", l.dialog.transport, req.Source()),
		proto.NewHeader("Allow", edge.Allowed), proto.NewHeader("Supported", edge.Supported))
	if sdp != nil {
		res.AppendHeader(proto.NewHeader("Content-Type", "application/sdp"))
	}
	return res
}

func (in *incoming) reply(code int, phrase string, sdp []byte) *proto.Response {
	return in.replyTo(in.req, code, phrase, sdp)
}

// answer sends the 200.
func (in *incoming) answer(codec media.Codec) {
	if len(in.reliable.waiting) > 0 {
		in.reliable.answer = &codec
		return
	}
	res := in.reply(200, "OK", in.describe(codec))
	in.session.answer(res)
	in.codec = codec
	in.listen(codec)
	in.phase = &talking{Leg: in.Leg, caller: true}
	if err := in.core.Send(in.tx, res); err != nil {
		in.lost()
		return
	}
	in.await(in.req, in.tx, res)
	in.session.run(in.Leg)
	if d := in.reliable.agreed; d != nil {
		in.hold(&d.Media[in.audio])
	}
}

// listen opens the sound before the 200 goes: the caller may speak at once, unless our offer waits for his answer.
func (in *incoming) listen(codec media.Codec) {
	switch {
	case in.offer != nil:
		in.hear(in.offer, in.audio, codec, false)
	case in.reliable.agreed != nil:
		in.hear(in.reliable.agreed, in.audio, codec, true)
	}
}

// describe is our description in the 200; none when all is agreed.
func (in *incoming) describe(codec media.Codec) []byte {
	switch {
	case in.offer != nil:
		return in.local.Answer(in.offer, in.audio, codec)
	case in.reliable.agreed != nil:
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

// answer is a 2xx of ours to an INVITE, repeated until its ACK comes (RFC 3261 §13.3.1.4).
type answer struct {
	seq   uint32
	offer bool // it carries our offer: the ACK must bring the answer
	timer *time.Timer
}

func (a *answer) stop() { a.timer.Stop() }

// await repeats res until the ACK comes: after T1, then twice as long each time up to T2 = 8 × T1; at 64 × T1 the
// dialog ends.
func (l *Leg) await(req *proto.Request, tx *proto.ServerTx, res *proto.Response) {
	a := &answer{seq: req.CSeq().SeqNo, offer: len(req.Body()) == 0 && len(res.Body()) > 0}
	l.answers = append(l.answers, a)
	l.repeat(a, tx, res, l.core.cfg.T1, 0)
}

func (l *Leg) repeat(a *answer, tx *proto.ServerTx, res *proto.Response, wait, waited time.Duration) {
	t1 := l.core.cfg.T1
	a.timer = l.after(wait, func() {
		if !l.waiting(a) {
			return
		}
		if waited += wait; waited >= 64*t1 {
			l.unacknowledged(a)
			return
		}
		l.core.Send(tx, res)
		l.repeat(a, tx, res, min(2*wait, 8*t1, 64*t1-waited), waited)
	})
}

func (l *Leg) waiting(a *answer) bool {
	for _, x := range l.answers {
		if x == a {
			return true
		}
	}
	return false
}

// unacknowledged: the peer never confirmed; the session ends with BYE.
func (l *Leg) unacknowledged(a *answer) {
	l.log.Info("sip: no ACK, call ends")
	l.forget(a)
	l.bye(pbx.CauseFailed)
	l.end(pbx.CauseFailed)
	l.finish()
}

func (l *Leg) forget(a *answer) {
	for i, x := range l.answers {
		if x == a {
			a.stop()
			l.answers = append(l.answers[:i], l.answers[i+1:]...)
			return
		}
	}
}

// acked takes an ACK to one of our 2xx.
func (l *Leg) acked(ack *proto.Request) {
	for _, a := range l.answers {
		if a.seq != ack.CSeq().SeqNo {
			continue
		}
		l.forget(a)
		if a.offer {
			l.lateAnswer(ack.Body())
		}
		if t, ok := l.phase.(*talking); ok {
			t.confirmed()
		}
		return
	}
}

// lateAnswer reads the answer to an offer that stood in our 2xx.
func (l *Leg) lateAnswer(body []byte) {
	d, err := rtp.Parse(body)
	at := -1
	if err == nil {
		at = d.Audio()
	}
	if at < 0 || d.Media[at].Spoken(l.codec).Name == "" {
		l.log.Info("sip: ACK without a usable answer, call ends", "err", err)
		l.phase.hangup(pbx.CauseNoCodec)
		return
	}
	l.hear(d, at, l.codec, true)
	l.hold(&d.Media[at])
}
