package rules

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Rule routes unknown callers and senders: the first active one whose condition holds wins.
type Rule struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Position int64     `json:"position"` // ascending; set by OrderRules
	Active   bool      `json:"active"`
	When     Condition `json:"when"`
	Then     Action    `json:"then"`
}

// Action is what a rule does.
type Action struct {
	Create     bool     `json:"create"` // make a lead
	Assign     AssignTo `json:"assign"`
	User       string   `json:"user,omitempty"`       // for user
	Department string   `json:"department,omitempty"` // for department, next_available and least_busy
}

// AssignTo says whose a lead becomes.
type AssignTo string

const (
	ToUser          AssignTo = "user"
	ToDepartment    AssignTo = "department"     // nobody's yet: all of the department are told
	ToNextAvailable AssignTo = "next_available" // in turn among the department's people who can take a client now
	ToLeastBusy     AssignTo = "least_busy"     // of the same, who has the fewest leads and deals under way
	ToAdmin         AssignTo = "admin"          // the first active admin
	ToNobody        AssignTo = "nobody"         // not chosen yet: the first active admin keeps it, and is not rung
)

// builtIn is the id of the rule that every installation has, so that nobody is lost. It can be edited, not removed,
// and stays last.
const builtIn = "default"

const maxRules = 500

func scanRule(r store.Row) (x Rule, err error) {
	var when, then string
	if err = r.Scan(&x.ID, &x.Name, &x.Position, &x.Active, &when, &then); err != nil {
		return x, err
	}
	return x, errors.Join(json.Unmarshal([]byte(when), &x.When), json.Unmarshal([]byte(then), &x.Then))
}

// Rules lists all rules in their order.
func (b *Book) Rules(ctx context.Context) ([]Rule, error) { return listed(ctx, b.db) }

func listed(ctx context.Context, db store.Queries) ([]Rule, error) {
	return query.All(ctx, db, scanRule,
		query.New(`SELECT id, name, position, active, condition, action FROM rule ORDER BY CASE WHEN id = ? THEN 1 ELSE 0 END, position, id`, builtIn))
}

// SaveRule creates (no ID; last before the built-in one) or replaces a rule; admins only.
func (b *Book) SaveRule(ctx context.Context, actor people.User, r Rule) (Rule, error) {
	if err := errors.Join(people.OnlyAdmins(actor), r.check()); err != nil {
		return Rule{}, input.First(err)
	}
	when, err := json.Marshal(r.When)
	if err != nil {
		return Rule{}, err
	}
	then, err := json.Marshal(r.Then)
	if err != nil {
		return Rule{}, err
	}
	err = b.db.Tx(ctx, func(tx *store.Tx) error {
		return query.Steps(
			func() error { return r.Then.check(ctx, tx) },
			func() error { return r.save(ctx, tx, string(when), string(then)) })
	})
	return r, err
}

func (r *Rule) save(ctx context.Context, tx *store.Tx, when, then string) error {
	if r.ID != "" {
		n, err := query.Exec(ctx, tx,
			"UPDATE rule SET name = $1, active = $2, condition = $3, action = $4 WHERE id = $5",
			r.Name, r.Active, when, then, r.ID)
		if err == nil && n == 0 {
			return store.ErrNotFound
		}
		return err
	}
	old, err := listed(ctx, tx)
	if err != nil {
		return err
	}
	if len(old) >= maxRules {
		return input.Refuse("rules", fmt.Sprintf("at most %d", maxRules))
	}
	r.ID = store.NewID()
	for _, o := range old {
		if o.ID != builtIn {
			r.Position = o.Position + 1
		}
	}
	_, err = tx.Exec(ctx,
		"INSERT INTO rule (id, name, position, active, condition, action) VALUES ($1, $2, $3, $4, $5, $6)", r.ID,
		r.Name, r.Position, r.Active, when, then)
	return err
}

// DeleteRule removes a rule; admins only.
func (b *Book) DeleteRule(ctx context.Context, actor people.User, id string) error {
	if err := people.OnlyAdmins(actor); err != nil {
		return err
	}
	if id == builtIn {
		return input.Refuse("rule", "the last rule stays, so that nobody is lost; edit it or switch it off instead")
	}
	n, err := query.Exec(ctx, b.db, "DELETE FROM rule WHERE id = $1", id)
	if err == nil && n == 0 {
		return store.ErrNotFound
	}
	return err
}

// OrderRules sets the order of the rules by their ids; admins only. All but the built-in one, which stays last, have
// to be there.
func (b *Book) OrderRules(ctx context.Context, actor people.User, ids []string) error {
	if err := people.OnlyAdmins(actor); err != nil {
		return err
	}
	return b.db.Tx(ctx, func(tx *store.Tx) error {
		old, err := listed(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range old {
			if r.ID != builtIn && !slices.Contains(ids, r.ID) {
				return record.ErrConflict
			}
		}
		for i, id := range ids {
			if _, err := tx.Exec(ctx, "UPDATE rule SET position = $1 WHERE id = $2 AND id <> $3", i, id,
				builtIn); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *Rule) check() error {
	if err := input.Texts(input.Bound("name", &r.Name, 1, input.MaxName)); err != nil {
		return err
	}
	return r.When.Check(func(field string) (As, bool) {
		v, known := Facts{}.Look(field)
		return v.As, known
	})
}

func (a Action) check(ctx context.Context, db store.Queries) error {
	switch a.Assign {
	case ToUser:
		return people.CheckUser(ctx, db, "then.user", a.User)
	case ToDepartment, ToNextAvailable, ToLeastBusy:
		if a.Department == "" {
			return input.Refuse("then.department", "is missing")
		}
		return people.CheckDepartment(ctx, db, a.Department)
	case ToAdmin, ToNobody:
		return nil
	}
	return input.Refuse("then.assign", "is user, department, next_available, least_busy, admin or nobody")
}

// NamesFor are the names of the rules that give a user new clients.
func NamesFor(ctx context.Context, db store.Queries, user string) (names []string, err error) {
	list, err := listed(ctx, db)
	for _, r := range list {
		if r.names(user) {
			names = append(names, r.Name)
		}
	}
	return names, err
}

func (r Rule) names(user string) bool { return r.Then.Assign == ToUser && r.Then.User == user }

// Give makes the rules that give somebody new clients give them to another.
func Give(ctx context.Context, tx *store.Tx, user, heir string) error {
	list, err := listed(ctx, tx)
	if err != nil {
		return err
	}
	for _, r := range list {
		if !r.names(user) {
			continue
		}
		r.Then.User = heir
		then, err := json.Marshal(r.Then)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE rule SET action = $1 WHERE id = $2", string(then), r.ID); err != nil {
			return err
		}
	}
	return nil
}
