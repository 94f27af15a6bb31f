package directory

import (
	"context"
	"slices"

	"frontdesk/store"
)

// Leading lists our numbers and extensions that ring a user, as they are dialled, and by their names the hunt groups,
// queues, menus and voicemail boxes that do or are his.
func (d *Directory) Leading(ctx context.Context, user string) ([]string, error) {
	p, err := d.readPlan(ctx)
	if err != nil {
		return nil, err
	}
	all := append([]string{}, p.users(func(to Destination) bool { return to.names(user) })...)
	add := func(name string, his bool) {
		if his && !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	for _, q := range p.queues {
		add(q.Name, slices.Contains(q.Agents, user))
	}
	for _, g := range p.groups {
		add(g.Name, slices.Contains(g.Members, user))
	}
	for _, b := range p.boxes {
		add(b.Name, slices.Contains(b.Users, user))
	}
	slices.Sort(all)
	return all, nil
}

// rings tells whether a destination rings a user, or what follows it does.
func (to Destination) rings(user string) bool {
	return to.names(user) || to.Then != nil && to.Then.rings(user)
}

func (to Destination) names(user string) bool {
	return to.Kind == "user" && to.User == user || to.Kind == "group" && slices.Contains(to.Users, user)
}

// give has the heir rung instead of the user, at whatever time.
func (t Timed) give(to *Destination, user, heir string) bool {
	given := to.give(user, heir)
	return t.Closed != nil && t.Closed.give(user, heir) || given
}

// give has the heir rung instead of the user. What was the user's own number becomes a group of one: the heir calls
// with his own.
func (to *Destination) give(user, heir string) bool {
	then := to.Then != nil && to.Then.give(user, heir)
	if !to.names(user) {
		return then
	}
	users := []string{heir}
	for _, id := range to.Users {
		if id != user && id != heir && to.Kind == "group" {
			users = append(users, id)
		}
	}
	to.Kind, to.User, to.Users = "group", "", users
	return true
}

// rings tells whether a group rings a user, or leads on to him.
func (g HuntGroup) rings(user string) bool {
	return slices.Contains(g.Members, user) || g.Otherwise != nil && g.Otherwise.rings(user)
}

// give has the heir rung instead of the user; false when neither changes.
func (g *HuntGroup) give(user, heir string) bool {
	if !g.rings(user) {
		return false
	}
	if at := slices.Index(g.Members, user); at >= 0 && slices.Contains(g.Members, heir) {
		g.Members = slices.Delete(g.Members, at, at+1)
	} else if at >= 0 {
		g.Members[at] = heir
	}
	if g.Otherwise != nil {
		g.Otherwise.give(user, heir)
	}
	return true
}

// HandOver leads to the heir what led to a user, makes the user's meetings his, and switches the user's phones off. The
// caller announces it after the commit; see Announce.
func (d *Directory) HandOver(ctx context.Context, tx *store.Tx, user, heir string) error {
	numbers, err := numbersOf(ctx, tx)
	if err != nil {
		return err
	}
	for _, n := range numbers {
		if n.Timed.give(&n.Destination, user, heir) {
			if _, err := tx.Exec(ctx, `UPDATE phone_number SET destination = $1, closed = $2 WHERE e164 = $3`,
				asJSON(n.Destination), n.column(), n.E164); err != nil {
				return err
			}
		}
	}
	extensions, err := extensionsOf(ctx, tx)
	if err != nil {
		return err
	}
	for _, e := range extensions {
		if e.Timed.give(&e.Destination, user, heir) {
			if _, err := tx.Exec(ctx, `UPDATE extension SET destination = $1, closed = $2 WHERE number = $3`,
				asJSON(e.Destination), e.column(), e.Number); err != nil {
				return err
			}
		}
	}
	for _, give := range []func(context.Context, *store.Tx, string, string) error{giveGroups, giveQueues, giveMenus, giveBoxes} {
		if err := give(ctx, tx, user, heir); err != nil {
			return err
		}
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

func giveGroups(ctx context.Context, tx *store.Tx, user, heir string) error {
	groups, err := groupsOf(ctx, tx)
	if err != nil {
		return err
	}
	for _, g := range groups {
		if g.give(user, heir) {
			if _, err := tx.Exec(ctx, `UPDATE hunt_group SET members = $1, otherwise = $2 WHERE id = $3`,
				asJSON(g.Members), g.otherwise(), g.ID); err != nil {
				return err
			}
		}
	}
	return nil
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
