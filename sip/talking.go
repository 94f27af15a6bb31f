package sip

import (
	"strconv"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/sip/edge"
	"frontdesk/sip/rtp"
	"frontdesk/sip/stack"
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

// confirmed: an ACK came.
func (t *talking) confirmed() {
	if t.leaving {
		t.bye(t.why)
		t.finish()
	}
}

// within serves a request inside the dialog (RFC 3261 §12.2.2).
func (l *Leg) within(req *proto.Request, tx *proto.ServerTx) {
	if _, calling := l.phase.(*outgoing); calling && (req.Method == proto.INVITE || req.Method == proto.UPDATE) {
		l.pending(req, tx)
		return
	}
	if l.finished || l.dialog == nil || edge.TagOf(req.From()) != l.dialog.remote.Tag {
		l.core.Respond(req, tx, 481, "Call/Transaction Does Not Exist")
		return
	}
	if req.CSeq().SeqNo <= l.dialog.remoteSeq && l.dialog.remoteSeq != 0 {
		l.core.Respond(req, tx, 500, "CSeq Out Of Order")
		return
	}
	l.dialog.remoteSeq = req.CSeq().SeqNo
	switch req.Method {
	case proto.BYE:
		l.onBye(req, tx)
	case proto.INVITE:
		l.onReinvite(req, tx)
	case proto.UPDATE:
		l.onUpdate(req, tx)
	case proto.INFO:
		l.onInfo(req, tx)
	case proto.REFER:
		l.onRefer(req, tx)
	case proto.PRACK:
		l.onPrack(req, tx)
	case proto.OPTIONS:
		l.core.Respond(req, tx, 200, "OK", capabilities()...)
	default: // NOTIFY: we subscribed to nothing
		l.core.Respond(req, tx, 481, "Subscription Does Not Exist")
	}
}

func (l *Leg) onBye(req *proto.Request, tx *proto.ServerTx) {
	l.core.Respond(req, tx, 200, "OK")
	cause := pbx.CauseNormal
	if in, ok := l.phase.(*incoming); ok { // a caller may end an early dialog so (§15)
		l.core.Respond(in.req, in.tx, 487, "Request Terminated")
		cause = pbx.CauseCancelled
	}
	l.end(cause)
	l.finish()
}

// onReinvite changes the session (RFC 3261 §14.2).
func (l *Leg) onReinvite(req *proto.Request, tx *proto.ServerTx) {
	if t, ok := l.phase.(*talking); !ok || t.leaving {
		l.pending(req, tx)
		return
	}
	body, r, bad := l.renegotiate(req)
	if bad {
		l.core.Refuse(req, tx, r)
		return
	}
	if body == nil { // no offer: ours is the session as it is
		body = l.local.Offer([]media.Codec{l.codec})
	}
	res := l.replyTo(req, 200, "OK", body)
	l.session.renew(l, req, res)
	l.core.Send(tx, res)
	l.await(req, tx, res)
	l.core.spawn(func() { l.drain(tx) })
}

// drain takes ACKs that come within the transaction.
func (l *Leg) drain(tx *proto.ServerTx) {
	select {
	case ack := <-tx.Acks():
		l.box.post(func() { l.acked(ack) })
	case <-l.done:
	case <-tx.Done():
	}
}

// pending: another INVITE is under way in the dialog (§14.2).
func (l *Leg) pending(req *proto.Request, tx *proto.ServerTx) {
	if _, calling := l.phase.(*incoming); calling {
		l.core.Respond(req, tx, 500, "Request Pending", proto.NewHeader("Retry-After", "2"))
		return
	}
	l.core.Respond(req, tx, 491, "Request Pending")
}

// renegotiate reads a new offer and returns the answer to it; nil when there was no offer.
func (l *Leg) renegotiate(req *proto.Request) ([]byte, edge.Refusal, bool) {
	if r, bad := tooBrief(req); bad {
		return nil, r, true
	}
	if len(req.Body()) == 0 {
		l.dialog.follow(req)
		return nil, edge.Refusal{}, false
	}
	d, err := rtp.Parse(req.Body())
	if err != nil {
		return nil, unreadable(err), true
	}
	at := d.Audio()
	if at < 0 {
		return nil, unusable(d), true
	}
	wire := d.Media[at].Spoken(l.codec)
	if wire.Name == "" {
		return nil, edge.Refusal{Code: 488, Phrase: "Not Acceptable Here",
			Headers: warn(305, "Incompatible media format")}, true
	}
	l.dialog.follow(req)
	l.locate(req)
	body := l.local.Answer(d, at, wire)
	l.hear(d, at, l.codec, false)
	l.hold(&d.Media[at])
	return body, edge.Refusal{}, false
}

// locate notes where the peer's signalling comes from now, as far as req tells: through proxies that are not ours it
// doesn't.
func (l *Leg) locate(req *proto.Request) {
	if from := l.core.Origin(req).At; len(l.dialog.routes) == 0 || l.core.Forwarded(req) {
		l.signal = from.Addr()
	}
}

// hold tells when the peer begins or ends not to listen; while it does, it may play music.
func (l *Leg) hold(m *rtp.Medium) {
	on := m.Held()
	l.sound.ExpectMusic(on && m.Dir.Sends())
	if on == l.held {
		return
	}
	l.held = on
	l.sound.Touch() // silence counts from here
	l.tell(pbx.Held{On: on})
}

// plays: the peer, who holds, is heard.
func (l *Leg) plays() {
	if l.held {
		l.tell(pbx.Held{On: true, Music: true})
	}
}

// onUpdate changes the session without a three-way handshake (RFC 3311), or only refreshes it.
func (l *Leg) onUpdate(req *proto.Request, tx *proto.ServerTx) {
	if _, ok := l.phase.(*talking); !ok {
		l.pending(req, tx)
		return
	}
	body, r, bad := l.renegotiate(req)
	if bad {
		l.core.Refuse(req, tx, r)
		return
	}
	res := l.replyTo(req, 200, "OK", body)
	l.session.renew(l, req, res)
	l.core.Send(tx, res)
}

// onInfo takes keys that phones send beside the sound.
func (l *Leg) onInfo(req *proto.Request, tx *proto.ServerTx) {
	key, ok := infoKey(edge.MediaType(req), string(req.Body()))
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

// infoKey reads "Signal=5", "d=5" or plain "5".
func infoKey(contentType, body string) (rune, bool) {
	if contentType != "application/dtmf" && contentType != "application/dtmf-relay" {
		return 0, false
	}
	value := strings.TrimSpace(body)
	for line := range strings.Lines(body) {
		k, v, ok := strings.Cut(line, "=")
		if k = strings.TrimSpace(k); ok && (strings.EqualFold(k, "Signal") || strings.EqualFold(k, "d")) {
			value = strings.TrimSpace(v)
		}
	}
	switch value { // the event numbers of RFC 4733
	case "10":
		value = "*"
	case "11":
		value = "#"
	}
	if len(value) != 1 || !strings.Contains("0123456789*#ABCD", strings.ToUpper(value)) {
		return 0, false
	}
	return rune(strings.ToUpper(value)[0]), true
}

// sendDigit sends a key to a peer that takes no telephone-events.
func (l *Leg) sendDigit(key rune) {
	if _, ok := l.phase.(*talking); !ok || l.dialog.allow != "" && !stack.Lists(l.dialog.allow, "INFO") {
		return
	}
	l.send(proto.INFO, func(r *proto.Request) {
		r.AppendHeader(proto.NewHeader("Content-Type", "application/dtmf-relay"))
		r.SetBody([]byte("Signal=" + string(key) + "\r\nDuration=160\r\n"))
	})
}

// onRefer is a transfer (RFC 3515): blind, to a number, or attended, to whom the party speaks with in another dialog
// with us (RFC 5589).
func (l *Leg) onRefer(req *proto.Request, tx *proto.ServerTx) {
	uri, r, bad := referTarget(req)
	if _, ok := l.phase.(*talking); !ok {
		r, bad = edge.Refusal{Code: 480, Phrase: "Temporarily Unavailable"}, true
	}
	if bad {
		l.core.Refuse(req, tx, r)
		return
	}
	quiet := strings.EqualFold(stack.Joined(req, "Refer-Sub"), "false") // RFC 4488
	headers := []proto.Header{l.core.Contact("", l.dialog.transport, req.Source())}
	if quiet {
		headers = append(headers, proto.NewHeader("Refer-Sub", "false"))
	}
	l.core.Respond(req, tx, 202, "Accepted", headers...)
	event := "refer;id=" + strconv.Itoa(int(req.CSeq().SeqNo))
	if !quiet {
		l.notify(event, status{code: 100, phrase: "Trying"}, false)
	}
	l.transfer(uri, func(c pbx.Cause) {
		l.box.post(func() {
			if !quiet {
				l.notify(event, transferResult(c, uri.Headers.Has("Replaces")), true)
			}
		})
	})
}

// transfer asks for what a Refer-To names.
func (l *Leg) transfer(to proto.Uri, done func(pbx.Cause)) {
	value, attended := to.Headers.Get("Replaces")
	if !attended {
		l.tell(pbx.TransferAsked{To: referred(to), Done: done})
		return
	}
	r, ok := parseReplaces(edge.Unescape(value))
	if !ok {
		done(pbx.CauseNotFound)
		return
	}
	l.core.matching(r, func(other *Leg) {
		l.box.post(func() { l.tell(pbx.TransferAsked{With: other.id, Done: done}) })
	}, func() { done(pbx.CauseNotFound) })
}

// referred is the number in a Refer-To.
func referred(uri proto.Uri) string {
	if uri.Scheme == "tel" {
		number, _, _ := strings.Cut(uri.Raw(), ";")
		return number
	}
	return edge.Dialled(uri)
}

func transferResult(c pbx.Cause, attended bool) status {
	switch {
	case c == pbx.CauseNone:
		return status{code: 200, phrase: "OK"}
	case attended && c == pbx.CauseNotFound: // the dialog (RFC 3891 §3), not a number
		return status{code: 481, phrase: "Call/Transaction Does Not Exist"}
	default:
		return statusOf(c)
	}
}

func (l *Leg) notify(event string, s status, last bool) {
	state := "active;expires=180"
	if last {
		state = "terminated;reason=noresource"
	}
	l.send(proto.NOTIFY, func(r *proto.Request) {
		r.AppendHeader(proto.NewHeader("Event", event))
		r.AppendHeader(proto.NewHeader("Subscription-State", state))
		r.AppendHeader(l.core.Contact("", l.dialog.transport, l.dialog.nextHop()))
		r.AppendHeader(proto.NewHeader("Content-Type", "message/sipfrag;version=2.0"))
		r.SetBody([]byte("SIP/2.0 " + strconv.Itoa(s.code) + " " + s.phrase + "\r\n"))
	})
}

// referTarget is the URI in Refer-To.
func referTarget(req *proto.Request) (proto.Uri, edge.Refusal, bool) {
	values := append(req.GetHeaders("Refer-To"), req.GetHeaders("r")...)
	if len(values) != 1 {
		return proto.Uri{}, edge.Refusal{Code: 400, Phrase: "Refer-To Must Be There Once"}, true
	}
	var uri proto.Uri
	if _, err := proto.ParseAddressValue(values[0].Value(), &uri, &proto.HeaderParams{}); err != nil {
		return uri, edge.Refusal{Code: 400, Phrase: "Malformed Refer-To"}, true
	}
	if uri.Scheme != "tel" && uri.User == "" && !uri.Headers.Has("Replaces") {
		return uri, edge.Refusal{Code: 400, Phrase: "Refer-To Names Nobody"}, true
	}
	return uri, edge.Refusal{}, false
}

// capabilities are what we tell in a 200 to OPTIONS (RFC 3261 §11.2).
func capabilities() []proto.Header {
	return []proto.Header{proto.NewHeader("Allow", edge.Allowed), proto.NewHeader("Accept", "application/sdp"),
		proto.NewHeader("Accept-Encoding", "identity"), proto.NewHeader("Supported", edge.Supported)}
}
