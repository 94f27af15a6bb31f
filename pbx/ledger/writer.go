package ledger

import (
	"context"
	"slices"
	"sync"
	"time"

	"frontdesk/store"
)

// soon is how long a line that nobody waits for may wait for the next ones, of its call or of others, to be written
// with them: a transaction costs a call more than all its lines.
const soon = 10 * time.Millisecond

// maxPages bounds what is written together.
const maxPages = 100

// writer writes what the entries have to write: what several have at one moment in one transaction, each line told that
// it is written only then.
type writer struct {
	*core
	most int // hands at once

	mu    sync.Mutex
	due   []*lines               // whose nobody writes yet
	later map[*lines]*time.Timer // what waits for others: when it is due in any case
	hands int
}

// newWriter is that of a ledger. SQLite has one writer, which is better kept by few who bring much.
func newWriter(c *core) *writer {
	w := &writer{core: c, most: 1, later: map[*lines]*time.Timer{}}
	if c.db.Dialect() == store.PostgreSQL {
		w.most = 4
	}
	return w
}

func (w *writer) add(e *lines, l line) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e.waiting = append(e.waiting, l)
	if !e.writing {
		w.plans(e)
	}
}

// plans has an entry written: now, where a leg waits for one of its lines. The caller holds mu.
func (w *writer) plans(e *lines) {
	switch {
	case slices.ContainsFunc(e.waiting, func(l line) bool { return !l.waits }):
		w.isDue(e)
	case w.later[e] == nil:
		w.later[e] = time.AfterFunc(max(soon, w.config.Gather), func() { w.lapse(e) })
	}
}

// lapse has an entry written whose lines have waited long enough.
func (w *writer) lapse(e *lines) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.later[e] != nil {
		w.isDue(e)
	}
}

// isDue has somebody write an entry now. The caller holds mu.
func (w *writer) isDue(e *lines) {
	w.joins(e)
	if w.hands < w.most {
		w.hands++
		w.running.Go(w.hand)
	}
}

// joins has an entry written with the next ones. The caller holds mu.
func (w *writer) joins(e *lines) {
	if timer := w.later[e]; timer != nil {
		timer.Stop()
		delete(w.later, e)
	}
	e.writing = true
	w.due = append(w.due, e)
}

// hand writes batch after batch while there is something. What comes meanwhile waits for the next.
func (w *writer) hand() {
	for pages := w.take(); len(pages) > 0; pages = w.take() {
		w.write(pages)
	}
}

// take takes what is due, and with it what waits for others; nothing ends the hand.
func (w *writer) take() (pages []*page) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.due) > 0 {
		for e := range w.later {
			w.joins(e)
		}
	}
	n := min(len(w.due), maxPages)
	if n == 0 {
		w.hands--
	}
	for _, e := range w.due[:n] {
		pages = append(pages, &page{entry: e, lines: e.waiting})
		e.waiting = nil
	}
	w.due = w.due[n:]
	return pages
}

// write writes pages together, and where that fails each for itself.
func (w *writer) write(pages []*page) {
	err := w.try(pages)
	if err == nil {
		for _, p := range pages {
			p.after(true)
			w.release(p.entry)
		}
		return
	}
	if len(pages) > 1 || len(pages[0].lines) > 1 {
		err = nil // whose fault it is has to be found out
	}
	for _, p := range pages {
		w.running.Go(func() {
			w.alone(p, err)
			w.release(p.entry)
		})
	}
}

// release lets the next lines of an entry be written.
func (w *writer) release(e *lines) {
	w.mu.Lock()
	defer w.mu.Unlock()
	e.writing = false
	if len(e.waiting) > 0 {
		w.plans(e)
	}
}

// alone writes the lines of a page one after the other, and does what has to be done about one that fails, as the only
// one has where there is an error. Its events wait for the next line.
func (w *writer) alone(p *page, err error) {
	for _, l := range p.lines {
		one := &page{entry: p.entry, lines: []line{l}}
		if err == nil {
			err = w.try([]*page{one})
		}
		if err != nil {
			w.log.Error("what became of a call is not written yet", "call", p.entry.call, "err", err)
		}
		one.after(err == nil)
		switch {
		case err != nil && l.last:
			w.insist(*l.opens, func() error { return w.try([]*page{one}) })
		case err != nil:
			p.entry.state.tells(l.events)
		}
		err = nil
	}
}

// try writes pages in a transaction.
func (w *writer) try(pages []*page) error {
	ctx, cancel := context.WithTimeout(context.Background(), writeLimit)
	defer cancel()
	var b *batch
	err := w.db.Tx(ctx, func(tx *store.Tx) error {
		b = w.newBatch(tx)
		return b.write(ctx, pages)
	})
	if err != nil {
		return err
	}
	for _, p := range pages {
		p.entry.state = p.next
	}
	b.committed()
	return nil
}
