package queue

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"time"

	"frontdesk/pbx/dialplan"
	"frontdesk/store"
)

// Config is what a desk is told and asks.
type Config struct {
	Plan func(ctx context.Context) (*dialplan.Plan, error)
	Busy func(user string) bool // has a call, or can't be rung at all
	Told func()                 // hears that callers or agents changed, also from here; it must not block
	Log  *slog.Logger
}

// Desk does for the calls of a node what they want of the queues: in order, on one goroutine, and after it looks who
// comes next. What fails is done again until it is done. It is safe for concurrent use.
type Desk struct {
	*Queues
	config Config

	mu      sync.Mutex
	due     []errand
	looks   bool               // somebody may be offered to an agent
	reads   bool               // another node may have offered our callers
	waiting map[string]waiter  // who hears of offers, by call
	calls   func(Offer) func() // calls back, see CallsBack; nil: nobody
	next    time.Time          // when somebody is to be called back, by whichever node; zero: nobody is
	talking map[string]bool    // agents in a call out of a queue
	wake    chan struct{}
	ends    sync.Once
	closing chan struct{}
	closed  chan struct{}
}

// waiter hears of the offers of a caller.
type waiter struct {
	offered   func(Offer)
	withdrawn func() // of one who is called back now: he is not to be any more; nil: he waits himself
}

// errand is something to be done in the tables, together with others; then hears whether it is done. What must be done
// is tried again until it is.
type errand struct {
	do   func(ctx context.Context, tx *store.Tx) error
	then func(err error)
	must bool
}

const (
	patience = 200 * time.Millisecond // after a failure
	interval = time.Second            // who waits is looked after at least so often: a hint may have been lost
	resting  = time.Minute            // … and whether anybody does: another node may have left who is to be called back
	limit    = 10 * time.Second       // for the database
)

// Open begins. Close must follow.
func Open(q *Queues, c Config) *Desk {
	d := &Desk{Queues: q, config: c, waiting: map[string]waiter{}, talking: map[string]bool{},
		wake: make(chan struct{}, 1), closing: make(chan struct{}), closed: make(chan struct{})}
	go d.run()
	return d
}

// Close ends after a last try at all that is due. It may be called again.
func (d *Desk) Close() {
	d.ends.Do(func() { close(d.closing) })
	<-d.closed
}

// Enters has a caller wait; done hears what came of it, and offered of each offer from then on.
func (d *Desk) Enters(c Caller, most int, agents []string, offered func(Offer), done func(Place, error)) {
	place := In
	enter := func(ctx context.Context, tx *store.Tx) (err error) {
		place, err = d.enter(ctx, tx, c, most, agents)
		return err
	}
	d.does(errand{do: enter, then: func(err error) {
		if err == nil && place == In {
			d.mu.Lock()
			d.waiting[c.Call] = waiter{offered: offered}
			d.mu.Unlock()
		}
		done(place, err)
	}})
}

// Leaves: a caller has given up, or goes elsewhere.
func (d *Desk) Leaves(call string) {
	d.does(errand{must: true, then: func(error) { d.forget(call) },
		do: func(ctx context.Context, tx *store.Tx) error { return leave(ctx, tx, call) }})
}

// Takes: an agent has the caller. It comes before what the agent's call does else, see Frees.
func (d *Desk) Takes(call, agent string, wrapUp time.Duration) {
	d.mu.Lock()
	d.talking[agent] = true
	d.mu.Unlock()
	d.does(errand{must: true, then: func(error) { d.forget(call) },
		do: func(ctx context.Context, tx *store.Tx) error { return d.taken(ctx, tx, call, agent, wrapUp) }})
}

// Returns: no agent that was rung took the caller, see back.
func (d *Desk) Returns(call string, rest time.Duration, missed bool) {
	d.does(errand{must: true, then: func(error) { d.forgetBack(call); time.AfterFunc(rest, d.Look) },
		do: func(ctx context.Context, tx *store.Tx) error { return back(ctx, tx, call, rest, missed) }})
}

// Frees: a user has no call any more. An agent is free then, after his time.
func (d *Desk) Frees(user string) {
	d.mu.Lock()
	took, waited := d.talking[user], len(d.waiting) > 0
	delete(d.talking, user)
	d.mu.Unlock()
	if took {
		d.frees(user)
	} else if waited {
		d.Look()
	}
}

func (d *Desk) frees(agent string) {
	var free time.Time
	d.does(errand{must: true,
		do: func(ctx context.Context, tx *store.Tx) (err error) {
			free, err = freed(ctx, tx, agent)
			return err
		},
		then: func(error) {
			if rest := time.Until(free); rest > 0 {
				time.AfterFunc(rest, d.Look)
			}
		}})
}

// Look has it found out who comes next.
func (d *Desk) Look() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.looks = true
	d.ring()
}

// Read has it read who of this node's callers is offered: another node may have offered some.
func (d *Desk) Read() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.reads = len(d.waiting) > 0; d.reads {
		d.ring()
	}
}

func (d *Desk) does(e errand) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.due = append(d.due, e)
	d.ring()
}

// ring wakes the goroutine. The caller holds mu.
func (d *Desk) ring() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

func (d *Desk) forget(call string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.waiting, call)
}

// forgetBack forgets who is called back, if he is.
func (d *Desk) forgetBack(call string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.waiting[call].withdrawn != nil {
		delete(d.waiting, call)
	}
}

