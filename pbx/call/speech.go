package call

import (
	"frontdesk/media"
)

// Speech is prompts that are said to a member, once: they are read off the goroutine of the call, and played then.
type Speech struct {
	to      *Member
	over    func(said bool) // not after stop
	player  *media.Prompt   // nil until they are read
	stopped bool
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
