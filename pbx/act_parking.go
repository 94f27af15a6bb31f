package pbx

import (
	"context"
	"strconv"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/prompts"
)

// parking is the act in which who has a call wait on his desk phone asks where it is going to be parked: he hears the
// number of the slot, over and over, until he transfers that call here.
type parking struct {
	program
	slot   *ledger.Channel // nil: not taken yet, or given to the call that is parked
	speech *call.Speech
	long   call.Alarm
}

// parkingLasts is how long he may take.
const parkingLasts = time.Minute

func (p *parking) Begin() {
	if p.who.Party.Kind != Phone {
		p.Failed(CauseNotFound)
		return
	}
	if !p.answer() {
		return
	}
	p.Alarms.Set(&p.long, parkingLasts, func() { p.End(CauseNormal) })
	p.Board.Running.Go(func() {
		ctx, cancel := context.WithTimeout(p.Board.Ctx, call.WriteLimit)
		defer cancel()
		language := p.Board.Language(ctx, p.who.Party.User)
		p.Post(reserved{p, p.Ledger.SeizePark(p.Record.ID), language})
	})
}

// reserved: there is a slot for the call that is going to be parked, or (nil) none.
type reserved struct {
	parking  *parking
	slot     *ledger.Channel
	language string
}

func (r reserved) Late() { r.parking.Ledger.GiveBack(r.slot) }

func (r reserved) Happen(c *call.Call) {
	switch p := r.parking; {
	case !c.Performs(p):
		r.Late()
	case r.slot == nil:
		p.Failed(CauseOverload)
	default:
		p.slot = r.slot
		p.says(r.language)
	}
}

// says the number of the slot, digit by digit, and again.
func (p *parking) says(language string) {
	words := []string{}
	for _, digit := range strconv.FormatInt(p.slot.Slot(), 10) {
		words = append(words, prompts.System(language, string(digit)))
	}
	p.speech = p.Say(p.who, func(said bool) {
		if said {
			p.says(language)
		}
	}, words...)
}

func (p *parking) Hears(m *call.Member) []*media.Track { return p.speech.Sound(m) }

// Said: the call that he has waiting is to be parked.
func (p *parking) Said(m *call.Member, e Event) {
	asked, is := e.(proposal)
	if !is || m != p.who || asked.stays || p.slot == nil {
		p.program.Said(m, e)
		return
	}
	slot := p.slot.Moved(asked.from.In.Call)
	p.Ledger.Move(slot)
	p.slot = nil
	asked.from.Post(ringInstead{join: asked.from, to: p.In.Dialled, slot: slot})
	p.End(CauseNormal)
}

func (p *parking) Ended(Cause) {
	p.speech.Stop()
	p.Ledger.GiveBack(p.slot)
}
