package crmcore

import (
	"context"

	"frontdesk/crmcore/match"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/rules"
)

// DryRun tells what Receive would do with a touch, and why, without doing it.
func (c *Core) DryRun(ctx context.Context, t Touch) ([]rules.TraceStep, rules.Decision, error) {
	t, err := c.prepare(ctx, t)
	if err != nil {
		return nil, rules.Decision{}, err
	}
	_, trace, decision, err := c.foresee(ctx, t)
	return trace, decision, err
}

// foresee finds out who a prepared touch is with, and what the rules would say.
func (c *Core) foresee(ctx context.Context, t Touch) (match.Found, []rules.TraceStep, rules.Decision, error) {
	f, err := c.with(ctx, t)
	if err != nil {
		return f, nil, rules.Decision{}, err
	}
	if f.Known() {
		return f, []rules.TraceStep{}, rules.Decision{Known: f.Refs()}, nil
	}
	if why := t.neverLead(); why != "" {
		return f, []rules.TraceStep{{Matched: true, Why: why}}, rules.Decision{Known: []record.Ref{}}, nil
	}
	trace, route, err := c.Decide(ctx, c.facts(t))
	if err == nil {
		err = route.Foresee(ctx, c.db)
	}
	return f, trace, route.Decision, err
}

// neverLead says why a touch of somebody unknown makes no lead, whatever the rules; "" when they decide.
func (t Touch) neverLead() string {
	switch {
	case t.own:
		return "the address is our own"
	case t.Client.Anonymous():
		return "the caller is anonymous"
	case t.Client.Internal():
		return "the number is internal"
	case t.Client.Overlong():
		return "the number has too many digits to be one"
	case !t.Channel.Policy().Leads:
		return "a " + string(t.Channel) + " makes no lead"
	case t.NoLead:
		return "automatic or internal: makes no lead"
	}
	return ""
}

// facts are what the rules look at.
func (c *Core) facts(t Touch) rules.Facts {
	f := rules.Facts{Source: string(t.Channel), Direction: "out", Line: t.Line, Address: t.Client.Show(), Name: t.Name,
		Subject: t.Subject,
		Country: t.Client.Country(), At: t.At.In(c.cfg.Zone)}
	if t.Incoming {
		f.Direction = "in"
	}
	return f
}
