package api

import (
	"context"
	"errors"

	"frontdesk/crmcore"
	"frontdesk/crmcore/input"
)

// Set changes a value when a new one is given.
func Set[T any](value *T, given *T) {
	if given != nil {
		*value = *given
	}
}

// CheckActive fails when one of the ids that an input's field has is no active user's.
func CheckActive(ctx context.Context, core *crmcore.Core, field string, ids ...string) error {
	for _, id := range ids {
		if u, err := core.User(ctx, id); err != nil && !errors.Is(err, crmcore.ErrNotFound) {
			return err
		} else if err != nil || !u.Active {
			return &input.Invalid{Field: field, Problem: "is not an active user"}
		}
	}
	return nil
}
