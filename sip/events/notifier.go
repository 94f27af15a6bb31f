package events

import (
	"context"

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
	// how he takes part in calls, on all nodes
	Engaged func(user string) []pbx.Engagement
	Parked  func(ctx context.Context) ([]ledger.ParkedCall, error)             // the calls that wait in slots
	Waiting func(ctx context.Context, user string) (voicemail.Count, error)    // the messages in his boxes
	There   func(ctx context.Context, user string) (reachable bool, err error) // by a browser or a phone
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
	cfg.complete()
	return &Notifier{Stack: s, cfg: cfg, dir: dir, registrar: r, trunks: t, table: newTable(cfg)}
}

// Follow says whom to ask.
func (n *Notifier) Follow(h House) { n.house = h }

// uri is how somebody of ours is called: an extension, a phone, or who called.
func (n *Notifier) uri(user string) string { return "sip:" + stack.Escape(user) + "@" + n.cfg.Realm }
