// Package rules decides whose an unknown caller or sender becomes.
package rules

import (
	"context"

	"frontdesk/store"
)

// Book holds the rules. It is safe for concurrent use.
type Book struct {
	db        *store.DB
	available func(ctx context.Context, users []string) []string
}

// New opens it; available returns those of the users who can take a client now.
func New(db *store.DB, available func(ctx context.Context, users []string) []string) *Book {
	return &Book{db: db, available: available}
}
