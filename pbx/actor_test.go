package pbx

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"frontdesk/media"
)

// actor is a party that plays by a test's script.
type actor struct {
	id    string
	party Party
	offer []media.Codec
	asked Request // when it was dialled
	to    Target
	slow  bool // Gone comes when the test says so, not at once

	mu      sync.Mutex
	tell    func(Event)
	untold  []Event
	telling bool
	over    bool
	rung    int
	early   bool
	codec   string // answered with
	cause   Cause  // hung up with
	plays   []*media.Track
}

var actors atomic.Int64

func newActor(p Party, codecs ...media.Codec) *actor {
	if codecs == nil {
		codecs = []media.Codec{media.PCMA(), media.PCMU()}
	}
	return &actor{id: "leg" + strconv.FormatInt(actors.Add(1), 10), party: p, offer: codecs}
}

func (a *actor) ID() string { return a.id }

func (a *actor) Party() Party { return a.party }

func (a *actor) Offer() []media.Codec { return a.offer }

func (a *actor) with(fn func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	fn()
}

func (a *actor) Listen(fn func(Event)) {
	a.with(func() { a.tell = fn })
	a.deliver()
}

func (a *actor) Ring(early bool) { a.with(func() { a.rung++; a.early = a.early || early }) }

func (a *actor) Answer(codec media.Codec) { a.with(func() { a.codec = codec.Name }) }

func (a *actor) Play(t *media.Track) {
	a.with(func() { a.plays = append(a.plays, t) })
	if strings.HasSuffix(t.ID, "/prompt") { // that has an end, for who listens
		t.Attach(a)
	}
}

func (a *actor) WriteRTP(*media.Packet) {}

func (a *actor) Stop(t *media.Track) {
	t.Detach(a)
	a.with(func() { a.plays = slices.DeleteFunc(a.plays, func(x *media.Track) bool { return x == t }) })
}

func (a *actor) Hangup(c Cause) {
	a.with(func() {
		if a.cause == CauseNone {
			a.cause = c
		}
	})
	if !a.slow {
		a.say(Gone{Cause: c})
	}
}

// say tells the call something, from within or without one of its calls to the leg: in order, one at a time, not before
// Listen. Nothing comes after Gone.
func (a *actor) say(e Event) {
	a.with(func() {
		if !a.over {
			a.untold = append(a.untold, e)
		}
		_, last := e.(Gone)
		a.over = a.over || last
	})
	a.deliver()
}

func (a *actor) deliver() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.telling || a.tell == nil {
		return
	}
	a.telling = true
	for len(a.untold) > 0 {
		e := a.untold[0]
		a.untold = a.untold[1:]
		a.mu.Unlock()
		a.tell(e)
		a.mu.Lock()
	}
	a.telling = false
}

// speak starts to send sound.
func (a *actor) speak() *media.Track {
	t := media.NewTrack(a.id+"/audio", media.PCMA(), nil)
	a.say(TrackAdded{Track: t})
	return t
}

func (a *actor) hears() (ids []string) {
	ids = []string{}
	a.with(func() {
		for _, t := range a.plays {
			ids = append(ids, t.ID)
		}
	})
	return ids
}

func (a *actor) hungUp() (c Cause) {
	a.with(func() { c = a.cause })
	return c
}
