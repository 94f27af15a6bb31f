package sip

import (
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/pbx"
	"frontdesk/sip/rtp"
)

// await repeats res until the ACK comes: after T1, then twice as long each time up to T2 = 8 × T1; at 64 × T1 the
// dialog ends (RFC 3261 §13.3.1.4).
func (l *Leg) await(req *proto.Request, tx *proto.ServerTx, res *proto.Response) {
	a := &answer{seq: req.CSeq().SeqNo, offer: len(req.Body()) == 0 && len(res.Body()) > 0}
	l.answers = append(l.answers, a)
	l.repeat(a, tx, res, l.core.cfg.T1, 0)
}

func (l *Leg) repeat(a *answer, tx *proto.ServerTx, res *proto.Response, wait, waited time.Duration) {
	t1 := l.core.cfg.T1
	a.timer = l.after(wait, func() {
		if !l.waiting(a) {
			return
		}
		if waited += wait; waited >= 64*t1 {
			l.unacknowledged(a)
			return
		}
		l.core.Send(tx, res)
		l.repeat(a, tx, res, min(2*wait, 8*t1, 64*t1-waited), waited)
	})
}

func (l *Leg) waiting(a *answer) bool {
	for _, x := range l.answers {
		if x == a {
			return true
		}
	}
	return false
}

// unacknowledged: the peer never confirmed; the session ends with BYE.
func (l *Leg) unacknowledged(a *answer) {
	l.log.Info("sip: no ACK, call ends")
	l.forget(a)
	l.bye(pbx.CauseFailed)
	l.end(pbx.CauseFailed)
	l.finish()
}

func (l *Leg) forget(a *answer) {
	for i, x := range l.answers {
		if x == a {
			a.stop()
			l.answers = append(l.answers[:i], l.answers[i+1:]...)
			return
		}
	}
}

// acknowledge implements served.
func (l *Leg) acknowledge(ack *proto.Request) { l.post(func() { l.acked(ack) }) }

// acked takes an ACK to one of our 2xx.
func (l *Leg) acked(ack *proto.Request) {
	for _, a := range l.answers {
		if a.seq != ack.CSeq().SeqNo {
			continue
		}
		l.forget(a)
		if a.offer {
			l.lateAnswer(ack.Body())
		}
		l.phase.confirmed()
		return
	}
}

// lateAnswer reads the answer to an offer that stood in our 2xx.
func (l *Leg) lateAnswer(body []byte) {
	d, err := rtp.Parse(body)
	at := -1
	if err == nil {
		at = d.Audio(l.encrypt)
	}
	if at < 0 || d.Media[at].Spoken(l.codec).Name == "" {
		l.log.Info("sip: ACK without a usable answer, call ends", "err", err)
		l.phase.hangup(pbx.CauseNoCodec)
		return
	}
	l.hear(d, at, l.codec, true)
	l.hold(&d.Media[at])
}
