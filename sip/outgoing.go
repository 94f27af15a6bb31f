package sip

import (
	"time"

	proto "github.com/emiago/sipgo/sip"
	"github.com/google/uuid"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/sip/edge"
	"frontdesk/sip/rtp"
	"frontdesk/sip/stack"
)

// destination is one place to ring.
type destination struct {
	stack.Way
	from, to stack.Party
	contact  string // user part of our Contact
	headers  []proto.Header
	login    stack.Credentials
	tcpToo   bool // large requests may go over TCP
	strict   bool // see Leg

	others []destination                      // tried one after the other when this one can't take the call, or is not heard from in time
	waits  time.Duration                      // that time; 0: as long as the transaction lives
	tried  func(edge.Place, bool)             // told whether a place takes calls; may be nil
	mayGo  func(proto.Uri) (edge.Place, bool) // where a redirection of the call itself may lead; nil: nowhere
}

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

// callOut rings the destinations, of which there is at least one, and returns at once.
func (c *core) callOut(to pbx.Party, codecs []media.Codec, places []destination, trace func(int, string)) (*Leg,
	error) {
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

// add makes an attempt, that is not started yet.
func (out *outgoing) add(to destination, callID string) *attempt {
	a := &attempt{out: out, to: to, callID: callID, tag: out.core.CallerTag(callID), seq: 1,
		login: stack.Login{Credentials: to.login},
		early: map[string]*rtp.Description{}, acks: map[string]*proto.Request{}}
	out.keys = append(out.keys, dialogKey(callID, a.tag))
	out.attempts = append(out.attempts, a)
	return a
}

// hears is where the sound goes, as far as that can be told before the answer.
func (d destination) hears() string {
	if d.Sound != "" {
		return d.Sound
	}
	return d.Hop()
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
		if !a.finished && !a.passed {
			return
		}
	}
	if out.phase == phase(out) {
		out.end(out.best)
		out.finish()
	}
}

// dismiss ends a dialog that nobody wants; it returns the ACK, to be repeated when the 2xx is.
func (c *core) dismiss(res *proto.Response) *proto.Request {
	d := dialogFromResponse(res)
	ack := c.inDialog(d, proto.ACK, d.localSeq)
	c.write(ack)
	seq := d.localSeq + prackSeqs
	c.spawn(func() {
		_, err := c.Ask(c.life, &stack.Login{}, func() *proto.Request {
			seq++
			return c.inDialog(d, proto.BYE, seq)
		})
		if err != nil {
			c.Log.Info("sip: BYE to an unwanted fork", "err", err)
		}
	})
	return ack
}

// stray takes a response that no transaction waits for: a 2xx to a call of ours must not leave a ghost behind.
func (c *core) stray(res *proto.Response) {
	if !res.IsSuccess() || !complete(res) || res.CSeq().MethodName != proto.INVITE ||
		edge.TagOf(res.From()) != c.CallerTag(string(*res.CallID())) {
		return
	}
	if c.ctx.Err() == nil {
		c.dismiss(res)
	}
}

func (c *core) write(req *proto.Request) {
	if err := c.Net.WriteMsg(req); err != nil {
		c.Log.Info("sip: not sent", "method", req.Method, "to", req.Destination(), "err", err)
	}
}

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
