package pbx

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/queue"
)

// Hooks are what the exchange asks and tells the rest of the house. Each may be nil.
type Hooks struct {
	// Lookup is asked who calls, for calls from outside, before anything rings. The call waits for it, at most
	// MaxLookup.
	Lookup func(ctx context.Context, in dialplan.Inbound) (dialplan.Hint, error)
	// Changed is told each new View of a call, in order, from the call's goroutine: it must not block. The view with
	// state "ended" comes last, after the record is committed, or a second later where the database is slow.
	Changed func(View)
	// Ringing is told which users a step of a call from outside is about to ring, before any of their phones does. The
	// ringing waits for it, whose context ends after MaxLookup.
	Ringing func(ctx context.Context, call string, users []string)
	// BusyElsewhere tells whether a user takes part in a call of another node.
	BusyElsewhere func(user string) bool
	// Available tells whether a user may be rung at all (present, not in do-not-disturb).
	Available func(user string) bool
	// Waiting is told soon after there is another call that colleagues may take, or one less. It must not block.
	Waiting func()
	// LineDown tells that a trunk does not answer just now: it is tried after the others.
	LineDown func(trunk string) bool
	// Queues is told when callers or agents of queues changed. It must not block.
	Queues func()
}

// Dialers are the edges that can ring somebody. Each may be nil.
type Dialers struct {
	Browser Dialer // Target.User
	Phone   Dialer // Target.Device
	Trunk   Dialer // Target.Trunk
}

// switchboard is what the calls of a node share. It is safe for concurrent use.
type switchboard struct {
	config    Config
	directory *directory.Directory
	ledger    *ledger.Ledger
	hooks     Hooks
	log       *slog.Logger
	metrics   *metrics
	sounds    *sounds
	dialers   Dialers
	desk      *queue.Desk

	ctx     context.Context // ends at Close
	cancel  context.CancelFunc
	running sync.WaitGroup // every goroutine of the exchange

	counting sync.Mutex
	engaged  map[string]int // calls a user takes part in; under counting
}

// engage counts a user as busy, or (by = -1) no longer.
func (s *switchboard) engage(user string, by int) {
	if user == "" {
		return
	}
	s.counting.Lock()
	defer s.counting.Unlock()
	if s.engaged[user] += by; s.engaged[user] == 0 {
		delete(s.engaged, user)
		s.desk.Frees(user)
	}
}

// free tells why a user can't be rung; CauseNone: he can.
func (s *switchboard) free(user string) Cause {
	switch {
	case s.hooks.Available != nil && !s.hooks.Available(user):
		return CauseUnavailable
	case s.busy(user), s.hooks.BusyElsewhere != nil && s.hooks.BusyElsewhere(user):
		return CauseBusy
	}
	return CauseNone
}

// busy tells whether a user calls, talks or is in a meeting. Being rung isn't busy.
func (s *switchboard) busy(user string) bool {
	s.counting.Lock()
	defer s.counting.Unlock()
	return s.engaged[user] > 0
}

// tellWaiting says that other calls wait to be taken than before, once that is written down.
func (s *switchboard) tellWaiting() {
	if s.hooks.Waiting == nil {
		return
	}
	s.running.Go(func() {
		select {
		case <-time.After(waitingTold):
			s.hooks.Waiting()
		case <-s.ctx.Done():
		}
	})
}

const waitingTold = 300 * time.Millisecond

// facts are what the dial plan is asked with.
func (s *switchboard) facts(hint dialplan.Hint) dialplan.Facts {
	return dialplan.Facts{Hint: hint, Down: s.hooks.LineDown}
}

// refusal is why a program rings nobody: it refuses, or leads into a meeting, where nobody is brought by somebody else.
func refusal(first dialplan.Step) Cause {
	_, first = dialplan.Decided(first)
	switch s := first.(type) {
	case dialplan.Refuse:
		return s.Cause
	case dialplan.Join:
		return CauseForbidden
	}
	return CauseNone
}
