package call

import (
	"sync"

	"frontdesk/media"
)

// Sounds are the hold music and the ringback tone: one player for each codec, shared by all calls.
type Sounds struct {
	music, ringback, question, refusal func() []int16

	mu      sync.Mutex
	players map[string]*media.Player
}

func newSounds() *Sounds {
	return &Sounds{music: sync.OnceValue(media.Music), ringback: sync.OnceValue(media.Ringback),
		question: sync.OnceValue(media.Question), refusal: sync.OnceValue(media.Refusal),
		players: map[string]*media.Player{}}
}

// MusicIn is what who waits hears.
func (s *Sounds) MusicIn(codec media.Codec) *media.Track {
	return s.player("music/"+codec.Name, codec, s.music)
}

// RingbackIn is what who calls hears while others ring.
func (s *Sounds) RingbackIn(codec media.Codec) *media.Track {
	return s.player("ringback/"+codec.Name, codec, s.ringback)
}

// QuestionIn is what who answers a forwarded call hears until he takes it.
func (s *Sounds) QuestionIn(codec media.Codec) *media.Track {
	return s.player("question/"+codec.Name, codec, s.question)
}

// RefusalIn is what says that something can't be done.
func (s *Sounds) RefusalIn(codec media.Codec) *media.Track {
	return s.player("refusal/"+codec.Name, codec, s.refusal)
}

func (s *Sounds) player(id string, codec media.Codec, pcm func() []int16) *media.Track {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.players[id]
	if p == nil {
		p = media.NewPlayer(id, codec, pcm())
		s.players[id] = p
	}
	return p.Track()
}

func (s *Sounds) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.players {
		p.Close()
	}
}
