package crmcore

import (
	"context"

	"frontdesk/crmcore/event"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/rules"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Heirs are the users who take over what somebody held, by kind.
type Heirs struct {
	Clients string // contacts, companies, leads, and the rules that give him new ones
	Deals   string
	Tasks   string   // tasks, and mails that wait for an answer
	Others  []string // who takes over what is not the CRM's
}

// Holdings count what somebody holds of the CRM.
type Holdings struct {
	Contacts  int64    `json:"contacts"`
	Companies int64    `json:"companies"`
	Leads     int64    `json:"leads" doc:"Those under way"`
	Deals     int64    `json:"deals" doc:"Those under way"`
	Tasks     int64    `json:"tasks"`
	Mails     int64    `json:"mails" doc:"That wait for an answer"`
	Rules     []string `json:"rules" doc:"Names of the rules that give him new clients"`
}

// Holdings of a user: ErrNotFound.
func (c *Core) Holdings(ctx context.Context, user string) (h Holdings, err error) {
	if _, err := c.User(ctx, user); err != nil {
		return h, err
	}
	q := query.New(`SELECT (SELECT COUNT(*) FROM contact WHERE responsible = ?), (SELECT COUNT(*) FROM company WHERE responsible = ?),
		(SELECT COUNT(*) FROM lead WHERE responsible = ? AND stage IN ('new', 'in_progress')),
		(SELECT COUNT(*) FROM deal d JOIN stage s ON s.id = d.stage WHERE d.responsible = ? AND s.kind = 'open'),
		(SELECT COUNT(*) FROM activity WHERE user_id = ? AND waiting AND kind = 'task'),
		(SELECT COUNT(*) FROM activity WHERE user_id = ? AND waiting AND kind = 'mail')`, user, user, user, user, user, user)
	h, err = query.One(ctx, c.db, func(r store.Row) (h Holdings, err error) {
		return h, r.Scan(&h.Contacts, &h.Companies, &h.Leads, &h.Deals, &h.Tasks, &h.Mails)
	}, q)
	if err != nil {
		return h, err
	}
	h.Rules, err = rules.NamesFor(ctx, c.db, user)
	return h, err
}

// holding is something that goes from hand to hand: a row whose column says whose it is. Who did something in the past
// stays written.
type holding struct {
	table, column string
	where         string      // which rows, besides those of the user
	also          string      // what else is set with the column
	told          record.Kind // of the event that tells of it; "" where there is none
}

const touched = ", updated_at = updated_at + 1" // whoever edits it just now is told

// heldBy lists, by heir, what is handed over, besides rules.
func (to Heirs) heldBy() map[holding]string {
	return map[holding]string{
		{"contact", "responsible", "TRUE", touched, record.Contact}:              to.Clients,
		{"company", "responsible", "TRUE", touched, record.Company}:              to.Clients,
		{"lead", "responsible", "TRUE", touched + ", kept = FALSE", record.Lead}: to.Clients,
		{"deal", "responsible", "TRUE", touched, record.Deal}:                    to.Deals,
		{"activity", "user_id", "waiting", "", ""}:                               to.Tasks,
	}
}

// handAllOver gives the heirs what somebody holds, and notes it.
func handAllOver(ctx context.Context, tx *store.Tx, user string, to Heirs) error {
	for h, heir := range to.heldBy() {
		if err := h.pass(ctx, tx, user, heir); err != nil {
			return err
		}
	}
	return nil
}

func (h holding) pass(ctx context.Context, tx *store.Tx, user, heir string) error {
	if _, err := tx.Exec(ctx, `INSERT INTO handed_over (user_id, kind, ref, heir) SELECT $1, '`+h.table+`', id, $2 FROM `+h.table+`
		WHERE `+h.column+` = $1 AND `+h.where+` ON CONFLICT (user_id, kind, ref) DO UPDATE SET heir = excluded.heir`, user, heir); err != nil {
		return err
	}
	return h.move(ctx, tx, `UPDATE `+h.table+` SET `+h.column+` = $2`+h.also+` WHERE `+h.column+` = $1 AND `+h.where,
		user, heir)
}

// move lets rows go from hand to hand, and tells which records did.
func (h holding) move(ctx context.Context, tx *store.Tx, update string, args ...any) error {
	rows, err := tx.Query(ctx, update+` RETURNING id`, args...)
	moved, err := store.Collect(rows, err, func(r store.Row) (id string, err error) { return id, r.Scan(&id) })
	if err != nil || h.told == "" {
		return err
	}
	var events []store.Event
	for _, id := range moved {
		events = append(events, event.Changing(ctx, h.told.Ref(id), "responsible"))
	}
	return tx.Tell(ctx, events...)
}

// giveBack gives somebody what his heirs have still.
func giveBack(ctx context.Context, tx *store.Tx, user string) error {
	for h := range (Heirs{}).heldBy() {
		if err := h.move(ctx, tx, `UPDATE `+h.table+` SET `+h.column+` = $1`+h.also+` WHERE `+h.where+`
			AND EXISTS (SELECT 1 FROM handed_over o WHERE o.user_id = $1 AND o.kind = '`+h.table+`'
			AND o.ref = `+h.table+`.id AND o.heir = `+h.table+`.`+h.column+`)`, user); err != nil {
			return err
		}
	}
	return nil
}

// Dismiss switches a user off for good: all that he holds goes to his heirs, with what else does in the same
// transaction; his API tokens end. Admins only, never oneself. Errors: ErrNotFound, ErrForbidden, *Invalid.
func (c *Core) Dismiss(ctx context.Context, actor people.User, user string, to Heirs,
	also func(tx *store.Tx) error) error {
	if err := people.OnlyAdmins(actor); err != nil {
		return err
	}
	if actor.ID == user {
		return input.Refuse("user", "nobody dismisses himself: let another administrator do it")
	}
	return c.handing(ctx, func(tx *store.Tx) error {
		return query.Steps(
			func() error {
				return checkHeirs(ctx, tx, user, append([]string{to.Clients, to.Deals, to.Tasks}, to.Others...)...)
			},
			func() error { return people.SwitchUser(ctx, tx, user, false) },
			func() error { return people.NeedAdmin(ctx, tx) },
			func() error { return handAllOver(ctx, tx, user, to) },
			func() error { return rules.Give(ctx, tx, user, to.Clients) },
			func() error { return also(tx) })
	})
}

// handing does what changes many records, and has the screens read all of them anew.
func (c *Core) handing(ctx context.Context, fn func(tx *store.Tx) error) error {
	err := c.db.Tx(ctx, fn)
	if err != nil {
		return err
	}
	for h := range (Heirs{}).heldBy() {
		if h.told != "" {
			c.hooks.Changed(ctx, record.Ref{Kind: h.told})
		}
	}
	return nil
}

// Reinstate lets somebody who was dismissed, or only switched off, log in again, and gives back what his heirs have
// still.
func (c *Core) Reinstate(ctx context.Context, actor people.User, user string, also func(tx *store.Tx) error) error {
	if err := people.OnlyAdmins(actor); err != nil {
		return err
	}
	return c.handing(ctx, func(tx *store.Tx) error {
		return query.Steps(
			func() error { return people.SwitchUser(ctx, tx, user, true) },
			func() error { return giveBack(ctx, tx, user) },
			func() error { return also(tx) },
			func() error { _, err := tx.Exec(ctx, "DELETE FROM handed_over WHERE user_id = $1", user); return err })
	})
}

// checkHeirs fails unless all are active, and others.
func checkHeirs(ctx context.Context, tx *store.Tx, user string, heirs ...string) error {
	for _, heir := range heirs {
		if heir == user {
			return input.Refuse("to", "choose somebody else")
		}
		if err := people.CheckUser(ctx, tx, "to", heir); err != nil {
			return err
		}
	}
	return nil
}
