package pbx

import (
	"strings"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/hunt"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/queue"
	"frontdesk/store"
)

// queued is the act in which a caller waits with music until an agent takes the call, or for too long.
type queued struct {
	program
	step dialplan.Enqueue
	in   bool       // the queue, as far as it is known
	left bool       // what is to become of the caller is decided
	long call.Alarm // he has waited too long
	late bool       // … while somebody was rung for him
	last int64      // turn of the last offer
	hunt *hunt.Hunt // nil while nobody is
	told standings  // how far he is
	asks bool       // to be called back
}

func (q *queued) Begin() {
	q.way.Begins(ledger.Step{Kind: ledger.Queue, Item: q.step.Queue})
	q.Board.Desk.Enters(queue.Caller{Call: q.Record.ID, Queue: q.step.Queue, Number: q.way.Number, Name: q.Name,
		Since: time.Now()}, q.step.Limit, q.step.Agents,
		func(o queue.Offer) { q.Post(offered{q, o}) },
		func(place queue.Place, err error) { q.Post(entered{q, place, err}) })
}

// entered: the caller waits, or can't.
type entered struct {
	act   *queued
	place queue.Place
	err   error
}

func (entered) Late() {}

func (e entered) Happen(*call.Call) {
	q := e.act
	switch {
	case q.left:
	case e.err != nil:
		q.Log.Error("caller can't wait in the queue", "queue", q.step.Name, "err", e.err)
		q.ends(dialplan.Failed)
	case e.place == queue.Full:
		q.ends(dialplan.Full)
	case e.place == queue.Empty:
		q.ends(dialplan.Nobody)
	default:
		q.waits()
	}
}

func (q *queued) waits() {
	q.in = true
	if q.answer() {
		q.told = standings{Call: q.Call, who: q.who, step: q.step, offers: q.callable()}
		q.told.begin()
		q.Alarms.Set(&q.long, time.Duration(q.step.MaxWait)*time.Second, q.waited)
	}
}

// waited: for too long. Whoever is rung just now may still answer.
func (q *queued) waited() {
	if q.late = q.hunt != nil; !q.late {
		q.ends(dialplan.Waited)
	}
}

// ends goes on elsewhere.
func (q *queued) ends(o dialplan.Outcome) {
	q.leaves()
	q.way.Trail.ComesTo(string(o))
	q.over(o)
}

// leaves takes the caller out of the queue, once.
func (q *queued) leaves() {
	if q.left {
		return
	}
	q.left = true
	q.waitsNoMore()
	q.Board.Desk.Leaves(q.Record.ID)
}

// waitsNoMore ends what is done while he waits.
func (q *queued) waitsNoMore() {
	q.Alarms.Off(&q.long)
	if q.in {
		q.told.stop()
	}
}

// offered: agents are to be rung for a caller.
type offered struct {
	act   *queued
	offer queue.Offer
}

func (offered) Late() {}

func (o offered) Happen(*call.Call) {
	if q := o.act; q.in && !q.left && !q.asks && q.hunt == nil && o.offer.Turn > q.last {
		q.last = o.offer.Turn
		q.offers(o.offer.Agents)
	}
}

// offers rings agents for the caller.
func (q *queued) offers(agents []string) {
	w := q.way.Beside(q.Plan.Ring(agents, q.step.Seconds, nil))
	q.hunt = hunt.New(w, q, call.Spoken(q.who.Codec), []media.Codec{q.who.Codec})
	q.hunt.Begin()
}

func (q *queued) Rung(*call.Member) {
	if !q.way.Told {
		q.way.Told = true
		q.Ledger.Tell(store.Event{Type: ledger.CallRinging, Key: q.Record.ID, For: q.hunt.Trail.Users(),
			Data: q.Picture()})
	}
}

func (q *queued) Rings(bool) {}

