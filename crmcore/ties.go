package crmcore

import (
	"context"

	"frontdesk/crmcore/match"
	"frontdesk/crmcore/people"
)

// Ties are the active users whom something ties to whom a touch is with, by what it is: spoke (with him last), missed
// (his last call, which nobody took since) and deal (is responsible for his newest open one). Rang tells whom a call
// rang, by its source.
func (c *Core) Ties(ctx context.Context, t Touch,
	rang func(ctx context.Context, source string) ([]string, error)) (map[string][]string, error) {
	t, err := c.prepare(ctx, t)
	if err != nil {
		return nil, err
	}
	f, err := c.with(ctx, t)
	if err != nil {
		return nil, err
	}
	ties, err := f.Ties(ctx, c.db)
	if err != nil {
		return nil, err
	}
	return c.tied(ctx, ties, rang)
}

func (c *Core) tied(ctx context.Context, ties match.Ties,
	rang func(ctx context.Context, source string) ([]string, error)) (all map[string][]string, err error) {
	all = map[string][]string{}
	for tie, user := range map[string]string{"spoke": ties.Spoke, "deal": ties.Deal} {
		if user != "" {
			all[tie] = []string{user}
		}
	}
	if ties.Missed == "" {
		return all, nil
	}
	users, err := rang(ctx, ties.Missed)
	for _, user := range users {
		if people.Here(ctx, c.db, user) {
			all["missed"] = append(all["missed"], user)
		}
	}
	return all, err
}
