package importing

import (
	"errors"

	"frontdesk/crmcore"
	"frontdesk/crmcore/field"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
)

// batch is a part of an import on its way.
type batch struct {
	*Importing
	actor  people.User
	of     Import
	part   lines
	fields map[string]field.Field
	users  map[string]string // ids by what people call them
	rows   []*row
	made   []crmcore.Fresh // to be written
	firms  []result        // companies that are made besides
}

// row is a line that can become a record.
type row struct {
	line    int64
	firm    string // name of its company
	name    string // what the line calls it: a new record without one is called by its number
	title   string
	fresh   crmcore.Fresh
	known   *owner // who has its number or mailbox
	outcome string
	record  string
	stamp   int64
	problem string
}

// said leaves of a record what its line says, for one that has a name already.
func (r *row) said() crmcore.Fresh {
	switch {
	case r.fresh.Contact != nil:
		r.fresh.Contact.Name = r.name
	case r.fresh.Company != nil:
		r.fresh.Company.Name = r.name
	default:
		r.fresh.Lead.Title = r.title
	}
	return r.fresh
}

func (r *row) refuse(problem string) { r.outcome, r.problem = failed, problem }

// answered tells an answer about one record from a failure of ours.
func answered(err error) bool {
	var bad *input.Invalid
	return errors.As(err, &bad) || errors.Is(err, store.ErrNotFound) || errors.Is(err, people.ErrForbidden) ||
		errors.Is(err, record.ErrConflict)
}

// owner is a record that has a number or mailbox; or the line before that will be one.
type owner struct {
	id       string
	readable bool
	row      *row
}
