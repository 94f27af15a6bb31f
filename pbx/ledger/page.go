package ledger

import (
	"context"
	"maps"
	"slices"

	"frontdesk/store"
)

// line is what an entry writes next.
type line struct {
	opens  *Record // the record that begins with it, unless it stands already
	events []store.Event
	asks   string // the call whose row write has to know
	// write adds the statements of a line that comes after the beginning. While that is not written nothing is written
	// or told of the call.
	write func(b *batch, s *state) error
	// frees is a line that is written in any case.
	frees *store.Statement
	waits bool // nobody waits for it
	// steps is a line that writes the steps as they are now; one that does nothing else is left out before another.
	steps, onlySteps bool
	last             bool // it is tried again until it is written: the end of opens
	// after the line was first tried
	after func(written bool)
}

func (l line) noted() bool { return l.steps }

// lines are all that an entry has still to write. But for the state they are under the writer's lock.
type lines struct {
	call string // its id, for the log

	waiting []line
	writing bool // somebody writes its lines, or will at once

	state state // of who writes
}

// page is what an entry has written at once.
type page struct {
	entry *lines
	lines []line
	next  state // once it is written
}

func (p *page) after(written bool) {
	for _, l := range p.lines {
		if l.after != nil {
			l.after(written)
		}
	}
}

// write runs all that the pages say.
func (b *batch) write(ctx context.Context, pages []*page) error {
	var calls []string
	for _, p := range pages {
		calls = append(calls, b.open(p)...)
	}
	if err := b.read(ctx, calls); err != nil {
		return err
	}
	for _, p := range pages {
		if err := b.page(p); err != nil {
			return err
		}
	}
	return b.run(ctx)
}

// open adds the records that begin with a page, and names those that must be looked at before they are changed.
func (b *batch) open(p *page) (calls []string) {
	s := p.entry.state
	p.next = state{s.begun, s.noted, maps.Clone(s.people), slices.Clone(s.untold)}
	begun := s.begun
	for _, l := range p.lines {
		if l.opens != nil && !begun {
			begun = true
			b.insert(l.opens)
		}
		if l.asks != "" {
			calls = append(calls, l.asks)
		}
	}
	return calls
}

// page adds what its lines say.
func (b *batch) page(p *page) error {
	s := &p.next
	for i, l := range p.lines {
		if l.frees != nil {
			b.statements = append(b.statements, *l.frees)
			continue
		}
		s.tells(l.events)
		s.begun = s.begun || l.opens != nil
		if !s.begun {
			continue
		}
		b.told, s.untold = append(b.told, s.untold...), nil
		if l.write == nil || l.onlySteps && slices.ContainsFunc(p.lines[i+1:], line.noted) {
			continue
		}
		if err := l.write(b, s); err != nil {
			return err
		}
	}
	return nil
}
