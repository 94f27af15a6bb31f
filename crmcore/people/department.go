package people

import (
	"context"
	"errors"
	"slices"
	"strings"

	"frontdesk/crmcore/input"
	"frontdesk/store"
	"frontdesk/store/query"
)

func scanDepartment(r store.Row) (d Department, err error) {
	return d, r.Scan(&d.ID, &d.Name, &d.Parent)
}

// Departments lists the whole tree in the order it was made.
func (p *People) Departments(ctx context.Context) ([]Department, error) {
	return query.All(ctx, p.db, scanDepartment, query.New("SELECT id, name, parent FROM department ORDER BY id"))
}

// CreateDepartment adds a department; admins only.
func (p *People) CreateDepartment(ctx context.Context, actor User, d Department) (Department, error) {
	if err := errors.Join(OnlyAdmins(actor), d.normalise()); err != nil {
		return Department{}, input.First(err)
	}
	d.ID = store.NewID()
	return d, p.db.Tx(ctx, func(tx *store.Tx) error {
		if err := CheckDepartment(ctx, tx, d.Parent); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "INSERT INTO department (id, name, parent) VALUES ($1, $2, $3)", d.ID, d.Name, d.Parent)
		return err
	})
}

// UpdateDepartment renames or moves a department; admins only. It can't be moved below itself.
func (p *People) UpdateDepartment(ctx context.Context, actor User, d Department) (Department, error) {
	if err := errors.Join(OnlyAdmins(actor), d.normalise()); err != nil {
		return Department{}, input.First(err)
	}
	return d, p.db.Tx(ctx, func(tx *store.Tx) error {
		if err := CheckDepartment(ctx, tx, d.Parent); err != nil {
			return err
		}
		under, err := query.All(ctx, tx, query.Text, new(query.Builder).With(Below(d.ID)))
		if err != nil {
			return err
		}
		for _, id := range under {
			if id == d.Parent {
				return input.Refuse("parent", "a department can't be below itself")
			}
		}
		n, err := query.Exec(ctx, tx, "UPDATE department SET name = $1, parent = $2 WHERE id = $3", d.Name, d.Parent,
			d.ID)
		if err == nil && n == 0 {
			return store.ErrNotFound
		}
		return err
	})
}

// DeleteDepartment removes an empty department; admins only.
func (p *People) DeleteDepartment(ctx context.Context, actor User, id string) error {
	if err := OnlyAdmins(actor); err != nil {
		return err
	}
	return p.db.Tx(ctx, func(tx *store.Tx) error {
		used, err := query.All(ctx, tx, query.Text, query.New(`SELECT id FROM app_user WHERE department = ? UNION ALL
			SELECT id FROM department WHERE parent = ? UNION ALL SELECT id FROM lead WHERE department = ? AND responsible = ''`, id, id, id))
		if err != nil {
			return err
		}
		if len(used) > 0 {
			return input.Refuse("department", "move its people, departments and leads elsewhere first")
		}
		n, err := query.Exec(ctx, tx, "DELETE FROM department WHERE id = $1", id)
		if err == nil && n == 0 {
			return store.ErrNotFound
		}
		return err
	})
}

func (d *Department) normalise() error {
	d.Name = strings.TrimSpace(d.Name)
	return input.Text("name", d.Name, 1, input.MaxName)
}

// DepartmentsOf are the departments that users are in, by user: his own first, then each above it.
func (p *People) DepartmentsOf(ctx context.Context) (map[string][]string, error) {
	all, err1 := p.Departments(ctx)
	users, err2 := p.Users(ctx)
	parents, of := map[string]string{}, map[string][]string{}
	for _, d := range all {
		parents[d.ID] = d.Parent
	}
	for _, u := range users {
		for id := u.Department; id != "" && !slices.Contains(of[u.ID], id); id = parents[id] {
			of[u.ID] = append(of[u.ID], id)
		}
	}
	return of, errors.Join(err1, err2)
}
