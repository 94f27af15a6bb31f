package pbx

import (
	"time"

	"frontdesk/media"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
)

// parkLasts is how long a parked call waits before who parked it is rung for it.
const parkLasts = 2 * time.Minute

// park is the act in which a party waits, with music, for anybody of ours to take it: its slot is the company's.
type park struct {
	program
	slot  *ledger.Channel // nil: not taken yet
	since time.Time
	long  alarm
	hunt  *hunt // that rings who parked it; nil while it only waits
}

func (p *park) begin() {
	if p.who == p.caller && p.who.by == "" { // nobody parks himself
		p.failed(CauseNotFound)
		return
	}
	if !p.answer() {
		return
	}
	p.since = time.Now()
	p.way.begins(ledger.Step{Kind: ledger.Park, Users: []string{}})
	p.alarms.set(&p.long, parkLasts, p.ringsBack)
	p.board.running.Go(func() { p.post(slotTaken{p, p.ledger.SeizePark(p.record.ID)}) })
}

// slotTaken: a call has a slot, or (nil) there is none.
type slotTaken struct {
	park *park
	slot *ledger.Channel
}

func (s slotTaken) late() { s.park.ledger.GiveBack(s.slot) }

func (s slotTaken) happen(c *Call) {
	switch {
	case c.act != act(s.park):
		s.late()
	case s.slot == nil:
		c.log.Warn("no slot to park a call in")
		s.park.alarms.off(&s.park.long)
		s.park.ringsBack()
	default:
		s.park.slot = s.slot
		c.board.tellWaiting()
	}
}

func (p *park) hears(m *member) []*media.Track {
	if m != p.who {
		return nil
	}
	return []*media.Track{p.board.sounds.musicIn(m.codec)}
}

func (p *park) look(v *View) {
	v.Parked = &Parked{By: p.who.by, Since: p.since}
	if p.slot != nil {
		v.Parked.Slot = p.slot.Slot()
	}
}

func (p *park) said(m *member, e Event) {
	if w, ok := e.(wantsIn); ok && m.party.User != "" {
		p.takenBy(m, w)
		return
	}
	if p.hunt != nil {
		p.hunt.said(m, e)
	}
	p.program.said(m, e)
}

// takenBy has who fetches the call talk with the party that waits.
func (p *park) takenBy(m *member, _ wantsIn) {
	if !p.letIn(m, spoken(p.who.codec)) {
		return
	}
	if p.hunt != nil {
		p.hunt.cancel()
	}
	p.answered(m, m.codec)
}

// answered: who parked it, rung for it, or who fetched it has the call.
func (p *park) answered(m *member, codec media.Codec) {
	p.way.trail.pickedUp(m.party.User)
	p.leaves()
	m.by = p.who.by
	p.connect(m, codec)
}

func (p *park) ended(Cause) { p.leaves() }

// leaves frees the slot.
func (p *park) leaves() {
	p.alarms.off(&p.long)
	if p.slot != nil {
		p.ledger.GiveBack(p.slot)
		p.slot = nil
		p.board.tellWaiting()
	}
}

// ringsBack rings who parked the call; whoever fetches it meanwhile has it nevertheless.
func (p *park) ringsBack() {
	if p.who.by == "" {
		p.alarms.set(&p.long, parkLasts, p.ringsBack)
		return
	}
	w := *p.way
	w.trail = trail{record: w.trail.record}
	w.walk = dialplan.NewWalk(p.plan.Ring([]string{p.who.by}, recallSeconds, nil))
	p.hunt = &hunt{way: &w, of: p, codecs: spoken(p.who.codec), hears: []media.Codec{p.who.codec}}
	p.hunt.begin()
}

func (p *park) gone(m *member, e Gone) {
	if m != p.who {
		if p.hunt != nil {
			p.hunt.lost(m, e)
		}
		return
	}
	p.program.gone(m, e)
}

func (p *park) rung(*member) {}

func (p *park) rings(bool) {}

func (p *park) leads(dialplan.Step) { p.failed(CauseUnavailable) }

// failed: nobody took it, so it waits on.
func (p *park) failed(cause Cause) {
	if p.hunt == nil {
		p.program.failed(cause)
		return
	}
	p.hunt = nil
	p.alarms.set(&p.long, parkLasts, p.ringsBack)
}
