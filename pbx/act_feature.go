package pbx

import (
	"context"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/dialplan"
)

// feature is the act in which a code that somebody dialled changes how he is called; he hears whether it did.
type feature struct {
	program
	code dialplan.Code
	over alarm
	done *bool // whether it did; nil: not known yet
}

// heardFor is how long the tone that tells so is played.
const heardFor = 1500 * time.Millisecond

func (f *feature) begin() {
	if !f.answer() {
		return
	}
	f.board.running.Go(func() {
		ctx, cancel := context.WithTimeout(f.board.ctx, writeLimit)
		defer cancel()
		err := f.board.directory.Act(ctx, f.who.party.User, f.code)
		if err != nil {
			f.log.Info("feature code refused", "feature", f.code.Feature, "err", err)
		}
		f.box.Put(acted{f, err == nil}, true)
	})
}

// acted is what came of it.
type acted struct {
	feature *feature
	did     bool
}

func (acted) late() {}

func (a acted) happen(c *Call) {
	f := a.feature
	f.done = &a.did
	c.alarms.set(&f.over, heardFor, func() { f.end(CauseNormal) })
}

func (f *feature) hears(m *member) []*media.Track {
	switch {
	case f.done == nil || m != f.who:
		return nil
	case *f.done:
		return []*media.Track{f.board.sounds.questionIn(m.codec)}
	}
	return []*media.Track{f.board.sounds.refusalIn(m.codec)}
}
