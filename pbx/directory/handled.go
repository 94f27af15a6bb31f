package directory

import (
	"context"
	"fmt"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/input"
)

// SaveHandling says how a user wants to be called, after bringing numbers into E.164. Users are not looked up: they are
// the CRM's. Errors: *input.Invalid.
func (d *Directory) SaveHandling(ctx context.Context, user string, h *dialplan.Handling) error {
	plan, err := d.Plan(ctx)
	if err != nil {
		return err
	}
	if err := plan.CheckHandling(user, h); err != nil {
		return err
	}
	if h.Plain() && h.Seconds == 0 {
		_, err := d.db.Exec(ctx, `DELETE FROM call_handling WHERE user_id = $1`, user)
		d.touched()
		return err
	}
	return d.write(ctx, `INSERT INTO call_handling (user_id, rules) VALUES ($1, $2)
		ON CONFLICT (user_id) DO UPDATE SET rules = excluded.rules`, user, asJSON(h))
}

// ChangeHandling changes what a user's handling has now. Errors: *input.Invalid.
func (d *Directory) ChangeHandling(ctx context.Context, user string, change func(*dialplan.Handling)) error {
	h, err := d.Handling(ctx, user)
	if err != nil {
		return err
	}
	change(&h)
	return d.SaveHandling(ctx, user, &h)
}

// Act does what a feature changes of how a user is called. Errors: *input.Invalid.
func (d *Directory) Act(ctx context.Context, user string, c dialplan.Code) error {
	if user == "" {
		return input.Refuse("user", "only people can do this")
	}
	switch c.Feature {
	case dialplan.DNDOn, dialplan.DNDOff:
		return d.ChangeHandling(ctx, user, func(h *dialplan.Handling) { h.DND = c.Feature == dialplan.DNDOn })
	case dialplan.ForwardOff:
		return d.ChangeHandling(ctx, user, func(h *dialplan.Handling) { h.Always = nil })
	case dialplan.ForwardOn:
		plan, err := d.Plan(ctx)
		if err != nil {
			return err
		}
		return d.ChangeHandling(ctx, user, func(h *dialplan.Handling) { h.Always = plan.ForwardTo(c.Argument) })
	}
	return fmt.Errorf("%s: %w", c.Feature, ErrNotFound)
}
