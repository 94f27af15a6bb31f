package sip

import "frontdesk/sip/edge"

import proto "github.com/emiago/sipgo/sip"

// turnAway refuses a request whose sender has not proved who he is. Over UDP its source may be forged: an INVITE's refusal is sent once and
// forgotten, so that nobody is sent more than was sent here (RFC 3261 §8.2.7). When it is lost, the INVITE comes again; its ACK finds nothing, and needs
// nothing.
func (c *core) turnAway(req *proto.Request, tx *proto.ServerTx, r edge.Refusal) {
	if !req.IsInvite() || req.Transport() != "UDP" {
		c.refuse(req, tx, r)
		return
	}
	c.log.Info("sip: call turned away", "from", c.origin(req), "to", cut(edge.Dialled(req.Recipient), 50), "code", r.Code, "phrase", r.Phrase)
	c.stats.response(r.Code)
	if err := tx.Connection().WriteMsg(c.response(req, r.Code, r.Phrase, nil, r.Headers...)); err != nil {
		c.log.Debug("sip: response not sent", "from", c.origin(req), "code", r.Code, "err", err)
	}
	tx.Terminate()
}

// refuse answers a request of somebody known.
func (c *core) refuse(req *proto.Request, tx *proto.ServerTx, r edge.Refusal) {
	c.log.Debug("sip: refused", "method", req.Method, "from", c.origin(req), "code", r.Code, "phrase", r.Phrase)
	if req.IsAck() {
		tx.Terminate()
		return
	}
	c.respond(req, tx, r.Code, r.Phrase, r.Headers...)
}
