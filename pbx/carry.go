package pbx

import (
	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/meeting"
)

// carried is a caller on the way to another node: what he dialled is a meeting that runs there. It is as if he had
// called that node, which has the record; this one only passes on what the two legs say.
type carried struct {
	caller, onward Leg
	events         chan carriedEvent
}

// carriedEvent is something one of the legs said.
type carriedEvent struct {
	from, other Leg
	event       Event
}

// maxCarried events may wait: more is no phone.
const maxCarried = 256

// carry connects a caller to a node until one of them hangs up.
func (x *Exchange) carry(j meeting.Joining, node string) {
	line := x.board.Dialers.Trunk
	if line == nil {
		call.Refuse(j.Leg, CauseUnavailable)
		return
	}
	onward, err := line.Dial(x.board.Ctx, Target{Node: node, Number: j.In.Dialled}, Request{Call: j.In.Call,
		From:   j.In.Party,
		Number: j.In.Party.Number, Name: j.In.Party.Name, Codecs: media.Common(j.Leg.Offer(), call.LineCodecs())})
	if err != nil {
		x.board.Log.Warn("caller not carried to the node of the meeting", "call", j.In.Call, "node", node, "err", err)
		call.Refuse(j.Leg, CauseUnavailable)
		return
	}
	c := &carried{caller: j.Leg, onward: onward, events: make(chan carriedEvent, maxCarried)}
	c.listen(j.Leg, onward)
	c.listen(onward, j.Leg)
	x.board.Log.Info("caller is carried to the node of the meeting", "call", j.In.Call, "node", node)
	c.run(x.board.Ctx.Done())
}

func (c *carried) listen(leg, other Leg) {
	leg.Listen(func(e Event) {
		select {
		case c.events <- carriedEvent{leg, other, e}:
		default:
			leg.Hangup(CauseOverload)
			if _, last := e.(Gone); last {
				other.Hangup(CauseOverload)
			}
		}
	})
}

// run passes on events until both legs are gone.
func (c *carried) run(closing <-chan struct{}) {
	for legs := 2; legs > 0; {
		select {
		case e := <-c.events:
			if _, last := e.event.(Gone); last {
				legs--
			}
			c.pass(e)
		case <-closing:
			c.caller.Hangup(CauseDraining)
			c.onward.Hangup(CauseDraining)
			closing = nil
		}
	}
}

func (c *carried) pass(e carriedEvent) {
	switch event := e.event.(type) {
	case Ringing:
		c.caller.Ring(false)
	case Answered:
		c.caller.Answer(event.Codec)
	case TrackAdded:
		e.other.Play(event.Track)
	case TrackRemoved:
		e.other.Stop(event.Track)
	case TransferAsked:
		event.Done(CauseForbidden) // out of a meeting
	case Gone:
		e.other.Hangup(event.Cause)
	}
}
