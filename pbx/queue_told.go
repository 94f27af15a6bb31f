package pbx

import (
	"context"
	"strconv"
	"time"

	"frontdesk/pbx/call"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/prompts"
	"frontdesk/pbx/queue"
)

// spokenUpTo is the highest number of those that ship with the program.
const spokenUpTo = 10

// standings tells who waits in a queue, again and again, how far he is.
type standings struct {
	*call.Call
	who    *call.Member
	step   dialplan.Enqueue
	next   call.Alarm
	speech *call.Speech
	over   bool
	offers bool // he is told that he may be called back
}

// offersEvery is how often he is, where nothing else is announced.
const offersEvery = 30 * time.Second

// begin tells him after the first interval.
func (s *standings) begin() {
	every := time.Duration(s.step.Announce) * time.Second
	if every == 0 && s.offers {
		every = offersEvery
	}
	if every > 0 && !s.over {
		s.Alarms.Set(&s.next, every, s.ask)
	}
}

func (s *standings) ask() {
	s.Board.Running.Go(func() {
		ctx, cancel := context.WithTimeout(s.Board.Ctx, call.WriteLimit)
		defer cancel()
		now, err := s.Board.Desk.Standing(ctx, s.Record.ID)
		if err != nil {
			s.Log.Warn("who waits is not told his place", "queue", s.step.Name, "err", err)
		}
		s.Post(stands{s, now})
	})
}

// stands: it is known how far a caller is; the zero Standing: it isn't.
type stands struct {
	told *standings
	now  queue.Standing
}

func (stands) Late() {}

func (s stands) Happen(*call.Call) {
	all := s.told.announcement(s.now)
	switch {
	case s.told.over:
	case len(all) == 0:
		s.told.begin()
	default:
		s.told.speech = s.told.Say(s.told.who, func(bool) { s.told.begin() }, all...)
	}
}

// announcement is all that he is told.
func (s *standings) announcement(now queue.Standing) (all []string) {
	if s.step.Announce > 0 {
		all = announcement(now, s.step.Language)
	}
	if s.offers && now.Place > 0 {
		all = append(all, prompts.System(s.step.Language, "callback"))
	}
	return all
}

// announcement is the prompts that tell a caller how far he is. What has no number that ships with the program is left
// out: who is far back is asked to hold on.
func announcement(s queue.Standing, language string) (all []string) {
	say := func(names ...string) {
		for _, name := range names {
			all = append(all, prompts.System(language, name))
		}
	}
	switch {
	case s.Place == 0:
		return nil
	case s.Place <= spokenUpTo:
		say("position", strconv.Itoa(s.Place))
	default:
		say("hold-on")
	}
	minutes := int((s.Left + time.Minute - 1) / time.Minute)
	if minutes > 0 && minutes <= spokenUpTo {
		say("wait-minutes", strconv.Itoa(minutes))
	}
	return all
}

// stop ends what is said, for good.
func (s *standings) stop() {
	s.over = true
	s.Alarms.Off(&s.next)
	s.speech.Stop()
}
