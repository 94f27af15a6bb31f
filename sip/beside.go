package sip

import (
	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx"
	"frontdesk/sip/edge"
	"frontdesk/sip/events"
)

// beside serves the requests in a dialog that are the same in every phase: they leave the call as it is.
func (l *Leg) beside(req *proto.Request, tx *proto.ServerTx) {
	switch req.Method {
	case proto.INFO:
		l.onInfo(req, tx)
	case proto.OPTIONS:
		l.core.Respond(req, tx, 200, "OK", capabilities()...)
	case proto.PRACK:
		l.core.Refuse(req, tx, edge.UnknownDialog())
	case proto.REFER:
		l.core.Refuse(req, tx, edge.Refusal{Code: 480, Phrase: "Temporarily Unavailable"})
	default: // NOTIFY: we subscribed to nothing
		l.core.Respond(req, tx, 481, "Subscription Does Not Exist")
	}
}

// onInfo takes keys that phones send beside the sound.
func (l *Leg) onInfo(req *proto.Request, tx *proto.ServerTx) {
	key, ok := edge.Key(req)
	switch {
	case ok:
		l.core.Respond(req, tx, 200, "OK")
		l.tell(pbx.Digit{Key: key})
	case len(req.Body()) == 0:
		l.core.Respond(req, tx, 200, "OK")
	default:
		l.core.Respond(req, tx, 415, "Unsupported Media Type",
			proto.NewHeader("Accept", "application/dtmf-relay, application/dtmf"))
	}
}

// capabilities are what we tell in a 200 to OPTIONS (RFC 3261 §11.2).
func capabilities() []proto.Header {
	return []proto.Header{proto.NewHeader("Allow", edge.Allowed), proto.NewHeader("Accept", "application/sdp"),
		proto.NewHeader("Accept-Encoding", "identity"), proto.NewHeader("Supported", edge.Supported),
		proto.NewHeader("Allow-Events", events.Allowed)}
}
