// Package timeline is what happened with the CRM's records, on every channel: the entries, on which records they are,
// what of them waits for whom, and what of them a reader may see.
package timeline

import (
	"context"

	"frontdesk/crmcore/record"
	"frontdesk/store"
)

// Timelines are those of all records. They are safe for concurrent use.
type Timelines struct {
	db       *store.DB
	lines    Lines
	meetings Meetings
	changed  func(ctx context.Context, ref record.Ref)
}

// New reads and writes in an open database. Of lines and meetings nil is: whoever sees the record. What
// changed on timelines is told after the commit.
func New(db *store.DB, lines Lines, meetings Meetings,
	changed func(ctx context.Context, ref record.Ref)) *Timelines {
	if lines == nil {
		lines = openLines{}
	}
	return &Timelines{db: db, lines: lines, meetings: meetings, changed: changed}
}

// Tell announces that timelines changed.
func (t *Timelines) Tell(ctx context.Context, refs []record.Ref) {
	for _, ref := range refs {
		t.changed(ctx, ref)
	}
}
