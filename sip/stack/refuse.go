package stack

import (
	"strconv"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/edge"
)

// TurnAway refuses a request whose sender has not proved who he is. Over UDP its source may be forged: an INVITE's
// refusal is sent once and forgotten, so that nobody is sent more than was sent here (RFC 3261 §8.2.7). When it is
// lost, the INVITE comes again; its ACK finds nothing, and needs nothing.
func (s *Stack) TurnAway(req *proto.Request, tx *proto.ServerTx, r edge.Refusal) {
	if !req.IsInvite() || req.Transport() != "UDP" {
		s.Refuse(req, tx, r)
		return
	}
	s.Log.Info("sip: call turned away", "from", s.Origin(req), "to", Cut(edge.Dialled(req.Recipient), 50), "code",
		r.Code, "phrase", r.Phrase)
	s.stats.response(r.Code)
	if err := tx.Connection().WriteMsg(s.Response(req, r.Code, r.Phrase, nil, r.Headers...)); err != nil {
		s.Log.Debug("sip: response not sent", "from", s.Origin(req), "code", r.Code, "err", err)
	}
	tx.Terminate()
}

// Refuse answers a request of somebody known.
func (s *Stack) Refuse(req *proto.Request, tx *proto.ServerTx, r edge.Refusal) {
	s.Log.Debug("sip: refused", "method", req.Method, "from", s.Origin(req), "code", r.Code, "phrase", r.Phrase)
	if req.IsAck() {
		tx.Terminate()
		return
	}
	s.Respond(req, tx, r.Code, r.Phrase, r.Headers...)
}

// Later is a refusal of what may be tried again after some seconds.
func Later(seconds int, more ...proto.Header) edge.Refusal {
	return edge.Refusal{Code: 503, Phrase: "Service Unavailable",
		Headers: append(more, proto.NewHeader("Retry-After", strconv.Itoa(seconds)))}
}

// TryAnother answers what this node can't do just now: it is draining, or does not reach the database. A proxy in
// front, or a phone that knows several nodes, goes to the next (RFC 3261 §21.5.4, RFC 3263 §4.3).
func (s *Stack) TryAnother(req *proto.Request, tx *proto.ServerTx) { s.TurnAway(req, tx, Later(10)) }
