package directory

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"frontdesk/store"
)

const menuColumns = `id, name, prompt, language, keys, wait, repeats, direct, otherwise`

// Menus lists the menus and announcements, by name.
func (d *Directory) Menus(ctx context.Context) ([]Menu, error) { return menusOf(ctx, d.db) }

func menusOf(ctx context.Context, q store.Queries) ([]Menu, error) {
	rows, err := q.Query(ctx, `SELECT `+menuColumns+` FROM voice_menu ORDER BY name, id`)
	return store.Collect(rows, err, func(row store.Row) (m Menu, err error) {
		var keys, otherwise string
		if err = row.Scan(&m.ID, &m.Name, &m.Prompt, &m.Language, &keys, &m.Wait, &m.Repeats, &m.Direct,
			&otherwise); err != nil {
			return m, err
		}
		return m, errors.Join(json.Unmarshal([]byte(keys), &m.Keys), json.Unmarshal([]byte(otherwise), &m.Otherwise))
	})
}

// SaveMenu creates a menu (ID empty: it gets one) or changes it. Errors: *Invalid, ErrNotFound.
func (d *Directory) SaveMenu(ctx context.Context, m *Menu) error {
	if err := d.checkMenu(ctx, m); err != nil {
		return err
	}
	statement := `UPDATE voice_menu SET name = $2, prompt = $3, language = $4, keys = $5, wait = $6, repeats = $7,
		direct = $8, otherwise = $9 WHERE id = $1`
	if m.ID == "" {
		m.ID = store.NewID()
		statement = `INSERT INTO voice_menu (` + menuColumns + `) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`
	}
	return d.writeSaying(ctx, "prompt", m.Prompt, m.Name, statement, m.ID, m.Name, m.Prompt, m.Language,
		asJSON(m.Keys), m.Wait, m.Repeats, m.Direct, asJSON(m.Otherwise))
}

// writeSaying writes what says a prompt, if any, while nobody deletes that.
func (d *Directory) writeSaying(ctx context.Context, field, prompt, name, query string, args ...any) error {
	err := d.db.Tx(ctx, func(tx *store.Tx) error {
		if prompt != "" {
			if n, err := affected(tx.Exec(ctx, `UPDATE prompt SET id = id WHERE id = $1`, prompt)); err != nil {
				return err
			} else if n == 0 {
				return invalid(field, "no such prompt")
			}
		}
		n, err := affected(tx.Exec(ctx, query, args...))
		if err == nil && n == 0 {
			return ErrNotFound
		}
		return err
	})
	if store.IsUnique(err) {
		return invalid("name", "%q is taken", name)
	}
	if err == nil {
		d.touched()
	}
	return err
}

func affected(result interface{ RowsAffected() (int64, error) }, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}

const maxKeys = "0123456789*#"

func (d *Directory) checkMenu(ctx context.Context, m *Menu) error {
	m.Wait = cmp.Or(m.Wait, 5)
	switch {
	case strings.TrimSpace(m.Name) == "":
		return invalid("name", "give it a name")
	case m.Prompt == "":
		return invalid("prompt", "choose what it says")
	case m.Wait < 1 || m.Wait > 60:
		return invalid("wait", "1 to 60 seconds")
	case m.Repeats < 0 || m.Repeats > 9:
		return invalid("repeats", "0 to 9 times")
	case m.Direct && len(m.Keys) == 0:
		return invalid("direct", "only a menu with keys takes extensions")
	}
	seen := ""
	for i := range m.Keys {
		k := &m.Keys[i]
		if len(k.Key) != 1 || !strings.Contains(maxKeys, k.Key) || strings.Contains(seen, k.Key) {
			return invalid(fmt.Sprintf("keys[%d].key", i), "each key once: 0 to 9, * or #")
		}
		seen += k.Key
		if err := d.checkOnward(ctx, fmt.Sprintf("keys[%d].to", i), &k.To); err != nil {
			return err
		}
	}
	if m.Keys == nil {
		m.Keys = []MenuKey{}
	}
	if m.Otherwise == nil {
		return nil
	}
	return d.checkOnward(ctx, "otherwise", m.Otherwise)
}

// checkOnward validates where a caller goes whom a machine has answered: to whom refuses, he is hung up.
func (d *Directory) checkOnward(ctx context.Context, field string, to *Destination) error {
	switch to.Kind {
	case refused:
		*to = Destination{Kind: refused}
		return nil
	case "meeting":
		return invalid(field+".kind", "callers come into a meeting by its number or extension only")
	}
	return d.checkDestination(ctx, field, to)
}

// DeleteMenu removes a menu; ErrNotFound, and ErrInUse while something leads to it.
func (d *Directory) DeleteMenu(ctx context.Context, id string) error {
	return d.deleteUnused(ctx, func(to Destination) bool { return to.Menu == id },
		`DELETE FROM voice_menu WHERE id = $1`, id)
}

func (d *Directory) deleteUnused(ctx context.Context, leads func(Destination) bool, statement, id string) error {
	plan, err := d.readPlan(ctx)
	if err != nil {
		return err
	}
	if users := plan.users(leads); len(users) > 0 {
		return fmt.Errorf("%s: let it lead elsewhere first: %w", strings.Join(users, ", "), ErrInUse)
	}
	return d.write(ctx, statement, id)
}

// users are the numbers, extensions, hunt groups, queues and menus of which a destination is such a one.
func (p *Plan) users(leads func(Destination) bool) (users []string) {
	see := func(user string, all ...*Destination) {
		for _, to := range all {
			for ; to != nil; to = to.Then {
				if leads(*to) && !slices.Contains(users, user) {
					users = append(users, user)
				}
			}
		}
	}
	for _, n := range p.numbers {
		see(n.E164, &n.Destination, n.Closed)
	}
	for _, e := range p.extensions {
		see(e.Number, &e.Destination, e.Closed)
	}
	for _, g := range p.groups {
		see(g.Name, g.Otherwise)
	}
	for _, q := range p.queues {
		see(q.Name, q.Leads.Full, q.Leads.Waited, q.Leads.Nobody)
	}
	for _, m := range p.menus {
		see(m.Name, m.Otherwise)
		for _, k := range m.Keys {
			see(m.Name, &k.To)
		}
	}
	slices.Sort(users)
	return users
}

// giveMenus leads to the heir where menus and announcements lead on to a user.
func giveMenus(ctx context.Context, tx *store.Tx, user, heir string) error {
	menus, err := menusOf(ctx, tx)
	if err != nil {
		return err
	}
	for _, m := range menus {
		given := m.Otherwise != nil && m.Otherwise.give(user, heir)
		for i := range m.Keys {
			given = m.Keys[i].To.give(user, heir) || given
		}
		if !given {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE voice_menu SET keys = $1, otherwise = $2 WHERE id = $3`, asJSON(m.Keys),
			asJSON(m.Otherwise), m.ID); err != nil {
			return err
		}
	}
	return nil
}
