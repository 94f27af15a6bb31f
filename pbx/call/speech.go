package call

import (
	"context"
	"errors"
	"time"

	"frontdesk/media"
)

// Speech is prompts that are said to a member, once: they are read off the goroutine of the call, and played then.
type Speech struct {
	call    *Call
	to      *Member
	over    func(said bool) // not after stop
	player  *media.Prompt   // nil until they are read
	stopped bool
}

// Say begins to say prompts to a member, one after the other. Over is told when they have been heard, or (false) that
// one can't be read.
func (c *Call) Say(to *Member, over func(said bool), prompts ...string) *Speech {
	s := &Speech{call: c, to: to, over: over}
	c.Board.Running.Go(func() {
		pcm, err := c.Board.read(prompts)
		c.Post(readOut{s, pcm, err})
	})
	return s
}

const (
	promptLimit = 5 * time.Second // to read prompts
	// silence comes before all that is said: the sound of who was answered just now has to find its way first.
	silence = media.Rate * 2 / 5
)

// errNoPrompts: the exchange has none.
var errNoPrompts = errors.New("no prompts")

// read gives the sound of prompts.
func (s *Switchboard) read(prompts []string) (all []int16, err error) {
	if s.Config.Prompt == nil {
		return nil, errNoPrompts
	}
	ctx, cancel := context.WithTimeout(s.Ctx, promptLimit)
	defer cancel()
	all = make([]int16, silence)
	for _, name := range prompts {
		pcm, err := s.Config.Prompt(ctx, name)
		if err != nil {
			return nil, err
		}
		all = append(all, pcm...)
	}
	return all, nil
}

// readOut is what is to be said.
type readOut struct {
	speech *Speech
	pcm    []int16
	err    error
}

func (readOut) Late() {}

func (r readOut) Happen(c *Call) {
	s := r.speech
	switch {
	case s.stopped || s.to.Gone():
	case r.err != nil:
		c.Log.Warn("prompt can't be played", "err", r.err)
		s.ends(false)
	default:
		s.player = media.NewPrompt(s.to.Leg.ID()+"/prompt", s.to.Codec, r.pcm, func() { c.Post(heard{s}) })
	}
}

// heard: it has been said.
type heard struct{ speech *Speech }

func (heard) Late() {}

func (h heard) Happen(*Call) {
	if !h.speech.stopped {
		h.speech.ends(true)
	}
}

func (s *Speech) ends(said bool) {
	s.Stop()
	s.over(said)
}

// Stop ends it, and nothing is told; also of one that never began.
func (s *Speech) Stop() {
	if s == nil || s.stopped {
		return
	}
	s.stopped = true
	if s.player != nil {
		s.player.Close()
	}
}

// Over: it was said, or stopped; nothing is said where there is none.
func (s *Speech) Over() bool { return s == nil || s.stopped }

// Sound is what a member hears of it.
func (s *Speech) Sound(m *Member) []*media.Track {
	if s == nil || s.player == nil || s.stopped || m != s.to || m.Held {
		return nil
	}
	return []*media.Track{s.player.Track()}
}
