package pbx

import (
	"sync"

	"frontdesk/media"
)

// sounds are the hold music and the ringback tone: one player for each codec, shared by all calls.
type sounds struct {
	music, ringback, question, refusal func() []int16

	mu      sync.Mutex
	players map[string]*media.Player
}

func newSounds() *sounds {
	return &sounds{music: sync.OnceValue(media.Music), ringback: sync.OnceValue(media.Ringback),
		question: sync.OnceValue(media.Question), refusal: sync.OnceValue(media.Refusal),
		players: map[string]*media.Player{}}
}

func (s *sounds) musicIn(codec media.Codec) *media.Track {
	return s.player("music/"+codec.Name, codec, s.music)
}

func (s *sounds) ringbackIn(codec media.Codec) *media.Track {
	return s.player("ringback/"+codec.Name, codec, s.ringback)
}

// questionIn is what who answers a forwarded call hears until he takes it.
func (s *sounds) questionIn(codec media.Codec) *media.Track {
	return s.player("question/"+codec.Name, codec, s.question)
}

// refusalIn is what says that something can't be done.
func (s *sounds) refusalIn(codec media.Codec) *media.Track {
	return s.player("refusal/"+codec.Name, codec, s.refusal)
}

func (s *sounds) player(id string, codec media.Codec, pcm func() []int16) *media.Track {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.players[id]
	if p == nil {
		p = media.NewPlayer(id, codec, pcm())
		s.players[id] = p
	}
	return p.Track()
}

func (s *sounds) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.players {
		p.Close()
	}
}
