// Package events tells phones what they asked to be told (RFC 6665): who of the colleagues is rung or talks, for the
// lamps beside their keys (RFC 4235), whether there are new voice messages (RFC 3842), and who is there (RFC 3856).
//
// A subscription lives at the node that the phone subscribed at. What changes on any node reaches all of them as a hint;
// what is told is asked for then.
package events

import (
	"context"
	"time"

	"frontdesk/pbx"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/voicemail"
	"frontdesk/sip/registrar"
	"frontdesk/sip/stack"
	"frontdesk/sip/trunks"
)

// House is what phones are told of. It is asked whenever something may have changed.
type House struct {
	Engaged func(user string) []pbx.Engagement                                 // how he takes part in calls, on all nodes
	Parked  func(ctx context.Context) ([]ledger.ParkedCall, error)             // the calls that wait in slots
	Waiting func(ctx context.Context, user string) (voicemail.Count, error)    // the messages in his boxes
	There   func(ctx context.Context, user string) (reachable bool, err error) // by a browser or a phone
}

// Config of the notifier. Zero values mean the defaults.
type Config struct {
	Node       string
	Realm      string        // the domain in what is told of users
	MaxExpires time.Duration // of a subscription, default 10 min: so long a lamp may be wrong when a node dies
	MinExpires time.Duration // default 1 min
	PerDevice  int           // subscriptions, default 100
	PerUser    int           // of all his phones, default 300
	Most       int           // on this node, default 20,000
	Ctx        context.Context
	Life       context.Context // until the farewells are over
	Spawn      func(func())
}

// Notifier serves the subscriptions of phones at this node.
type Notifier struct {
	*stack.Stack
	cfg       Config
	dir       *directory.Directory
	registrar *registrar.Registrar
	trunks    *trunks.Trunks
	house     House
	table     *table
}

// New makes one that answers over the stack. Follow has to be called before messages come.
func New(s *stack.Stack, dir *directory.Directory, r *registrar.Registrar, t *trunks.Trunks, cfg Config) *Notifier {
	set(&cfg.MaxExpires, 10*time.Minute)
	set(&cfg.MinExpires, time.Minute)
	set(&cfg.PerDevice, 100)
	set(&cfg.PerUser, 300)
	set(&cfg.Most, 20_000)
	return &Notifier{Stack: s, cfg: cfg, dir: dir, registrar: r, trunks: t, table: newTable(cfg)}
}

func set[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

// Follow says whom to ask.
func (n *Notifier) Follow(h House) { n.house = h }

// Engaged hints that a user takes part in calls otherwise than before. It does not block.
func (n *Notifier) Engaged(user string) {
	for _, s := range n.table.ofUser(user) {
		if s.kind.name != "message-summary" {
			s.poke()
		}
	}
}

// Parked hints that other calls are parked than before. It does not block.
func (n *Notifier) Parked() {
	for _, s := range n.table.all() {
		if s.watched().slot > 0 {
			s.poke()
		}
	}
}

// Messages hints that a user has other voice messages than before: his phones that asked are told, and those that are
// set to be told unasked.
func (n *Notifier) Messages(user string) {
	for _, s := range n.table.ofUser(user) {
		if s.kind.name == "message-summary" {
			s.poke()
		}
	}
	n.cfg.Spawn(func() { n.tellUnasked(user) })
}

// Missed hints that any of it may have changed: hints were lost.
func (n *Notifier) Missed() {
	for _, s := range n.table.all() {
		s.poke()
	}
}

// PlanChanged ends the subscriptions of phones whose account is gone or has another password, and has what an extension
// stands for found anew.
func (n *Notifier) PlanChanged(ctx context.Context) error {
	if n.table.count() == 0 {
		return nil
	}
	devices, err := n.dir.Devices(ctx, "")
	if err != nil {
		return err
	}
	known := map[string]directory.Device{}
	for _, d := range devices {
		known[d.ID] = d
	}
	for _, s := range n.table.all() {
		now, there := known[s.device.ID]
		if !there || now.Off || now.Login() != s.device.Login() || now.User != s.device.User {
			s.end("rejected")
			continue
		}
		at, err := n.find(ctx, now, s.kind, s.resource)
		if err != nil {
			s.end("noresource")
			continue
		}
		n.table.move(s, at)
		s.poke()
	}
	return nil
}

// Close ends all subscriptions, and has the phones subscribe anew, at another node.
func (n *Notifier) Close() {
	for _, s := range n.table.close() {
		s.end("deactivated")
	}
}
