package sip

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/media"
	"frontdesk/pbx"
	"frontdesk/sip/edge"
	"frontdesk/sip/rtp"
	"frontdesk/sip/stack"
)

// Reliable provisional responses (RFC 3262): a caller who requires it confirms each 18x of ours by PRACK, and we
// confirm those of who answers so.

// reliable is what a call that requires it has to confirm.
type reliable struct {
	required bool
	rseq     uint32
	waiting  []*proto.Response // the first is being repeated, the others come after its PRACK
	sent     map[int]bool      // codes of those without a description
	answer   *media.Codec      // chosen meanwhile: a 2xx waits for the PRACK (§5)
	offered  bool              // the INVITE had no offer: the first of these brought ours, and its PRACK has to bring …
	agreed   *rtp.Description  // … the answer (§5)
}

func needsReliable(req *proto.Request) bool {
	return stack.Lists(stack.Joined(req, "Require"), "100rel")
}

// confirmable sends a provisional response, repeated until its PRACK comes; one after the other (§3).
func (in *incoming) confirmable(code int, phrase string, sdp []byte) {
	r := &in.reliable
	if sdp == nil && r.sent[code] {
		return
	}
	if in.offer == nil && !r.offered {
		r.offered, sdp = true, in.local.Offer(in.codecs)
	}
	if r.sent == nil {
		r.sent = map[int]bool{}
	}
	r.sent[code] = true
	r.waiting = append(r.waiting, in.reply(code, phrase, sdp))
	if len(r.waiting) == 1 {
		in.nextReliable()
	}
}

func (in *incoming) nextReliable() {
	res := in.reliable.waiting[0]
	in.reliable.rseq++
	res.AppendHeader(proto.NewHeader("Require", "100rel"))
	res.AppendHeader(proto.NewHeader("RSeq", strconv.Itoa(int(in.reliable.rseq))))
	in.core.Send(in.tx, res)
	in.repeatReliable(res, in.core.cfg.T1, 0)
}

// repeatReliable sends again after T1, then after twice as long each time; after 64 × T1 the call is refused (§3).
func (in *incoming) repeatReliable(res *proto.Response, wait, waited time.Duration) {
	in.after(wait, func() {
		if in.phase != phase(in) || len(in.reliable.waiting) == 0 || in.reliable.waiting[0] != res {
			return
		}
		if waited += wait; waited >= 64*in.core.cfg.T1 {
			in.log.Info("sip: no PRACK, call is refused")
			in.hangup(pbx.CauseFailed)
			return
		}
		in.core.Send(in.tx, res)
		in.repeatReliable(res, 2*wait, waited)
	})
}

// onPrack confirms. It brings the answer to an offer of ours; later, and where the INVITE had the offer, it may bring a
// new one (§5).
func (l *Leg) onPrack(req *proto.Request, tx *proto.ServerTx) {
	in, ok := l.phase.(*incoming)
	if !ok || len(in.reliable.waiting) == 0 || !in.names(stack.Joined(req, "RAck")) {
		l.core.Refuse(req, tx, edge.UnknownDialog())
		return
	}
	if in.reliable.offered && in.reliable.agreed == nil {
		in.agree(req, tx)
		return
	}
	var body []byte
	if len(req.Body()) > 0 {
		r, bad := edge.Refusal{Code: 488, Phrase: "Not Acceptable Here"}, l.codec.Name == ""
		if !bad {
			body, r, bad = l.renegotiate(req)
		}
		if bad {
			l.core.Refuse(req, tx, r)
			return
		}
	}
	l.core.Send(tx, l.replyTo(req, 200, "OK", body))
	in.confirmed()
}

// agree takes the answer to our offer. Without a usable one the response is confirmed all the same, and the call
// refused.
func (in *incoming) agree(prack *proto.Request, tx *proto.ServerTx) {
	d, err := rtp.Parse(prack.Body())
	at := -1
	if err == nil {
		at = d.Audio()
	}
	in.core.Send(tx, in.replyTo(prack, 200, "OK", nil))
	if at < 0 || len(d.Media[at].Codecs(in.codecs)) == 0 {
		in.log.Info("sip: PRACK without a usable answer, call is refused", "err", err)
		in.hangup(pbx.CauseNoCodec)
		return
	}
	in.reliable.agreed, in.audio = d, at
	in.sing()
	in.confirmed()
}

// names compares with RAck: the response's number, and the INVITE's.
func (in *incoming) names(rack string) bool {
	want := fmt.Sprintf("%d %d INVITE", in.reliable.rseq, in.req.CSeq().SeqNo)
	return strings.EqualFold(strings.Join(strings.Fields(rack), " "), want)
}

func (in *incoming) confirmed() {
	r := &in.reliable
	r.waiting = r.waiting[1:]
	switch {
	case len(r.waiting) > 0:
		in.nextReliable()
	case r.answer != nil:
		in.answer(*r.answer)
	}
}

// maxPracks bounds what one call makes us confirm.
const maxPracks = 16

// prackSeqs are the sequence numbers after that of an INVITE that PRACKs may have taken.
const prackSeqs = maxPracks * (1 + stack.MaxChallenges)

// confirm sends the PRACK of a reliable provisional response; false for one that is repeated or out of order and not to
// be served (§4).
func (a *attempt) confirm(res *proto.Response) bool {
	if !stack.Lists(stack.Joined(res, "Require"), "100rel") {
		return true
	}
	tag := edge.ToTag(res)
	rseq, err := strconv.ParseUint(strings.TrimSpace(stack.Joined(res, "RSeq")), 10, 32)
	last, known := a.rseqs[tag]
	if err != nil || known && uint32(rseq) != last+1 || a.pracks >= maxPracks {
		return false
	}
	if a.rseqs == nil {
		a.rseqs = map[string]uint32{}
	}
	a.rseqs[tag] = uint32(rseq)
	c, d, login := a.out.core, dialogFromResponse(res), a.login.Again()
	seq := a.seq + uint32(a.pracks)*(1+stack.MaxChallenges)
	a.pracks++
	rack := fmt.Sprintf("%d %d INVITE", rseq, res.CSeq().SeqNo)
	c.spawn(func() {
		_, err := c.Ask(c.life, &login, func() *proto.Request {
			seq++
			req := c.inDialog(d, proto.PRACK, seq)
			req.AppendHeader(proto.NewHeader("RAck", rack))
			return req
		})
		if err != nil {
			a.out.log.Info("sip: PRACK", "err", err)
		}
	})
	return true
}
