package crmcore

import (
	"errors"

	"frontdesk/store"
)

var (
	// ErrNotFound: no such record, user or rule.
	ErrNotFound = store.ErrNotFound
	// ErrConflict: it was changed by someone else since it was read; read it again.
	ErrConflict = errors.New("changed by someone else meanwhile: load it again")
)
