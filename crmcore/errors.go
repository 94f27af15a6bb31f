package crmcore

import "frontdesk/store"

// ErrNotFound: no such record, user or rule.
var ErrNotFound = store.ErrNotFound
