// Package exporting writes lists of records as tables that other programs read, and that can be imported again.
package exporting

import (
	"context"
	"io"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
)

// Format of a table.
type Format string

const (
	CSV  Format = "csv"  // UTF-8 with a byte order mark, which Excel asks for
	XLSX Format = "xlsx" // numbers, amounts and times as such
)

// writer takes lines of texts, numbers (float64) and times.
type writer interface {
	line(cells []any) error
	end() error
}

func newWriter(to Format, w io.Writer, zone *time.Location) writer {
	if to == XLSX {
		return newXLSX(w, zone)
	}
	return newCSV(w, zone)
}

// Exporting writes tables. It is safe for concurrent use.
type Exporting struct{ core *crmcore.Core }

// New opens it.
func New(core *crmcore.Core) *Exporting { return &Exporting{core} }

// pageLines are read together.
const pageLines = 200

// Write writes the records of a kind that the filter leaves and the actor may read, in the list's order, with the
// fields of the company's own and times as its clocks show them. Errors: Invalid.
func (e *Exporting) Write(ctx context.Context, actor people.User, kind record.Kind, f record.Filter, to Format,
	w io.Writer) error {
	t, err := open(ctx, e.core, kind)
	if err != nil {
		return err
	}
	out := newWriter(to, w, e.core.Zone())
	if err := out.line(t.headings()); err != nil {
		return err
	}
	f.Page = record.Page{Limit: pageLines}
	for {
		lines, next, err := t.page(ctx, actor, f)
		if err != nil {
			return err
		}
		for _, line := range lines {
			if err := out.line(line); err != nil {
				return err
			}
		}
		if f.Cursor = next; next == "" {
			return out.end()
		}
	}
}
