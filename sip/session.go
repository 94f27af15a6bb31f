package sip

import (
	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx"
	"frontdesk/sip/dialog"
	"frontdesk/sip/edge"
	"frontdesk/sip/rtp"
	"frontdesk/sip/stack"
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
	l.session = dialog.NewSessionTimer(req, l.dialog.Allow)
	l.session.Answer(res)
	l.awaitRefresh()
}

// awaitRefresh waits for the next refresh, the peer's or ours; when the peer's does not come the call ends.
func (l *Leg) awaitRefresh() {
	s := l.session
	s.Start(l.core.cfg.second, l.after, func() { l.refresh(s) }, func() {
		if l.session == s {
			l.log.Info("sip: session not refreshed, call ends")
			l.phase.hangup(pbx.CauseMediaLost)
		}
	})
}

// refresh renews the session without touching what is said in it, and tells the peer where we are (RFC 4028 §7.4, RFC
// 3311 §5.1).
func (l *Leg) refresh(s *dialog.SessionTimer) {
	if l.session != s || !l.phase.talks() {
		return
	}
	contact := l.core.Contact(l.dialog.Target.Scheme, "", l.dialog.Transport, l.dialog.NextHop())
	l.request(proto.UPDATE, func(r *proto.Request) {
		r.AppendHeader(contact)
		r.AppendHeader(proto.NewHeader("Allow", edge.Allowed))
		s.Ask(r)
	}, stack.Final, func(res *proto.Response, err error) {
		l.post(func() { l.refreshed(s, res, err) })
	})
}

// refreshed goes on after a refresh of ours. A peer that does not know the call any more, or does not answer, has none
// (RFC 4028 §10); what else it refuses is tried again while the session holds.
func (l *Leg) refreshed(s *dialog.SessionTimer, res *proto.Response, err error) {
	if l.session != s || !l.phase.talks() {
		return
	}
	switch {
	case err != nil || res.StatusCode == 408 || res.StatusCode == 481:
		l.log.Info("sip: the peer has no session to refresh, call ends", "err", err)
		l.phase.hangup(pbx.CauseMediaLost)
	case res.IsSuccess() || res.StatusCode == 422:
		next, atOnce := s.Agreed(res)
		if l.session = next; atOnce {
			l.refresh(next)
			return
		}
		if res.IsSuccess() {
			l.dialog.Follow(res)
		}
		l.awaitRefresh()
	case !s.Again(refreshAgain*l.core.cfg.second, l.after, func() { l.refresh(s) }):
		l.log.Info("sip: session not refreshed, call ends", "status", res.StatusCode)
		l.phase.hangup(pbx.CauseMediaLost)
	}
}

// refreshAgain is after how many seconds a refresh that was refused is tried again.
const refreshAgain = 5
