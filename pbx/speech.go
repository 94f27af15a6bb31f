package pbx

import (
	"context"
	"errors"
	"time"

	"frontdesk/media"
)

// speech is prompts that are said to a member, once: they are read off the goroutine of the call, and played then.
type speech struct {
	call    *Call
	to      *member
	over    func(said bool) // not after stop
	player  *media.Prompt   // nil until they are read
	stopped bool
}

// say begins to say prompts to a member, one after the other. Over is told when they have been heard, or (false) that
// one can't be read.
func (c *Call) say(to *member, over func(said bool), prompts ...string) *speech {
	s := &speech{call: c, to: to, over: over}
	c.board.running.Go(func() {
		pcm, err := c.board.read(prompts)
		c.box.Put(readOut{s, pcm, err}, true)
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
func (s *switchboard) read(prompts []string) (all []int16, err error) {
	if s.config.Prompt == nil {
		return nil, errNoPrompts
	}
	ctx, cancel := context.WithTimeout(s.ctx, promptLimit)
	defer cancel()
	all = make([]int16, silence)
	for _, name := range prompts {
		pcm, err := s.config.Prompt(ctx, name)
		if err != nil {
			return nil, err
		}
		all = append(all, pcm...)
	}
	return all, nil
}

// readOut is what is to be said.
type readOut struct {
	speech *speech
	pcm    []int16
	err    error
}

func (readOut) late() {}

func (r readOut) happen(c *Call) {
	s := r.speech
	switch {
	case s.stopped || s.to.gone():
	case r.err != nil:
		c.log.Warn("prompt can't be played", "err", r.err)
		s.ends(false)
	default:
		s.player = media.NewPrompt(s.to.leg.ID()+"/prompt", s.to.codec, r.pcm, func() { c.box.Put(heard{s}, true) })
	}
}

// heard: it has been said.
type heard struct{ speech *speech }

func (heard) late() {}

func (h heard) happen(*Call) {
	if !h.speech.stopped {
		h.speech.ends(true)
	}
}

func (s *speech) ends(said bool) {
	s.stop()
	s.over(said)
}

// stop ends it, and nothing is told; also of one that never began.
func (s *speech) stop() {
	if s == nil || s.stopped {
		return
	}
	s.stopped = true
	if s.player != nil {
		s.player.Close()
	}
}

// sound is what a member hears of it.
func (s *speech) sound(m *member) []*media.Track {
	if s == nil || s.player == nil || s.stopped || m != s.to || m.held {
		return nil
	}
	return []*media.Track{s.player.Track()}
}
