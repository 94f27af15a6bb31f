package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// SaveHandling says how a user wants to be called, after bringing numbers into E.164. Users are not looked up: they are
// the CRM's. Errors: *Invalid.
func (d *Directory) SaveHandling(ctx context.Context, user string, h *Handling) error {
	plan, err := d.Plan(ctx)
	if err != nil {
		return err
	}
	if err := plan.checkHandling(user, h); err != nil {
		return err
	}
	if h.plain() && h.Seconds == 0 {
		_, err := d.db.Exec(ctx, `DELETE FROM call_handling WHERE user_id = $1`, user)
		d.touched()
		return err
	}
	return d.write(ctx, `INSERT INTO call_handling (user_id, rules) VALUES ($1, $2)
		ON CONFLICT (user_id) DO UPDATE SET rules = excluded.rules`, user, asJSON(h))
}

// ChangeHandling changes what a user's handling has now. Errors: *Invalid.
func (d *Directory) ChangeHandling(ctx context.Context, user string, change func(*Handling)) error {
	h, err := d.Handling(ctx, user)
	if err != nil {
		return err
	}
	change(&h)
	return d.SaveHandling(ctx, user, &h)
}

// Act does what a feature changes of how a user is called. Errors: *Invalid.
func (d *Directory) Act(ctx context.Context, user string, c Code) error {
	if user == "" {
		return invalid("user", "only people can do this")
	}
	switch c.Feature {
	case DNDOn, DNDOff:
		return d.ChangeHandling(ctx, user, func(h *Handling) { h.DND = c.Feature == DNDOn })
	case ForwardOff:
		return d.ChangeHandling(ctx, user, func(h *Handling) { h.Always = nil })
	case ForwardOn:
		plan, err := d.Plan(ctx)
		if err != nil {
			return err
		}
		return d.ChangeHandling(ctx, user, func(h *Handling) { h.Always = plan.forwardTo(c.Argument) })
	}
	return fmt.Errorf("%s: %w", c.Feature, ErrNotFound)
}

// forwardTo is where calls go that are forwarded to a number as it is dialled.
func (p *Plan) forwardTo(dialled string) *Forward {
	if _, inside := p.extensions[dialled]; inside {
		return &Forward{Kind: "extension", Number: dialled}
	}
	return &Forward{Kind: "number", Number: dialled, Confirm: true}
}

// checkHandling validates how a user wants to be called, and brings it into its form.
func (p *Plan) checkHandling(user string, h *Handling) error {
	if h.Seconds != 0 && (h.Seconds < 5 || h.Seconds > 120) {
		return invalid("seconds", "a user rings 5 to 120 seconds before calls go on; 0 is as long as usual")
	}
	for field, f := range h.Forwards() {
		if err := p.checkForward(field, user, f); err != nil {
			return err
		}
	}
	if h.Hours == nil {
		return nil
	}
	s := h.Hours.schedule()
	err := s.check()
	if bad := (*Invalid)(nil); errors.As(err, &bad) {
		bad.Field = "hours." + bad.Field
	}
	return err
}

func (p *Plan) checkForward(field, user string, f *Forward) error {
	switch f.Kind {
	case "user":
		*f = Forward{Kind: f.Kind, User: f.User}
		switch f.User {
		case "":
			return invalid(field+".user", "choose the colleague who gets the calls")
		case user:
			return invalid(field+".user", "calls can't be forwarded to whom they are for: choose a colleague")
		}
	case "extension":
		*f = Forward{Kind: f.Kind, Number: compact(f.Number)}
		to, known := p.extensions[f.Number]
		switch {
		case !known:
			return invalid(field+".number", "there is no extension %q", f.Number)
		case to.Kind == "user" && to.User == user:
			return invalid(field+".number", "calls can't be forwarded to whom they are for: choose a colleague")
		}
	case "number":
		f.User = ""
		return p.checkForwardOut(field, f)
	default:
		return invalid(field+".kind", "must be user, extension or number")
	}
	return nil
}

// checkForwardOut: nobody gets further by forwarding than by dialling.
func (p *Plan) checkForwardOut(field string, f *Forward) error {
	if e164, ok := Normalise(f.Number, p.region); ok {
		f.Number = e164
	} else {
		f.Number = compact(f.Number)
	}
	pbx, _ := p.connected(f.Number)
	_, ours := p.numbers[f.Number]
	switch {
	case slices.Contains(p.policy.Short, f.Number):
		return invalid(field+".number", "calls can't be forwarded to a short number")
	case pbx != nil || ours || p.policy.allows(f.Number):
		return nil
	case len(f.Number) > 0 && f.Number[0] == '+':
		return invalid(field+".number", "calls to %s are not allowed: an admin allows countries under Telephony, calls outside",
			f.Number)
	}
	return invalid(field+".number", "%q is no telephone number: write it as you dial it", f.Number)
}
