package crmcore

import (
	"errors"

	"frontdesk/store"
)

var (
	// ErrNotFound: no such record, user or rule.
	ErrNotFound = store.ErrNotFound
	// ErrForbidden: it exists, but the actor may not see or change it.
	ErrForbidden = errors.New("you may not see or change this; ask its responsible user or an administrator")
	// ErrConflict: it was changed by someone else since it was read; read it again.
	ErrConflict = errors.New("changed by someone else meanwhile: load it again")
	// ErrCredentials: wrong login or password, or the account is switched off. It never tells which.
	ErrCredentials = errors.New("wrong login or password")
)
