package crmcore

import (
	"context"
	"slices"

	"frontdesk/crmcore/people"
	"frontdesk/crmcore/rules"
)

// Forecast is the card that a touch would open, with what the rules say of it; nothing is written.
func (c *Core) Forecast(ctx context.Context, t Touch) (Card, []rules.TraceStep, rules.Decision, error) {
	t, err := c.prepare(ctx, t)
	if err != nil {
		return Card{}, nil, rules.Decision{}, err
	}
	f, trace, decision, err := c.foresee(ctx, t)
	if err != nil {
		return Card{}, nil, rules.Decision{}, err
	}
	card, err := c.card(ctx, t, written{f: f}, false)
	if decision.Create {
		card.Responsible, card.Kept, card.Rule = decision.User, decision.Kept, decision.Rule
		if people.Here(ctx, c.db, decision.User) {
			card.LeadFor = append(card.LeadFor, decision.User)
		}
	}
	return card, trace, decision, err
}

// Takes is who should take a call before whom its number rings: the responsible user, while he is here and was chosen.
func (c Card) Takes() []string {
	if slices.Contains(c.LeadFor, c.Responsible) && !c.Kept { // LeadFor has those who are still here
		return []string{c.Responsible}
	}
	return nil
}
