package call

import (
	"context"
	"strings"

	"frontdesk/media"
	"frontdesk/pbx/voicemail"
)

// Say begins to say prompts to a member, one after the other. Over is told when they have been heard, or (false) that
// one can't be read.
func (c *Call) Say(to *Member, over func(said bool), prompts ...string) *Speech {
	s := &Speech{to: to, over: over}
	c.Board.Running.Go(func() {
		pcm, err := c.Board.read(c.Board.Ctx, prompts)
		c.Post(readOut{s, pcm, err})
	})
	return s
}

// silence comes before all that is said: the sound of who was answered just now has to find its way first.
const silence = media.Rate * 2 / 5

// Spoken is the sound of prompts, one after the other.
func (s *Switchboard) Spoken(ctx context.Context, prompts ...string) ([]int16, error) {
	return s.read(ctx, prompts)
}

// read gives the sound of prompts.
func (s *Switchboard) read(ctx context.Context, prompts []string) (all []int16, err error) {
	if s.Config.Prompt == nil {
		return nil, errNoPrompts
	}
	ctx, cancel := context.WithTimeout(ctx, promptLimit)
	defer cancel()
	all = make([]int16, silence)
	for _, name := range prompts {
		pcm, err := s.sound(ctx, name)
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
		s.player = media.NewPrompt(s.to.Leg.ID()+"/prompt", s.to.Codec.Sound(), r.pcm, func() { c.Post(heard{s}) })
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

// sound is that of a prompt, or of a message that somebody left.
func (s *Switchboard) sound(ctx context.Context, name string) ([]int16, error) {
	if message, is := strings.CutPrefix(name, voicemail.Prompt); is && s.Config.Voicemail != nil {
		return s.Config.Voicemail.Sound(ctx, message)
	}
	return s.Config.Prompt(ctx, name)
}
