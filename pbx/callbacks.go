package pbx

import (
	"context"

	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/queue"
	"frontdesk/store"
)

// callsBack begins to call somebody who asked for it in a queue, and gives what ends that.
func (x *Exchange) callsBack(o queue.Offer) (withdraw func()) {
	b := &callback{offer: o}
	id := store.NewID()
	if cause := x.admit(func(late bool) { x.callBack(id, b, late) }); cause != CauseNone {
		rest, _ := restAfter(CauseBusy)
		x.board.Desk.Returns(o.Call, rest, false)
	}
	return func() {
		x.mu.Lock()
		c := x.calls[id]
		x.mu.Unlock()
		if c != nil {
			c.Post(isWithdrawn{b})
		}
	}
}

func (x *Exchange) callBack(id string, b *callback, late bool) {
	o := b.offer
	plan, err := x.board.Directory.Plan(x.board.Ctx)
	if err != nil || late {
		rest, _ := restAfter(CauseBusy)
		x.board.Desk.Returns(o.Call, rest, false)
		return
	}
	if x.barredSince(b) {
		return
	}
	b.queue, _ = plan.Queue(o.Queue)
	in := dialplan.Inbound{Call: id, Direction: "out", Dialled: o.Number, To: o.Number}
	c := call.New(x.board, x.callOf, plan, in, func(c *call.Call) call.Act {
		b.Scene, c.Unwritten = call.Scene{Call: c}, true
		return b
	})
	x.enter(c)
	c.Run()
	b.settle()
	x.conclude(c)
}

// barredSince takes out who is not to be called back any more: his number has asked not to be called since he asked for
// it. What it asked before he takes back by asking, for this one call; his agent is told.
func (x *Exchange) barredSince(b *callback) bool {
	o := b.offer
	barred, _ := x.board.Unwanted(x.board.Ctx, "", o.Number)
	b.barred = !barred.IsZero()
	asked := o.Asked
	if asked.IsZero() {
		asked = o.Since
	}
	if !barred.After(asked) {
		return false
	}
	if err := x.board.Desk.CancelCallback(x.board.Ctx, o.Queue, o.Call); err != nil {
		x.board.Log.Error("a callback that is not wanted any more could not be taken out", "call", o.Call, "err", err)
		rest, _ := restAfter(CauseBusy)
		x.board.Desk.Returns(o.Call, rest, false)
	}
	return true
}

// CancelCallback has somebody who waits in a queue not called back; ErrNotFound.
func (x *Exchange) CancelCallback(ctx context.Context, queue, call string) error {
	return x.board.Desk.CancelCallback(ctx, queue, call)
}
