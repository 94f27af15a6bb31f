package crmcore

import (
	"context"

	"frontdesk/crmcore/match"
)

// with finds out who a touch is with: whom it names, or whose address it is.
func (c *Core) with(ctx context.Context, t Touch) (match.Found, error) {
	if t.Channel.Policy().Named {
		return t.question().Meeting(ctx, c.db, t.About, t.Guests, c.cfg.Own)
	}
	return t.question().Who(ctx, c.db)
}

// question is what a touch tells of who it is with.
func (t Touch) question() match.Question {
	return match.Question{Channel: t.Channel, Key: t.Key, At: t.At, Client: t.Client, Own: t.own, Users: t.Users,
		Reply: t.Reply}
}
