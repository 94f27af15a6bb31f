package sip

import (
	"strconv"
	"strings"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx"
	"frontdesk/sip/dialog"
	"frontdesk/sip/edge"
	"frontdesk/sip/stack"
)

// onRefer is a transfer (RFC 3515): blind, to a number, or attended, to whom the party speaks with in another dialog
// with us (RFC 5589).
func (l *Leg) onRefer(req *proto.Request, tx *proto.ServerTx) {
	uri, r, bad := edge.ReferTo(req)
	if bad {
		l.core.Refuse(req, tx, r)
		return
	}
	quiet := strings.EqualFold(stack.Joined(req, "Refer-Sub"), "false") // RFC 4488
	headers := []proto.Header{l.core.Contact(l.dialog.Target.Scheme, "", l.dialog.Transport, req.Source())}
	if quiet {
		headers = append(headers, proto.NewHeader("Refer-Sub", "false"))
	}
	l.core.Respond(req, tx, 202, "Accepted", headers...)
	event := "refer;id=" + strconv.Itoa(int(req.CSeq().SeqNo))
	if !quiet {
		l.notify(event, status{code: 100, phrase: "Trying"}, false)
	}
	l.transfer(uri, func(c pbx.Cause) {
		l.post(func() {
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
		l.tell(pbx.TransferAsked{To: edge.Referred(to), Done: done})
		return
	}
	r, ok := edge.ParseReplaces(edge.Unescape(value))
	if !ok {
		done(pbx.CauseNotFound)
		return
	}
	l.core.matching(r, func(other *Leg) {
		l.post(func() { l.tell(pbx.TransferAsked{With: other.id, Done: done}) })
	}, func() { done(pbx.CauseNotFound) })
}

// matching finds the leg of a dialog at this node (RFC 3891 §3) and calls one of its functions: found from that leg's
// goroutine. A dialog that another node has is not found.
func (c *core) matching(r edge.Replaces, found func(*Leg), none func()) {
	leg, _ := c.dialogs.Find(dialog.Key(r.CallID, r.To))
	l, ok := leg.(*Leg)
	if !ok || !l.post(func() {
		if l.finished || l.dialog == nil || l.dialog.Remote.Tag != r.From {
			none()
			return
		}
		found(l)
	}) {
		none()
	}
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
		r.AppendHeader(l.core.Contact(l.dialog.Target.Scheme, "", l.dialog.Transport, l.dialog.NextHop()))
		r.AppendHeader(proto.NewHeader("Content-Type", "message/sipfrag;version=2.0"))
		r.SetBody([]byte("SIP/2.0 " + strconv.Itoa(s.code) + " " + s.phrase + "\r\n"))
	})
}