// Answered: an agent takes the call.
func (q *queued) Answered(m *call.Member, codec media.Codec) {
	q.left, q.hunt = true, nil
	q.waitsNoMore()
	q.Board.Desk.Takes(q.Record.ID, m.Party.User, time.Duration(q.step.WrapUp)*time.Second)
	q.way.Trail.ComesTo(ledger.Answered)
	q.connect(m, codec)
}

// Failed: no agent that was rung took the call. The caller goes on waiting where he was.
func (q *queued) Failed(cause Cause) {
	q.hunt = nil
	if q.late {
		q.ends(dialplan.Waited)
		return
	}
	rest, missed := restAfter(cause)
	q.Board.Desk.Returns(q.Record.ID, rest, missed)
}

func (q *queued) Said(m *call.Member, e Event) {
	if d, ok := e.(Digit); ok && m == q.who && d.Key == callbackKey && q.told.offers {
		q.wantsBack()
		return
	}
	if q.hunt != nil {
		q.hunt.Said(m, e)
	}
	q.program.Said(m, e)
}

// Hears: who waits hears music, or how far he is.
func (q *queued) Hears(m *call.Member) []*media.Track {
	if m != q.who || !m.Active() || m.Held {
		return nil
	}
	if said := q.told.speech.Sound(m); said != nil {
		return said
	}
	return []*media.Track{q.Board.Sounds.MusicIn(m.Codec, q.step.Music)}
}

func (q *queued) Gone(m *call.Member, e Gone) {
	if q.hunt == nil || !q.hunt.Lost(m, e) {
		q.program.Gone(m, e)
	}
}

func (q *queued) Ended(Cause) { q.leaves() }

// callbackKey is what who waits presses to be called back.
const callbackKey = '1'

// callable tells whether who waits may be called back: an agent could call his number, and the carrier does not say it
// is another's, whom we would call instead. Short numbers, such as those of emergencies, are nobody's.
func (q *queued) callable() bool {
	if !q.step.Callback.Offered || q.who.Party.Kind != Outside || q.who.Party.Private ||
		q.who.Party.Verified == dialplan.Forged || len(q.step.Agents) == 0 ||
		!strings.HasPrefix(q.way.Number, "+") {
		return false
	}
	in := q.Plan.Inbound("", Party{Kind: Browser, User: q.step.Agents[0]}, q.way.Number)
	first := q.Plan.Route(in, q.Board.Facts(dialplan.Hint{}), time.Now())
	return in.Direction == "out" && hunt.Refusal(first) == CauseNone
}

// wantsBack: he wants to be called back rather than to wait. Who is rung for him just now stops ringing.
func (q *queued) wantsBack() {
	if !q.in || q.left || q.asks {
		return
	}
	q.asks = true
	if q.hunt != nil {
		q.hunt.Cancel()
		q.hunt = nil
	}
	q.Board.Desk.Promises(q.Record.ID, func(promised bool, err error) { q.Post(isPromised{q, promised, err}) })
}

// isPromised: he is going to be called back, or can't be.
type isPromised struct {
	act      *queued
	promised bool
	err      error
}

func (isPromised) Late() {}

func (p isPromised) Happen(c *call.Call) {
	q := p.act
	if p.err != nil {
		c.Log.Error("who waits is not called back", "queue", q.step.Name, "err", p.err)
	}
	switch {
	case !c.Performs(q) || q.left:
	case !p.promised:
		q.asks, q.told.offers = false, false
	default:
		q.left = true
		q.waitsNoMore()
		q.way.Trail.ComesTo(ledger.Callback)
		q.told.speech = q.Say(q.who, func(bool) { q.End(CauseCallBack) },
			prompts.System(q.step.Language, "callback-noted"))
	}
}

// restAfter is how long agents rest who did not take a call, and whether they missed it.
func restAfter(cause Cause) (rest time.Duration, missed bool) {
	if cause == CauseBusy {
		return time.Second, false
	}
	return 10 * time.Second, cause == CauseNoAnswer || cause == CauseUnavailable // another agent comes first
}
