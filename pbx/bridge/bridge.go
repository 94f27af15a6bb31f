// Package bridge joins two calls of a node by a pair of legs without a wire between.
package bridge

import (
	"sync"

	"frontdesk/media"
	"frontdesk/pbx/call"
	"frontdesk/store"
)

// end is one of two legs without a wire between: what one is told the other says.
type end struct {
	id    string
	party call.Party
	offer []media.Codec
	other *end

	mu      sync.Mutex
	listen  func(call.Event)
	unheard []call.Event
	telling bool // somebody is telling: what comes meanwhile he tells, too
	over    bool
	playing *media.Track
}

// New makes the two legs, with whom each stands for and the codecs that both speak, the best first.
func New(near, far call.Party, codecs []media.Codec) (a, b call.Leg) {
	one := &end{id: store.NewID(), party: near, offer: codecs}
	other := &end{id: store.NewID(), party: far, offer: codecs, other: one}
	one.other = other
	return one, other
}

func (e *end) ID() string { return e.id }

func (e *end) Party() call.Party { return e.party }

func (e *end) Offer() []media.Codec { return e.offer }

func (e *end) Listen(fn func(call.Event)) {
	e.mu.Lock()
	e.listen = fn
	e.mu.Unlock()
	e.say()
}

func (e *end) Ring(bool) { e.other.say(call.Ringing{}) }

func (e *end) Answer(codec media.Codec) { e.other.say(call.Answered{Codec: codec}) }

func (e *end) Hangup(c call.Cause) {
	e.other.say(call.Gone{Cause: c})
	e.say(call.Gone{Cause: c})
}

func (e *end) Play(t *media.Track) {
	if before := e.plays(t); before != nil {
		e.other.say(call.TrackRemoved{Track: before})
	}
	e.other.say(call.TrackAdded{Track: t})
}

func (e *end) plays(t *media.Track) (before *media.Track) {
	e.mu.Lock()
	defer e.mu.Unlock()
	before, e.playing = e.playing, t
	return before
}

func (e *end) Stop(t *media.Track) {
	e.mu.Lock()
	stops := e.playing == t
	if stops {
		e.playing = nil
	}
	e.mu.Unlock()
	if stops {
		e.other.say(call.TrackRemoved{Track: t})
	}
}

// say tells events to who listens, in order and one at a time; nothing after Gone.
func (e *end) say(events ...call.Event) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, event := range events {
		if !e.over {
			e.unheard = append(e.unheard, event)
		}
		_, last := event.(call.Gone)
		e.over = e.over || last
	}
	if e.telling || e.listen == nil {
		return
	}
	e.telling = true
	for len(e.unheard) > 0 {
		event := e.unheard[0]
		e.unheard = e.unheard[1:]
		e.mu.Unlock()
		e.listen(event)
		e.mu.Lock()
	}
	e.telling = false
}
