package directory

import (
	"context"
	"errors"

	"frontdesk/pbx/dialplan"
	"frontdesk/store"
)

// Leading lists our numbers and extensions that ring a user, as they are dialled, and by their names the hunt groups,
// queues, menus and voicemail boxes that do or are his.
func (d *Directory) Leading(ctx context.Context, user string) ([]string, error) {
	plan, err := d.fresh(ctx)
	if err != nil {
		return nil, err
	}
	return plan.Leading(user), nil
}

// HandOver leads to the heir what led to a user, makes the user's meetings and voicemail boxes his, and switches the
// user's phones off. The caller announces it after the commit; see Announce.
func (d *Directory) HandOver(ctx context.Context, tx *store.Tx, user, heir string) error {
	err := errors.Join(
		give(ctx, tx, numbers, func(n *dialplan.Number) bool { return n.Give(user, heir) },
			`UPDATE phone_number SET destination = $1, closed = $2, doubted = $3 WHERE e164 = $4`,
			func(n dialplan.Number) []any {
				return []any{asJSON(n.Destination), optional(n.Closed), optional(n.Doubts), n.E164}
			}),
		give(ctx, tx, extensions, func(e *dialplan.Extension) bool { return e.Timed.Give(&e.Destination, user, heir) },
			`UPDATE extension SET destination = $1, closed = $2 WHERE number = $3`,
			func(e dialplan.Extension) []any { return []any{asJSON(e.Destination), optional(e.Closed), e.Number} }),
		give(ctx, tx, groups, func(g *dialplan.HuntGroup) bool { return g.Give(user, heir) },
			`UPDATE hunt_group SET members = $1, otherwise = $2 WHERE id = $3`,
			func(g dialplan.HuntGroup) []any { return []any{asJSON(g.Members), optional(g.Otherwise), g.ID} }),
		give(ctx, tx, queues, func(q *dialplan.Queue) bool { return q.Give(user, heir) },
			`UPDATE queue SET agents = $1, leads = $2 WHERE id = $3`,
			func(q dialplan.Queue) []any { return []any{asJSON(q.Agents), asJSON(q.Leads), q.ID} }),
		give(ctx, tx, menus, func(m *dialplan.Menu) bool { return m.Give(user, heir) },
			`UPDATE voice_menu SET keys = $1, otherwise = $2 WHERE id = $3`,
			func(m dialplan.Menu) []any { return []any{asJSON(m.Keys), asJSON(m.Otherwise), m.ID} }),
		give(ctx, tx, boxes, func(b *dialplan.VoicemailBox) bool { return b.Give(user, heir) },
			`UPDATE voicemail_box SET users = $1, keeper = $2 WHERE id = $3`,
			func(b dialplan.VoicemailBox) []any { return []any{asJSON(b.Users), b.Keeper, b.ID} }))
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM agent WHERE user_id = $1`, user); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `UPDATE meeting SET owner = $1, version = version + 1 WHERE owner = $2`, heir,
		user); err != nil {
		return err
	}
	if err := handOverHandling(ctx, tx, user, heir); err != nil {
		return err
	}
	return d.SwitchPhones(ctx, tx, user, false)
}

// give writes of each thing of a kind that the heir is given what becomes of it.
func give[T any](ctx context.Context, tx *store.Tx, read func(context.Context, store.Queries) ([]T, error),
	given func(*T) bool, statement string, values func(T) []any) error {
	all, err := read(ctx, tx)
	for i := range all {
		if err == nil && given(&all[i]) {
			_, err = tx.Exec(ctx, statement, values(all[i])...)
		}
	}
	return err
}

// SwitchPhones lets the phones of a user register and ring, or neither from now on. The caller announces it after the
// commit.
func (d *Directory) SwitchPhones(ctx context.Context, tx *store.Tx, user string, on bool) error {
	if _, err := tx.Exec(ctx, `UPDATE device SET switched_off = $1 WHERE user_id = $2`, !on, user); err != nil || on {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM binding WHERE device IN (SELECT id FROM device WHERE user_id = $1)`, user)
	return err
}

// Announce tells this node and the others that a transaction of the caller's changed what the plan is made of.
func (d *Directory) Announce() { d.touched() }
