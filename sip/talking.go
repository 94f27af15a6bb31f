package sip

import (
	proto "github.com/emiago/sipgo/sip"

	"frontdesk/media"
	"frontdesk/pbx"
)

// talking is the phase of an answered leg.
type talking struct {
	*Leg
	caller  bool      // the peer called us
	leaving bool      // hung up, but BYE has to wait for the ACK (RFC 3261 §15)
	why     pbx.Cause // then
}

func (*talking) ring(bool)          {}
func (*talking) answer(media.Codec) {}
func (*talking) played()            {}
func (t *talking) talks() bool      { return !t.leaving }

func (t *talking) hangup(c pbx.Cause) {
	if t.leaving {
		return
	}
	t.end(c)
	if t.caller && len(t.answers) > 0 {
		t.leaving, t.why = true, c
		return
	}
	t.bye(c)
	t.finish()
}

func (t *talking) confirmed() {
	if t.leaving {
		t.bye(t.why)
		t.finish()
	}
}

func (t *talking) within(req *proto.Request, tx *proto.ServerTx) {
	switch req.Method {
	case proto.BYE:
		t.core.Respond(req, tx, 200, "OK")
		t.end(pbx.CauseNormal)
		t.finish()
	case proto.INVITE:
		t.onReinvite(req, tx)
	case proto.UPDATE:
		t.onUpdate(req, tx)
	case proto.REFER:
		t.onRefer(req, tx)
	default:
		t.beside(req, tx)
	}
}

// onReinvite changes the session (RFC 3261 §14.2).
func (t *talking) onReinvite(req *proto.Request, tx *proto.ServerTx) {
	if t.leaving {
		t.core.Respond(req, tx, 491, "Request Pending")
		return
	}
	body, r, bad := t.renegotiate(req)
	if bad {
		t.core.Refuse(req, tx, r)
		return
	}
	if body == nil { // no offer: ours is the session as it is
		body = t.local.Offer([]media.Codec{t.codec})
	}
	res := t.replyTo(req, 200, "OK", body)
	t.renew(req, res)
	t.core.Send(tx, res)
	t.await(req, tx, res)
	t.core.spawn(func() { t.drain(tx) })
}

// drain takes ACKs that come within the transaction.
func (t *talking) drain(tx *proto.ServerTx) {
	select {
	case ack := <-tx.Acks():
		t.acknowledge(ack)
	case <-t.done:
	case <-tx.Done():
	}
}

// onUpdate changes the session without a three-way handshake (RFC 3311), or only refreshes it.
func (t *talking) onUpdate(req *proto.Request, tx *proto.ServerTx) {
	body, r, bad := t.renegotiate(req)
	if bad {
		t.core.Refuse(req, tx, r)
		return
	}
	res := t.replyTo(req, 200, "OK", body)
	t.renew(req, res)
	t.core.Send(tx, res)
}
