package directory

import (
	"context"

	"frontdesk/pbx/dialplan"
)

// SaveMenu creates a menu (ID empty: it gets one) or changes it. Errors: *input.Invalid, ErrNotFound.
func (d *Directory) SaveMenu(ctx context.Context, m *dialplan.Menu) error {
	plan, err := d.fresh(ctx, dialplan.Tables{Menus: []dialplan.Menu{*m}}.Doors()...)
	if err != nil {
		return err
	}
	if err := plan.CheckMenu(m); err != nil {
		return err
	}
	return d.save(ctx, menuTable(), &m.ID, m.Name, m.Prompt, m.Prompt, m.Language, asJSON(m.Keys), m.Wait, m.Repeats,
		m.Direct, asJSON(m.Otherwise))
}

// DeleteMenu removes a menu; ErrNotFound, and ErrInUse while something leads to it.
func (d *Directory) DeleteMenu(ctx context.Context, id string) error {
	return d.delete(ctx, menuTable(), id, func(to dialplan.Destination) bool { return to.Menu == id })
}

// SaveBox creates a voicemail box (ID empty: it gets one) or changes it. Errors: *input.Invalid, ErrNotFound.
func (d *Directory) SaveBox(ctx context.Context, b *dialplan.VoicemailBox) error {
	if err := b.Check(); err != nil {
		return err
	}
	return d.save(ctx, boxTable(), &b.ID, b.Name, b.Greeting, asJSON(b.Users), b.Greeting, b.Language, b.Seconds,
		b.Keeper)
}

// Greet has a box say another prompt to its callers. Errors: ErrNotFound.
func (d *Directory) Greet(ctx context.Context, box, prompt string) error {
	plan, err := d.fresh(ctx)
	if err != nil {
		return err
	}
	b := plan.Box(box)
	if b.ID == "" {
		return ErrNotFound
	}
	b.Greeting = prompt
	return d.SaveBox(ctx, &b)
}

// DeleteBox removes a voicemail box, whose messages its users keep; ErrNotFound, and ErrInUse while something leads to
// it.
func (d *Directory) DeleteBox(ctx context.Context, id string) error {
	return d.delete(ctx, boxTable(), id, func(to dialplan.Destination) bool { return to.Voicemail == id })
}
