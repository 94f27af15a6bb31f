package store

import (
	"context"
	"slices"
	"sync"
	"time"
)

// maxWaiting is how many queries of one person may wait; a browser asks for a dozen things at once, a script for any
// number.
const maxWaiting = 32

// maxOffice is how many strangers of one network may wait: all tabs of an office come at once when the server is back.
const maxOffice = 256

// gate lets in as many as there are connections: of each class no more than its share, of each person no more than
// some. Who has to wait is let in by rank, and within a class by turn.
type gate struct {
	share  [classes]int
	each   int // of a person's from Doors on
	limits [classes]limits

	mu      sync.Mutex
	free    int
	held    [classes]int
	of      map[asker]int
	waiting [classes][]*waiter
}

// yields is how long those who come after the calls begin nothing new while a call is at the database: what each asks
// takes less, and the cores are few.
const yields = 10 * time.Millisecond

type waiter struct {
	asker
	yielded bool          // for as long as it has to
	in      chan struct{} // closed when let in
}

// enter waits for a place until ctx ends or, where that is not 0, as long as patience lasts.
func (g *gate) enter(ctx context.Context, w asker, patience time.Duration) error {
	me, err := g.line(w)
	if me == nil || err != nil {
		return err
	}
	if w.class >= Screens {
		yielded := time.AfterFunc(yields, func() { g.yielded(me) })
		defer yielded.Stop()
	}
	var impatient <-chan time.Time
	if patience > 0 {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		impatient = timer.C
	}
	select {
	case <-me.in:
		return nil
	case <-impatient:
		err = ErrBusy
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	if g.drop(me) {
		return err
	}
	return nil // it was let in at the same moment
}

// line takes a place, or a turn in the line: then it returns that.
func (g *gate) line(w asker) (*waiter, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.open(w) && !g.rush(w) && len(g.waiting[w.class]) == 0 {
		g.admit(w)
		return nil, nil
	}
	if limit := g.limits[w.class]; full(len(g.waiting[w.class]), limit.all) {
		return nil, ErrBusy
	} else if w.user != "" && full(g.turnsOf(w), limit.line) {
		return nil, ErrTooMany
	}
	me := &waiter{asker: w, in: make(chan struct{})}
	g.waiting[w.class] = append(g.waiting[w.class], me)
	g.next() // it may stand behind those only who wait for a place of their own
	return me, nil
}

func full(n, most int) bool { return most > 0 && n >= most }

func (g *gate) turnsOf(w asker) (n int) {
	for _, other := range g.waiting[w.class] {
		if other.asker == w {
			n++
		}
	}
	return n
}

// drop gives up a turn; false when it has come already.
func (g *gate) drop(me *waiter) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	line := &g.waiting[me.class]
	at := slices.Index(*line, me)
	if at < 0 {
		return false
	}
	*line = slices.Delete(*line, at, at+1)
	return true
}

func (g *gate) leave(w asker) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.free++
	g.held[w.class]--
	if g.of[w]--; g.of[w] == 0 {
		delete(g.of, w)
	}
	g.next()
}

// next lets in whom it can.
func (g *gate) next() {
	for class := range g.waiting {
		if g.free == 0 || g.held[class] >= g.share[class] {
			continue // whoever waits
		}
		g.waiting[class] = slices.DeleteFunc(g.waiting[class], func(one *waiter) bool {
			if !g.open(one.asker) || !one.yielded && g.rush(one.asker) {
				return false
			}
			g.admit(one.asker)
			close(one.in)
			return true
		})
	}
}

// yielded lets in who has waited long enough for the calls.
func (g *gate) yielded(one *waiter) {
	g.mu.Lock()
	defer g.mu.Unlock()
	one.yielded = true
	g.next()
}

// rush tells whether a call is at the database, which somebody lets go first.
func (g *gate) rush(w asker) bool { return w.class >= Screens && g.held[Calls] > 0 }

func (g *gate) open(w asker) bool {
	return g.free > 0 && g.held[w.class] < g.share[w.class] && (w.user == "" || w.class < Doors || g.of[w] < g.each)
}

func (g *gate) admit(w asker) {
	g.free--
	g.held[w.class]++
	if g.of == nil {
		g.of = map[asker]int{}
	}
	g.of[w]++
}
