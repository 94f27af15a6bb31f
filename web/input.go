package web

import (
	"context"
	"errors"

	"frontdesk/crmcore"
)

// set changes a value when a new one is given.
func set[T any](value *T, given *T) {
	if given != nil {
		*value = *given
	}
}

// checkActive fails when one of the ids that an input's field has is no active user's.
func checkActive(ctx context.Context, core *crmcore.Core, field string, ids ...string) error {
	for _, id := range ids {
		if u, err := core.User(ctx, id); err != nil && !errors.Is(err, crmcore.ErrNotFound) {
			return err
		} else if err != nil || !u.Active {
			return &crmcore.Invalid{Field: field, Problem: "is not an active user"}
		}
	}
	return nil
}
