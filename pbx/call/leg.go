// Package call is a call and its mechanism: its members, each with a Leg that an edge presents, what they are played,
// what is shown and written down. What happens in a call is an Act, of which it knows none; whoever begins a call has
// one.
//
// Its files read in one direction: leg.go is what the edges present, member.go is a leg as its call keeps it, call.go
// is several of them and what an act is, said.go and come.go what reaches it from without, scene.go what acts begin
// with.
package call

import (
	"context"

	"frontdesk/media"
)

// Leg is one party of a call as an edge presents it. Its methods never block on the network and may be called in any
// state: what no longer makes sense has no effect. Everything the party does is told through the function given to
// Listen.
type Leg interface {
	// ID is unique among all legs ever; the edge makes it with store.NewID or its like.
	ID() string
	// Party tells who is at the other end.
	Party() Party
	// Listen sets the receiver of the leg's events and starts them. Called once, before anything else.
	// Events come one at a time and in order; the receiver does not block. Gone is the last one, and always comes.
	Listen(func(Event))
	// Offer lists the audio codecs the party can speak, best first.
	Offer() []media.Codec
	// Ring tells a calling party that the other side rings. With early set, sound is played to it before the answer:
	// Play came before, and the codec of its track, one of the Offer, will be that of Answer unless another party
	// answers.
	Ring(early bool)
	// Answer accepts a calling party with one of the codecs of its Offer.
	Answer(codec media.Codec)
	// Hangup ends the leg whatever its state.
	Hangup(c Cause)
	// Play sends a track to the party. A leg with one audio line replaces what it played before; a meeting leg adds a
	// stream.
	Play(t *media.Track)
	// Stop ends Play.
	Stop(t *media.Track)
}

// Mover is a Leg that wants to know which call it is in, when another takes it over.
type Mover interface{ Moved(call string) }

// Event is something the party did. One of the types below.
type Event interface{ IsEvent() }

type (
	// Ringing: the called party's phone rings.
	Ringing struct{}
	// Answered: the called party took the call, speaking Codec.
	Answered struct{ Codec media.Codec }
	// TrackAdded: the party started to send a stream (early media may come before Answered).
	TrackAdded struct{ Track *media.Track }
	// TrackRemoved: the party stopped sending a stream.
	TrackRemoved struct{ Track *media.Track }
	// Held: the party put the call on hold, or (On false) took it back. Music: it sends a sound of its own to who
	// waits; that may be told later, by another Held.
	Held struct {
		On    bool
		Music bool
	}
	// Muted: the party's browser reports its microphone or camera off or on; only for showing.
	Muted struct {
		Kind media.Kind
		On   bool
	}
	// Digit: the party pressed a DTMF key. InBand tells that the track carries it as a telephone-event as well;
	// otherwise (SIP INFO, a click in the browser) it is written into the sound that the other side gets.
	Digit struct {
		Key    rune
		InBand bool
	}
	// TransferAsked: the party wants its peer connected to To (a number or extension), or to whom it speaks with on
	// another leg of its own, With, and to leave. Done is called once with the result (CauseNone when the new party
	// rings, answered or is joined).
	TransferAsked struct {
		To    string
		With  string // id of the leg; To does not count then
		Stays bool   // with With: all talk together, and nobody leaves
		Done  func(Cause)
	}
	// TakenBack: the party wants the call back that it transfers, while nobody has answered it yet.
	TakenBack struct{}
	// RecordAsked: the party wants the recording of its call to begin, pause, go on or stop: start, pause, resume,
	// stop. What came of it the View tells.
	RecordAsked struct{ Do string }
	// SuperviseAsked: who supervises a call wants to do so in another way. Done is called once.
	SuperviseAsked struct {
		How  string
		Done func(Cause)
	}
	// CallAsked: a party of a meeting wants To, a number outside, called into it. Done is called once: CauseNone as
	// soon as it is being called. What comes of it the View tells.
	CallAsked struct {
		To   string
		Done func(Cause)
	}
	// RemoveAsked: a party of a meeting wants somebody from outside out of it, his ringing to stop, or what came of
	// it no longer shown. Whom is his leg or his own call (LegView).
	RemoveAsked struct{ Whom string }
	// KnockAnswered: a party of a meeting lets in, or turns away, a user who asks to come in.
	KnockAnswered struct {
		User  string
		Admit bool
	}
	// Gone: the leg is over, for Cause. A called party that is to be found elsewhere names the numbers to call
	// instead, the best first.
	Gone struct {
		Cause Cause
		Moved []string
	}
)

func (Ringing) IsEvent()        {}
func (Answered) IsEvent()       {}
func (TrackAdded) IsEvent()     {}
func (TrackRemoved) IsEvent()   {}
func (Held) IsEvent()           {}
func (Muted) IsEvent()          {}
func (Digit) IsEvent()          {}
func (TransferAsked) IsEvent()  {}
func (TakenBack) IsEvent()      {}
func (RecordAsked) IsEvent()    {}
func (SuperviseAsked) IsEvent() {}
func (CallAsked) IsEvent()      {}
func (RemoveAsked) IsEvent()    {}
func (KnockAnswered) IsEvent()  {}
func (Gone) IsEvent()           {}

// Target is someone to be dialled. Exactly one of User (all browsers of the user), Device, Trunk, Node or Meeting
// is set.
type Target struct {
	User    string
	Device  string // id of the device; all its bindings ring
	Trunk   string // id of the trunk …
	Number  string // … and the number to dial through it, in the trunk's own format
	Meeting string // id of the meeting that Request.From is led into
	Node    string // another node, on which Request.From calls what it dialled here: Number
}

// Request is what a Dialer needs to know of the call it extends.
type Request struct {
	Call   string        // id of the call
	From   Party         // who calls, as the called party shall see it
	Number string        // caller number to show, already in the form the target expects
	Name   string        // caller name to show
	Codecs []media.Codec // what the calling side can speak, best first
}

// Dialer makes outgoing legs. Each edge is one.
type Dialer interface {
	// Dial starts to ring the target and returns at once. ErrNobody when the target has nothing that could ring.
	Dial(ctx context.Context, t Target, r Request) (Leg, error)
}
