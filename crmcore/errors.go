package crmcore

import "errors"

var (
	// ErrNotFound: no such record, user or rule.
	ErrNotFound = errors.New("not found")
	// ErrForbidden: it exists, but the actor may not see or change it.
	ErrForbidden = errors.New("you may not see or change this; ask its responsible user or an administrator")
	// ErrConflict: it was changed by someone else since it was read; read it again.
	ErrConflict = errors.New("changed by someone else meanwhile: load it again")
	// ErrCredentials: wrong login or password, or the account is switched off. It never tells which.
	ErrCredentials = errors.New("wrong login or password")
)

// Invalid says which field of an input can't be accepted and why, in words for the person who typed it.
type Invalid struct {
	Field   string // json name, "phones[1]" for a member of a list
	Problem string
}

func (e *Invalid) Error() string { return e.Field + ": " + e.Problem }

func invalid(field, problem string) error { return &Invalid{Field: field, Problem: problem} }
