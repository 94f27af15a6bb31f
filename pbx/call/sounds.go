package call

import (
	"sync"

	"frontdesk/media"
	"frontdesk/pbx/prompts"
)

// Sounds are hold music, tones and what is said over and over: one player of each for each codec that we write, shared
// by all calls.
type Sounds struct {
	music, ringback, question, refusal func() []int16

	prompt func(id string) ([]int16, error) // reads one

	mu      sync.Mutex
	players map[string]*media.Player
}

func newSounds(prompt func(id string) ([]int16, error)) *Sounds {
	return &Sounds{prompt: prompt, music: sync.OnceValue(media.Music), ringback: sync.OnceValue(media.Ringback),
		question: sync.OnceValue(media.Question), refusal: sync.OnceValue(media.Refusal),
		players: map[string]*media.Player{}}
}

// MusicIn is what who waits hears: a prompt of the company's, or the music that ships where that is "" or can't be
// read.
func (s *Sounds) MusicIn(codec media.Codec, prompt string) *media.Track {
	codec = codec.Sound()
	if prompt == "" {
		return s.player("music/"+codec.Name, codec, s.music)
	}
	return s.loop("music/"+prompt+"/"+codec.Name, codec, prompt, nil, s.music)
}

// RingbackIn is what who calls hears while others ring.
func (s *Sounds) RingbackIn(codec media.Codec) *media.Track {
	codec = codec.Sound()
	return s.player("ringback/"+codec.Name, codec, s.ringback)
}

// QuestionIn is what who answers a forwarded call hears until he takes it: that he does so by pressing 1, or a tone
// where that can't be said.
func (s *Sounds) QuestionIn(codec media.Codec, language string) *media.Track {
	codec = codec.Sound()
	prompt := prompts.System(language, "accept")
	return s.loop("question/"+language+"/"+codec.Name, codec, prompt, make([]int16, media.Rate), s.question)
}

// DoneIn is what says that something is done.
func (s *Sounds) DoneIn(codec media.Codec) *media.Track {
	codec = codec.Sound()
	return s.player("done/"+codec.Name, codec, s.question)
}

// RefusalIn is what says that something can't be done.
func (s *Sounds) RefusalIn(codec media.Codec) *media.Track {
	codec = codec.Sound()
	return s.player("refusal/"+codec.Name, codec, s.refusal)
}

func (s *Sounds) player(id string, codec media.Codec, pcm func() []int16) *media.Track {
	return s.one(id, func() *media.Player { return media.NewPlayer(id, codec, pcm()) })
}

// loop plays a prompt over and over, with a pause, or something else where it can't be read.
func (s *Sounds) loop(id string, codec media.Codec, prompt string, pause []int16,
	otherwise func() []int16) *media.Track {
	return s.one(id, func() *media.Player {
		return media.NewLoop(id, codec, func() []int16 {
			pcm, err := s.prompt(prompt)
			if err != nil {
				return otherwise()
			}
			return append(pcm[:len(pcm):len(pcm)], pause...)
		})
	})
}

// one is the track of the one player with an id.
func (s *Sounds) one(id string, open func() *media.Player) *media.Track {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.players[id]
	if p == nil {
		p = open()
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
