package main

import (
	"context"
	"errors"

	"frontdesk/crmcore/input"
	"frontdesk/store"
	"frontdesk/webhook"
)

// webhookOf names a webhook that rules may tell something.
func (n *node) webhookOf(ctx context.Context, q store.Queries, id string) (string, error) {
	name, active, err := webhook.Named(ctx, q, id)
	switch {
	case errors.Is(err, store.ErrNotFound):
		return "", input.Refuse("webhook", "there is no such webhook")
	case err == nil && !active:
		return name, input.Refuse("webhook", name+" is switched off")
	}
	return name, err
}

// noticed has the tabs of users read anew what they were told.
func (n *node) noticed(users []string) {
	for _, user := range users {
		n.hub.Send(user, "", "notice", struct{}{})
	}
}
