package main

import (
	"context"

	"frontdesk/mail/team"
	"frontdesk/store"
)

// openTeam makes what the users of shared mailboxes know of each other; a tab that is gone looks at nothing.
func (n *node) openTeam() *team.Team {
	t := team.New(n.db, func(user, event string, data any) { n.hub.Send(user, "", event, data) })
	n.hub.AtGone(func(user, tab string) {
		if err := t.Gone(store.As(context.Background(), store.Doors, user), user, tab); err != nil {
			n.log.Warn("conversations that a tab looked at", "err", err) // it lapses
		}
	})
	return t
}
