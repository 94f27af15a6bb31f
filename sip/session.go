package sip

import (
	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx"
	"frontdesk/sip/dialog"
	"frontdesk/sip/edge"
	"frontdesk/sip/rtp"
)

// renegotiate reads a new offer and returns the answer to it; nil when there was no offer.
func (l *Leg) renegotiate(req *proto.Request) ([]byte, edge.Refusal, bool) {
	if r, bad := dialog.TooBrief(req); bad {
		return nil, r, true
	}
	if len(req.Body()) == 0 {
		l.dialog.Follow(req)
		return nil, edge.Refusal{}, false
	}
	d, err := rtp.Parse(req.Body())
	if err != nil {
		return nil, unreadable(err), true
	}
	at := d.Audio(l.encrypt)
	if at < 0 {
		return nil, unusable(d, l.encrypt), true
	}
	wire := d.Media[at].Spoken(l.codec)
	if wire.Name == "" {
		return nil, edge.Refusal{Code: 488, Phrase: "Not Acceptable Here",
			Headers: warn(305, "Incompatible media format")}, true
	}
	l.dialog.Follow(req)
	l.locate(req)
	body := l.local.Answer(d, at, wire)
	l.hear(d, at, l.codec, false)
	l.hold(&d.Media[at])
	return body, edge.Refusal{}, false
}

// locate notes where the peer's signalling comes from now, as far as req tells: through proxies that are not ours it
// doesn't.
func (l *Leg) locate(req *proto.Request) {
	if from := l.core.Origin(req).At; len(l.dialog.Routes) == 0 || l.core.Forwarded(req) {
		l.signal = from.Addr()
	}
}

// renew takes a refresh of the session (RFC 4028): the timer that req asks for replaces the present one, and is told in
// our 2xx.
func (l *Leg) renew(req *proto.Request, res *proto.Response) {
	l.session.Stop()
	l.session = dialog.NewSessionTimer(req)
	l.session.Answer(res)
	l.awaitRefresh()
}

// awaitRefresh waits for the next refresh; when it does not come the call ends.
func (l *Leg) awaitRefresh() {
	s := l.session
	s.Start(l.after, func() {
		if l.session == s {
			l.log.Info("sip: session not refreshed, call ends")
			l.phase.hangup(pbx.CauseMediaLost)
		}
	})
}
