package pbx

import (
	"context"
	"strconv"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/hunt"
	"frontdesk/pbx/ledger"
)

// parkLasts is how long a parked call waits before who parked it is rung for it.
const parkLasts = 2 * time.Minute

// park is the act in which a party waits, with music, for anybody of ours to take it: its slot is the company's.
type park struct {
	program
	slot  *ledger.Channel // nil: not taken yet
	since time.Time
	long  call.Alarm
	hunt  *hunt.Hunt // that rings who parked it; nil while it only waits

	device string // desk phone that transferred the call here, and is told its slot; "": none
	untold func() // ends that; nil: it is not told
}

// takes a slot that was seized before for it.
func (p *park) takes(slot *ledger.Channel) { p.slot = slot }

func (p *park) Begin() {
	if !p.answer() {
		return
	}
	p.since = time.Now()
	p.way.Begins(ledger.Step{Kind: ledger.Park, Users: []string{}})
	p.Alarms.Set(&p.long, parkLasts, p.ringsBack)
	if p.slot != nil { // who parks took it before, and was told
		p.Board.TellWaiting()
		return
	}
	p.Board.Running.Go(func() { p.Post(slotTaken{p, p.Ledger.SeizePark(p.Record.ID)}) })
}

// slotTaken: a call has a slot, or (nil) there is none.
type slotTaken struct {
	park *park
	slot *ledger.Channel
}

func (s slotTaken) Late() { s.park.Ledger.GiveBack(s.slot) }

func (s slotTaken) Happen(c *call.Call) {
	switch {
	case !c.Performs(s.park):
		s.Late()
	case s.slot == nil:
		c.Log.Warn("no slot to park a call in")
		s.park.Alarms.Off(&s.park.long)
		s.park.ringsBack()
	default:
		s.park.slot = s.slot
		c.Board.TellWaiting()
		s.park.tellsSlot()
	}
}

// tellsSlot tells the desk phone that parked the call where it waits, until somebody takes it.
func (p *park) tellsSlot() {
	number := p.Plan.CodeOf(dialplan.Park)
	if p.device == "" || p.slot == nil || number == "" || p.Board.Dialers.Phone == nil {
		return
	}
	ctx, cancel := context.WithCancel(p.Board.Ctx)
	p.untold = cancel
	t := &slotTold{board: p.Board, device: p.device, user: p.who.By, call: p.Record.ID, slot: p.slot.Slot(),
		number: number + strconv.FormatInt(p.slot.Slot(), 10),
		codec:  make(chan media.Codec, 1), gone: make(chan struct{})}
	p.Board.Running.Go(func() {
		defer cancel()
		t.run(ctx)
	})
}

func (p *park) Hears(m *call.Member) []*media.Track {
	if m != p.who {
		return nil
	}
	return []*media.Track{p.Board.Sounds.MusicIn(m.Codec, p.Plan.Music())}
}

func (p *park) Look(v *View) {
	v.Parked = &Parked{By: p.who.By, Since: p.since}
	if p.slot != nil {
		v.Parked.Slot = p.slot.Slot()
	}
}

func (p *park) Said(m *call.Member, e Event) {
	if w, ok := e.(call.WantsIn); ok && m.Party.User != "" {
		p.takenBy(m, w)
		return
	}
	if p.hunt != nil {
		p.hunt.Said(m, e)
	}
	p.program.Said(m, e)
}

// takenBy has who fetches the call talk with the party that waits.
func (p *park) takenBy(m *call.Member, _ call.WantsIn) {
	if !p.LetIn(m, call.Spoken(p.who.Codec)) {
		return
	}
	if p.hunt != nil {
		p.hunt.Cancel()
	}
	p.Answered(m, m.Codec)
}

// Answered: who parked it, rung for it, or who fetched it has the call.
func (p *park) Answered(m *call.Member, codec media.Codec) {
	p.way.Trail.PickedUp(m.Party.User)
	p.leaves()
	m.By = p.who.By
	p.connect(m, codec)
}

func (p *park) Ended(Cause) { p.leaves() }

// leaves frees the slot.
func (p *park) leaves() {
	p.Alarms.Off(&p.long)
	if p.untold != nil {
		p.untold()
	}
	if p.slot != nil {
		p.Ledger.GiveBack(p.slot)
		p.slot = nil
		p.Board.TellWaiting()
	}
}

// ringsBack rings who parked the call; whoever fetches it meanwhile has it nevertheless.
func (p *park) ringsBack() {
	if p.who.By == "" {
		p.Alarms.Set(&p.long, parkLasts, p.ringsBack)
		return
	}
	w := p.way.Beside(p.Plan.Ring([]string{p.who.By}, recallSeconds, nil))
	p.hunt = hunt.New(w, p, call.Spoken(p.who.Codec), []media.Codec{p.who.Codec})
	p.hunt.Begin()
}

func (p *park) Gone(m *call.Member, e Gone) {
	if m != p.who {
		if p.hunt != nil {
			p.hunt.Lost(m, e)
		}
		return
	}
	p.program.Gone(m, e)
}

func (p *park) Rung(*call.Member) {}

func (p *park) Rings(bool) {}

func (p *park) Leads(dialplan.Step) { p.Failed(CauseUnavailable) }

// Failed: nobody took it, so it waits on.
func (p *park) Failed(cause Cause) {
	if p.hunt == nil {
		p.program.Failed(cause)
		return
	}
	p.hunt = nil
	p.Alarms.Set(&p.long, parkLasts, p.ringsBack)
}
