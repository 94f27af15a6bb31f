package pbx

import (
	"time"

	"frontdesk/media"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/queue"
	"frontdesk/store"
)

// queued is the act in which a caller waits with music until an agent takes the call, or for too long.
type queued struct {
	program
	step dialplan.Enqueue
	in   bool  // the queue, as far as it is known
	left bool  // what is to become of the caller is decided
	long alarm // he has waited too long
	late bool  // … while somebody was rung for him
	last int64 // turn of the last offer
	hunt *hunt // nil while nobody is
}

func (q *queued) begin() {
	q.way.begins(ledger.Step{Kind: ledger.Queue, Item: q.step.Queue})
	q.board.desk.Enters(queue.Caller{Call: q.record.ID, Queue: q.step.Queue, Number: q.way.number, Name: q.name,
		Since: time.Now()}, q.step.Limit, q.step.Agents,
		func(o queue.Offer) { q.post(offered{q, o}) },
		func(place queue.Place, err error) { q.post(entered{q, place, err}) })
}

// entered: the caller waits, or can't.
type entered struct {
	act   *queued
	place queue.Place
	err   error
}

func (entered) late() {}

func (e entered) happen(*Call) {
	q := e.act
	switch {
	case q.left:
	case e.err != nil:
		q.log.Error("caller can't wait in the queue", "queue", q.step.Name, "err", e.err)
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
		q.alarms.set(&q.long, time.Duration(q.step.MaxWait)*time.Second, q.waited)
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
	q.way.trail.comesTo(string(o))
	q.over(o)
}

// leaves takes the caller out of the queue, once.
func (q *queued) leaves() {
	if q.left {
		return
	}
	q.left = true
	q.alarms.off(&q.long)
	q.board.desk.Leaves(q.record.ID)
}

// offered: agents are to be rung for a caller.
type offered struct {
	act   *queued
	offer queue.Offer
}

func (offered) late() {}

func (o offered) happen(*Call) {
	if q := o.act; q.in && !q.left && q.hunt == nil && o.offer.Turn > q.last {
		q.last = o.offer.Turn
		q.offers(o.offer.Agents)
	}
}

// offers rings agents for the caller.
func (q *queued) offers(agents []string) {
	w := &way{Call: q.Call, walk: dialplan.NewWalk(q.plan.Ring(agents, q.step.Seconds, nil)),
		trail: trail{record: q.way.trail.record}, entry: q.way.entry, from: q.way.from, number: q.way.number, by: q.way.by}
	q.hunt = &hunt{way: w, of: q, codecs: spoken(q.who.codec), hears: []media.Codec{q.who.codec}}
	q.hunt.begin()
}

func (q *queued) rung(*member) {
	if !q.way.told {
		q.way.told = true
		q.ledger.Tell(store.Event{Type: ledger.CallRinging, Key: q.record.ID, For: q.hunt.trail.users(), Data: q.picture()})
	}
}

func (q *queued) rings(bool) {}

// answered: an agent takes the call.
func (q *queued) answered(m *member, codec media.Codec) {
	q.left, q.hunt = true, nil
	q.alarms.off(&q.long)
	q.board.desk.Takes(q.record.ID, m.party.User, time.Duration(q.step.WrapUp)*time.Second)
	q.way.trail.comesTo(ledger.Answered)
	q.connect(m, codec)
}

// failed: no agent that was rung took the call. The caller goes on waiting where he was.
func (q *queued) failed(cause Cause) {
	q.hunt = nil
	if q.late {
		q.ends(dialplan.Waited)
		return
	}
	rest := 10 * time.Second // another agent comes first
	if cause == CauseBusy {
		rest = time.Second
	}
	q.board.desk.Returns(q.record.ID, rest, cause == CauseNoAnswer || cause == CauseUnavailable)
}

func (q *queued) said(m *member, e Event) {
	if q.hunt != nil {
		q.hunt.said(m, e)
	}
	q.program.said(m, e)
}

// hears: who waits hears music.
func (q *queued) hears(m *member) []*media.Track {
	if m != q.who || !m.active() || m.held {
		return nil
	}
	return []*media.Track{q.board.sounds.musicIn(m.codec)}
}

func (q *queued) gone(m *member, e Gone) {
	if q.hunt == nil || !q.hunt.lost(m, e) {
		q.program.gone(m, e)
	}
}

func (q *queued) ended(Cause) { q.leaves() }
