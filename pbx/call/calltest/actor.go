// Package calltest has what tests of calls need: parties that play by a script, and a switchboard that they are rung
// at.
package calltest

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"frontdesk/media"
	"frontdesk/pbx/call"
)

// Actor is a party that plays by a test's script: a call.Leg.
type Actor struct {
	Asked call.Request // when it was dialled
	To    call.Target
	Slow  bool // Gone comes when the test says so, not at once

	id    string
	party call.Party
	offer []media.Codec

	mu      sync.Mutex
	tell    func(call.Event)
	untold  []call.Event
	telling bool
	over    bool
	rung    int
	early   bool
	codec   string // answered with
	cause   call.Cause
	plays   []*media.Track
	inCall  string
}

var actors atomic.Int64

// New makes a party that speaks codecs, the best first; without any PCMA and PCMU.
func New(p call.Party, codecs ...media.Codec) *Actor {
	if codecs == nil {
		codecs = []media.Codec{media.PCMA(), media.PCMU()}
	}
	return &Actor{id: "leg" + strconv.FormatInt(actors.Add(1), 10), party: p, offer: codecs}
}

func (a *Actor) ID() string { return a.id }

func (a *Actor) Party() call.Party { return a.party }

func (a *Actor) Offer() []media.Codec { return a.offer }

func (a *Actor) with(fn func()) {
	a.mu.Lock()
	defer a.mu.Unlock()
	fn()
}

func (a *Actor) Listen(fn func(call.Event)) {
	a.with(func() { a.tell = fn })
	a.deliver()
}

func (a *Actor) Ring(early bool) { a.with(func() { a.rung++; a.early = a.early || early }) }

func (a *Actor) Answer(codec media.Codec) { a.with(func() { a.codec = codec.Name }) }

func (a *Actor) Play(t *media.Track) {
	a.with(func() { a.plays = append(a.plays, t) })
	if strings.HasSuffix(t.ID, "/prompt") { // that has an end, for who listens
		t.Attach(a)
	}
}

func (a *Actor) WriteRTP(*media.Packet) {}

func (a *Actor) Stop(t *media.Track) {
	t.Detach(a)
	a.with(func() { a.plays = slices.DeleteFunc(a.plays, func(x *media.Track) bool { return x == t }) })
}

func (a *Actor) Hangup(c call.Cause) {
	a.with(func() {
		if a.cause == call.CauseNone {
			a.cause = c
		}
	})
	if !a.Slow {
		a.Say(call.Gone{Cause: c})
	}
}

// Moved: another call took it over.
func (a *Actor) Moved(call string) { a.with(func() { a.inCall = call }) }

// Say tells the call something, from within or without one of its calls to the leg: in order, one at a time, not before
// Listen. Nothing comes after Gone.
func (a *Actor) Say(e call.Event) {
	a.with(func() {
		if !a.over {
			a.untold = append(a.untold, e)
		}
		_, last := e.(call.Gone)
		a.over = a.over || last
	})
	a.deliver()
}

func (a *Actor) deliver() {
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

// Speak starts to send sound.
func (a *Actor) Speak() *media.Track {
	t := media.NewTrack(a.id+"/audio", media.PCMA(), nil)
	a.Say(call.TrackAdded{Track: t})
	return t
}

// Plays are the tracks that are played to it.
func (a *Actor) Plays() (now []*media.Track) {
	a.with(func() { now = slices.Clone(a.plays) })
	return now
}

// Hears are the ids of the tracks that are played to it.
func (a *Actor) Hears() []string {
	ids := []string{}
	for _, t := range a.Plays() {
		ids = append(ids, t.ID)
	}
	return ids
}

// HungUp is why it was hung up; CauseNone: it was not.
func (a *Actor) HungUp() (c call.Cause) {
	a.with(func() { c = a.cause })
	return c
}

// Over: it is gone, by itself or hung up.
func (a *Actor) Over() (over bool) {
	a.with(func() { over = a.over || a.cause != call.CauseNone })
	return over
}

// Codec is the name of the one that it was answered with, "" for none.
func (a *Actor) Codec() (name string) {
	a.with(func() { name = a.codec })
	return name
}

// Rung is how often it was told that the other side rings.
func (a *Actor) Rung() (n int) {
	a.with(func() { n = a.rung })
	return n
}

// Early: it was told that sound comes before the answer.
func (a *Actor) Early() (early bool) {
	a.with(func() { early = a.early })
	return early
}

// InCall is the call that took it over, "" for none.
func (a *Actor) InCall() (id string) {
	a.with(func() { id = a.inCall })
	return id
}
