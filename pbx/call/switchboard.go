package call

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/directory"
	"frontdesk/pbx/ledger"
	"frontdesk/pbx/queue"
	"frontdesk/store"
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
	// MaySupervise tells whether a user may listen in on calls of all of some users.
	MaySupervise func(ctx context.Context, user string, of []string) (bool, error)
	// Supervised is told, beside Changed, each new View for a user who supervises the call. It must not block.
	Supervised func(user string, v View)
	// Language is the one that a user wants to be spoken to in.
	Language func(ctx context.Context, user string) string
	// Unwanted tells since when a number in E.164 has asked not to be called (zero: it has not), and whether a user may
	// call it all the same.
	Unwanted func(ctx context.Context, user, number string) (asked time.Time, refused bool, err error)
	// Queues is told when callers or agents of queues changed. It must not block.
	Queues func()
}

// Dialers are the edges that can ring somebody. Each may be nil.
type Dialers struct {
	Browser Dialer // Target.User
	Phone   Dialer // Target.Device
	Trunk   Dialer // Target.Trunk
	Room    Dialer // Target.Meeting
}

// Switchboard is what the calls of a node share. It is safe for concurrent use.
type Switchboard struct {
	Config    Config
	Directory *directory.Directory
	Ledger    *ledger.Ledger
	Hooks     Hooks
	Log       *slog.Logger
	Metrics   *Metrics
	Sounds    *Sounds
	Dialers   Dialers
	Desk      *queue.Desk

	Ctx     context.Context // ends at Close
	cancel  context.CancelFunc
	Running sync.WaitGroup // every goroutine of the exchange

	counting sync.Mutex
	engaged  map[string]int // calls a user takes part in; under counting
}

// NewSwitchboard opens that of a node.
func NewSwitchboard(c Config, db *store.DB, d *directory.Directory, dialers Dialers, h Hooks, log *slog.Logger,
	reg prometheus.Registerer) *Switchboard {
	s := &Switchboard{Config: c.withDefaults(), Directory: d, Dialers: dialers,
		Ledger: ledger.New(ledger.Config{Node: c.Node, Epoch: c.epoch(), Jobs: c.Jobs, Gather: c.Gather}, db, log, reg),
		Hooks:  h, Log: log, Metrics: newMetrics(reg), engaged: map[string]int{}}
	s.Desk = queue.Open(queue.New(db, c.Node, c.epoch()), queue.Config{Plan: d.Plan, Told: h.Queues, Log: log,
		Busy: func(user string) bool { return s.Free(user) != CauseNone }})
	s.Ctx, s.cancel = context.WithCancel(context.Background())
	s.Sounds = newSounds(s.heard)
	return s
}

// Close waits for everything that calls have started; they end.
func (s *Switchboard) Close() {
	s.cancel()
	s.Running.Wait()
	s.Desk.Close()
	s.Ledger.Close()
	s.Sounds.close()
}

// SetAgent logs a user in or out of his queues, and pauses him or no longer: nil leaves it as it is.
func (s *Switchboard) SetAgent(ctx context.Context, user string, loggedIn, paused *bool) error {
	if err := s.Desk.Set(ctx, user, loggedIn, paused); err != nil {
		return err
	}
	s.Desk.Look()
	if s.Hooks.Queues != nil {
		s.Hooks.Queues()
	}
	return nil
}

// engage counts a user as busy, or (by = -1) no longer.
func (s *Switchboard) engage(user string, by int) {
	if user == "" {
		return
	}
	s.counting.Lock()
	defer s.counting.Unlock()
	if s.engaged[user] += by; s.engaged[user] == 0 {
		delete(s.engaged, user)
		s.Desk.Frees(user)
	}
}

// Free tells why a user can't be rung; CauseNone: he can.
func (s *Switchboard) Free(user string) Cause {
	switch {
	case s.Hooks.Available != nil && !s.Hooks.Available(user):
		return CauseUnavailable
	case s.Busy(user), s.Hooks.BusyElsewhere != nil && s.Hooks.BusyElsewhere(user):
		return CauseBusy
	}
	return CauseNone
}

// Busy tells whether a user calls, talks or is in a meeting. Being rung isn't busy.
func (s *Switchboard) Busy(user string) bool {
	s.counting.Lock()
	defer s.counting.Unlock()
	return s.engaged[user] > 0
}

// errNoPrompts: the exchange has none.
var errNoPrompts = errors.New("no prompts")

const promptLimit = 5 * time.Second // to read prompts

// heard gives the sound of one prompt that is played over and over.
func (s *Switchboard) heard(id string) ([]int16, error) {
	if s.Config.Prompt == nil {
		return nil, errNoPrompts
	}
	ctx, cancel := context.WithTimeout(s.Ctx, promptLimit)
	defer cancel()
	pcm, err := s.Config.Prompt(ctx, id)
	if err != nil {
		s.Log.Warn("a sound is not played", "prompt", id, "err", err)
	}
	return pcm, err
}

// Language is the one that a user wants to be spoken to in; "": nobody knows.
func (s *Switchboard) Language(ctx context.Context, user string) string {
	if s.Hooks.Language == nil {
		return ""
	}
	return s.Hooks.Language(ctx, user)
}

// TellWaiting says that other calls wait to be taken than before, once that is written down.
func (s *Switchboard) TellWaiting() {
	if s.Hooks.Waiting == nil {
		return
	}
	s.Running.Go(func() {
		select {
		case <-time.After(waitingTold):
			s.Hooks.Waiting()
		case <-s.Ctx.Done():
		}
	})
}

const waitingTold = 300 * time.Millisecond

// Facts are what the dial plan is asked with.
func (s *Switchboard) Facts(hint dialplan.Hint) dialplan.Facts {
	return dialplan.Facts{Hint: hint, Down: s.Hooks.LineDown}
}
