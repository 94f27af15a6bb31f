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
		pcm, err := c.Board.read(prompts)
		c.Post(readOut{s, pcm, err})
	})
	return s
}

const (
	// silence comes before all that is said: the sound of who was answered just now has to find its way first.
	silence = media.Rate * 2 / 5
)

// read gives the sound of prompts.
func (s *Switchboard) read(prompts []string) (all []int16, err error) {
	if s.Config.Prompt == nil {
		return nil, errNoPrompts
	}
	ctx, cancel := context.WithTimeout(s.Ctx, promptLimit)
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

// sound is that of a prompt, or of a message that somebody left.
func (s *Switchboard) sound(ctx context.Context, name string) ([]int16, error) {
	if message, is := strings.CutPrefix(name, voicemail.Prompt); is && s.Config.Voicemail != nil {
		return s.Config.Voicemail.Sound(ctx, message)
	}
	return s.Config.Prompt(ctx, name)
}
