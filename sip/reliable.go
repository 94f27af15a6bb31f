package sip

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	proto "github.com/emiago/sipgo/sip"

	"frontdesk/sip/stack"
)

// reliable are the provisional responses of a call whose caller requires that they are confirmed: each is repeated
// until its PRACK comes, and the next one waits for that (RFC 3262 §3).
type reliable struct {
	leg      *Leg
	tx       *proto.ServerTx
	lost     func() // told when a PRACK never came
	required bool
	rseq     uint32
	waiting  []*proto.Response // the first is being repeated
}

func needsReliable(req *proto.Request) bool {
	return stack.Lists(stack.Joined(req, "Require"), "100rel")
}

// waits tells whether some are not confirmed yet.
func (r *reliable) waits() bool { return len(r.waiting) > 0 }

// queue sends res once those before it are confirmed.
func (r *reliable) queue(res *proto.Response) {
	r.waiting = append(r.waiting, res)
	if len(r.waiting) == 1 {
		r.next()
	}
}

func (r *reliable) next() {
	res := r.waiting[0]
	r.rseq++
	res.AppendHeader(proto.NewHeader("Require", "100rel"))
	res.AppendHeader(proto.NewHeader("RSeq", strconv.Itoa(int(r.rseq))))
	r.leg.core.Send(r.tx, res)
	r.repeat(res, r.leg.core.cfg.T1, 0)
}

// repeat sends again after T1, then after twice as long each time, and gives up after 64 × T1.
func (r *reliable) repeat(res *proto.Response, wait, waited time.Duration) {
	r.leg.after(wait, func() {
		if r.leg.finished || !r.waits() || r.waiting[0] != res {
			return
		}
		if waited += wait; waited >= 64*r.leg.core.cfg.T1 {
			r.lost()
			return
		}
		r.leg.core.Send(r.tx, res)
		r.repeat(res, 2*wait, waited)
	})
}

// named tells whether a PRACK is for the response that is being repeated: by its number, and that of the INVITE.
func (r *reliable) named(prack *proto.Request, invite uint32) bool {
	want := fmt.Sprintf("%d %d INVITE", r.rseq, invite)
	return r.waits() && strings.EqualFold(strings.Join(strings.Fields(stack.Joined(prack, "RAck")), " "), want)
}

// confirmed goes on to the next one.
func (r *reliable) confirmed() {
	r.waiting = r.waiting[1:]
	if r.waits() {
		r.next()
	}
}