func (d *Desk) run() {
	defer close(d.closed)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		select {
		case <-d.wake:
		case <-timer.C:
			d.Look()
		case <-d.closing:
			d.serve()
			return
		}
		timer.Reset(d.serve())
	}
}

// serve does what is due, and says for how long it may rest.
func (d *Desk) serve() time.Duration {
	for {
		d.mu.Lock()
		n := min(len(d.due), maxErrands)
		due, rest := d.due[:n:n], d.rest()
		looks, reads := d.looks || n > 0, d.reads
		d.due, d.looks, d.reads = d.due[n:], false, false
		d.mu.Unlock()
		switch {
		case !looks && !reads:
			return rest
		case !d.done(due, looks):
			return patience
		}
	}
}

// rest is for how long there is nothing to look after. The caller holds mu.
func (d *Desk) rest() time.Duration {
	switch {
	case len(d.waiting) > 0:
		return interval
	case !d.next.IsZero():
		return min(resting, max(interval, time.Until(d.next)))
	}
	return resting
}

// maxErrands are done together.
const maxErrands = 100

// done does errands together, or, where that fails, each for itself; after them it looks who comes next. False: it
// can't be done now.
func (d *Desk) done(due []errand, looks bool) bool {
	err := d.round(due, looks)
	if err == nil {
		return true
	}
	if len(due) > 1 {
		for i := range due {
			if !d.done(due[i:i+1], false) {
				d.again(due[i+1:])
				return false
			}
		}
		return true
	}
	d.config.Log.Error("queues stand still", "err", err)
	if len(due) == 1 && !due[0].must {
		due[0].then(err)
		return true
	}
	d.again(due)
	return false
}

// again puts errands before the others.
func (d *Desk) again(due []errand) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.due = append(append([]errand{}, due...), d.due...)
}

// round does errands and looks who comes next in one transaction, and then tells what came of it.
func (d *Desk) round(due []errand, looks bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	if len(due) == 0 {
		if empty, err := d.empty(ctx); empty || err != nil {
			return err
		}
	}
	plan, err := d.config.Plan(ctx)
	if err != nil {
		return err
	}
	var made, mine []Offer
	all := plan.Queues(time.Now())
	if looks || len(due) > 0 {
		made, mine, err = d.change(ctx, due, all)
	} else {
		mine, err = d.mine(ctx, d.db)
	}
	if err != nil {
		return err
	}
	for _, e := range due {
		e.then(nil)
	}
	d.offer(mine)
	if len(due)+len(made) > 0 {
		d.told()
	}
	return nil
}

// empty tells whether nobody waits, on whichever node: there is nothing to look after then.
func (d *Desk) empty(ctx context.Context) (bool, error) {
	var waiting int
	if err := d.db.QueryRow(ctx, `SELECT COUNT(*) FROM queue_caller`).Scan(&waiting); err != nil || waiting > 0 {
		return false, err
	}
	d.mu.Lock()
	d.next = time.Time{}
	d.mu.Unlock()
	d.withdraw(nil)
	return true, nil
}

// told says that callers or agents changed.
func (d *Desk) told() {
	if d.config.Told != nil {
		d.config.Told()
	}
}

func (d *Desk) change(ctx context.Context, due []errand, queues []dialplan.Queue) (made, mine []Offer, err error) {
	if len(due) == 0 && len(queues) == 0 {
		return nil, nil, nil
	}
	var next time.Time
	d.mu.Lock()
	calls := d.calls
	d.mu.Unlock()
	err = d.alone(ctx, func(tx *store.Tx, turn int64) (err error) {
		for _, e := range due {
			if err := e.do(ctx, tx); err != nil {
				return err
			}
		}
		if next, err = lapse(ctx, tx, queues); err != nil {
			return err
		}
		if made, err = d.match(ctx, tx, turn, queues, d.config.Busy, calls != nil && !next.IsZero()); err != nil {
			return err
		}
		mine, err = d.mine(ctx, tx)
		return err
	})
	if err == nil {
		d.mu.Lock()
		d.next = next
		d.mu.Unlock()
	}
	return made, mine, err
}

// offer tells the callers of this node whom they are offered to, and begins to call those who are called back.
func (d *Desk) offer(mine []Offer) {
	d.withdraw(mine)
	for _, o := range mine {
		d.mu.Lock()
		w, known := d.waiting[o.Call]
		calls := d.calls
		d.mu.Unlock()
		switch {
		case known && w.offered != nil:
			w.offered(o)
		case !known && o.Callback && calls != nil:
			withdrawn := calls(o)
			d.mu.Lock()
			d.waiting[o.Call] = waiter{withdrawn: withdrawn}
			d.mu.Unlock()
		}
	}
}

// withdraw ends the calls to those who are not to be called back any more: nobody is offered them.
func (d *Desk) withdraw(mine []Offer) {
	d.mu.Lock()
	var gone []func()
	for call, w := range d.waiting {
		if w.withdrawn != nil && !slices.ContainsFunc(mine, func(o Offer) bool { return o.Call == call }) {
			gone = append(gone, w.withdrawn)
			delete(d.waiting, call)
		}
	}
	d.mu.Unlock()
	for _, withdrawn := range gone {
		withdrawn()
	}
}
