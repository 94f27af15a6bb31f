package call

import (
	"context"
	"time"

	"frontdesk/pbx/toll"
)

// chargeLimit is how long counting what calls outside cost may take: where it can't be told, the call is let through
// rather than the company left without telephones.
const chargeLimit = 3 * time.Second

// noteLimit is how long it may take to note what became of one.
const noteLimit = 10 * time.Second

// Charges counts a call outside, see toll.Tolls.Begin, or says why it is not to be made.
func (s *Switchboard) Charges(ctx context.Context, call, payer, trunk, number string) (*toll.Charge, Cause) {
	if s.Config.Tolls == nil {
		return nil, CauseNone
	}
	ctx, cancel := context.WithTimeout(ctx, chargeLimit)
	defer cancel()
	charge, why, err := s.Config.Tolls.Begin(ctx, call, payer, trunk, number)
	switch {
	case err != nil:
		s.Log.Error("a call outside is not counted", "call", call, "err", err)
		return nil, CauseNone
	case why != "":
		return nil, CauseLimits
	}
	return charge, CauseNone
}

// Pays notes that a call outside is answered.
func (s *Switchboard) Pays(c *toll.Charge) {
	s.notes(c, func(ctx context.Context) { s.Config.Tolls.Answered(ctx, c) })
}

// Paid notes that it is over.
func (s *Switchboard) Paid(c *toll.Charge) {
	s.notes(c, func(ctx context.Context) { s.Config.Tolls.Ended(ctx, c) })
}

// MovesCharge notes that it goes on in another call.
func (s *Switchboard) MovesCharge(c *toll.Charge, call string) {
	s.notes(c, func(ctx context.Context) { s.Config.Tolls.Moved(ctx, c, call) })
}

// notes writes off the goroutine of the call, also while the exchange closes.
func (s *Switchboard) notes(c *toll.Charge, write func(context.Context)) {
	if c == nil {
		return
	}
	s.Running.Go(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(s.Ctx), noteLimit)
		defer cancel()
		write(ctx)
	})
}

// Unwanted tells since when a number has asked not to be called (zero: it has not), and whether a user may call it all
// the same. Where that can't be told the call is made: a company is not left without telephones.
func (s *Switchboard) Unwanted(ctx context.Context, user, number string) (asked time.Time, refused bool) {
	if s.Hooks.Unwanted == nil {
		return asked, false
	}
	ctx, cancel := context.WithTimeout(ctx, chargeLimit)
	defer cancel()
	asked, refused, err := s.Hooks.Unwanted(ctx, user, number)
	if err != nil {
		s.Log.Error("whether a number asked not to be called is not known", "err", err)
	}
	return asked, refused
}
