package call

import (
	"log/slog"
	"sync/atomic"

	"frontdesk/media"
	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/mailbox"
)

// Call is legs that hear each other: two make a phone call, more a meeting. It keeps who is in it, what each of them is
// played, what is shown of it and what is written down. What happens in it is its act, one at a time. One goroutine
// owns the call and takes messages from its mailbox.
//
// What is exported belongs to that goroutine: acts may read and change it, others use Post, Put and what is built on
// them.
type Call struct {
	Board  *Switchboard
	Others func(leg string) *Call // the call of this node that a leg is in; nil when there is none
	Plan   *dialplan.Plan         // the dial plan of its beginning
	In     dialplan.Inbound       // who called, and what
	Log    *slog.Logger
	view   atomic.Pointer[picture]

	act      Act
	Members  []*Member     // all that were ever in it, but see Forgets
	Caller   *Member       // who called; nil for a meeting
	Name     string        // best name of the caller
	Record   ledger.Record // as it will be written
	Ledger   *ledger.Entry // that writes it
	recorded recorded      // of what is said
	// for who has one line only in a meeting, or another codec than his peer; nil: not needed yet
	mixer *media.Mixer

	homes  map[*Member]*mailbox.Home[Message] // where their events go
	box    *mailbox.Box[Message]
	batch  []Message // taken from the mailbox, not handled yet
	Alarms Alarms    // what it has to do later
	Limit  Alarm     // of the whole call

	Forgets bool // who has left is shown once and then forgotten: many come and go
	silent  bool // its party went on to another call, which those in it are told of
	over    bool

	Unwritten bool // it has no record: nothing has come of it yet
}

// Act is what happens in a call now. It decides, the call carries out: an act plays, rings, writes down and hangs up
// by the methods of its call, and ends by letting the call perform the next act or by ending the call. The call
// itself asks no act which one it is.
//
// A new act is a new file, of package pbx or a room of its own: a type that embeds Scene, which has what is so in any
// act, and says what is special. Park, where a party hears music until somebody fetches it or nobody has for too long,
// would be
//
//	type park struct { call.Scene; long call.Alarm; back func() }
//	func (p *park) Begin()                              { p.Alarms.Set(&p.long, parkLasts, p.back) }
//	func (p *park) Hears(m *call.Member) []*media.Track { return []*media.Track{p.Board.Sounds.MusicIn(m.Codec, "")} }
//	func (p *park) Said(m *call.Member, e call.Event)   // who fetches it proposes to join, as in an attended transfer
//
// and the act that parks says c.Perform(&park{…}). An act that is a step of the dial plan embeds pbx's program instead
// (act_announce.go is the shortest), is named in actOf, and ends by p.over(outcome): the step says what follows.
type Act interface {
	Begin()                         // it is the act from now on
	State() string                  // as shown: routing, ringing or answered
	Said(m *Member, e Event)        // by a member; what it sends, holds and mutes is noted already
	Hears(m *Member) []*media.Track // what a member who calls or takes part shall be played
	Gone(m *Member, e Gone)         // a member left by itself, and is out
	Parted(m *Member)               // a member who took part is out, by itself or put out
	Look(v *View)                   // adds what the act has to show
	Ended(cause Cause)              // the call ends: who waits for the act is told so
}

// Message is something that happened to a call.
type Message interface {
	Happen(c *Call) // on the call's goroutine
	Late()          // instead, when the call is over
}

// Post puts a message that must come through, from another goroutine of the exchange.
func (c *Call) Post(m Message) {
	if !c.Put(m) {
		m.Late()
	}
}

// Put is Post that tells whether the call goes on to take it.
func (c *Call) Put(m Message) bool { return c.box.Put(m, true) }

// Active are the members who take part now.
func (c *Call) Active() (now []*Member) {
	for _, m := range c.Members {
		if m.Active() {
			now = append(now, m)
		}
	}
	return now
}
