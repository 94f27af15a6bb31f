package pbx

import (
	"context"
	"errors"
	"time"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
)

// feature is the act in which a code that somebody dialled changes how he is called; he hears whether it did.
type feature struct {
	program
	code dialplan.Code
	over call.Alarm
	done *bool // whether it did; nil: not known yet
}

// heardFor is how long the tone that tells so is played.
const heardFor = 1500 * time.Millisecond

func (f *feature) Begin() {
	if !f.answer() {
		return
	}
	f.Board.Running.Go(func() {
		ctx, cancel := context.WithTimeout(f.Board.Ctx, call.WriteLimit)
		defer cancel()
		err := f.do(ctx)
		if err != nil {
			f.Log.Info("feature code refused", "feature", f.code.Feature, "err", err)
		}
		f.Post(acted{f, err == nil})
	})
}

// errNoAgent: who is in no queue logs in to none.
var errNoAgent = errors.New("agent of no queue")

// do is what the code asks for.
func (f *feature) do(ctx context.Context) error {
	user, yes, no := f.who.Party.User, new(true), new(false)
	set := map[dialplan.Feature][2]*bool{dialplan.AgentOn: {yes}, dialplan.AgentOff: {no}, dialplan.PauseOn: {nil, yes},
		dialplan.PauseOff: {nil, no}}
	agent, is := set[f.code.Feature]
	switch {
	case !is:
		return f.Board.Directory.Act(ctx, user, f.code)
	case !f.Plan.IsAgent(user):
		return errNoAgent
	}
	return f.Board.SetAgent(ctx, user, agent[0], agent[1])
}

// acted is what came of it.
type acted struct {
	feature *feature
	did     bool
}

func (acted) Late() {}

func (a acted) Happen(c *call.Call) {
	f := a.feature
	f.done = &a.did
	c.Alarms.Set(&f.over, heardFor, func() { f.End(CauseNormal) })
}

func (f *feature) Hears(m *call.Member) []*media.Track {
	switch {
	case f.done == nil || m != f.who:
		return nil
	case *f.done:
		return []*media.Track{f.Board.Sounds.DoneIn(m.Codec)}
	}
	return []*media.Track{f.Board.Sounds.RefusalIn(m.Codec)}
}
