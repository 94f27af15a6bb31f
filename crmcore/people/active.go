package people

import (
	"context"
	"errors"
	"time"

	"frontdesk/crmcore/input"
	"frontdesk/store"
	"frontdesk/store/query"
)

const userColumns = "id, login, name, email, role, department, locale, access, active, supervises"

func userFields(u *User) []any {
	return []any{&u.ID, &u.Login, &u.Name, &u.Email, &u.Role, &u.Department, &u.Locale, &u.Access, &u.Active,
		&u.Supervises}
}

func scanUser(r store.Row) (u User, err error) { return u, r.Scan(userFields(&u)...) }

// FirstAdmin is who gets what nobody else is to get.
func FirstAdmin(ctx context.Context, db store.Queries) (string, error) {
	return query.One(ctx, db, query.Text,
		query.New("SELECT id FROM app_user WHERE role = 'admin' AND active ORDER BY id LIMIT 1"))
}

// Admins are the ids of the active admins, in order.
func Admins(ctx context.Context, db store.Queries) ([]string, error) {
	return query.All(ctx, db, query.Text, query.New(`SELECT id FROM app_user WHERE role = 'admin' AND active ORDER BY id`))
}

// CheckUser fails when id, of that field, is not an active user.
func CheckUser(ctx context.Context, db store.Queries, field, id string) error {
	_, err := query.One(ctx, db, query.Text, query.New("SELECT id FROM app_user WHERE id = ? AND active", id))
	if errors.Is(err, store.ErrNotFound) {
		return input.Refuse(field, "is not an active user")
	}
	return err
}

// Here tells whether id is an active user. Where that can't be told it counts as none: the transaction fails with its
// next statement.
func Here(ctx context.Context, db store.Queries, id string) bool {
	return id != "" && CheckUser(ctx, db, "user", id) == nil
}

// Names are what users are called, by id.
func Names(ctx context.Context, db store.Queries, ids ...string) (map[string]string, error) {
	users, err := query.All(ctx, db, scanUser, query.New("SELECT "+userColumns+" FROM app_user WHERE id").In(ids))
	names := map[string]string{}
	for _, u := range users {
		names[u.ID] = u.Name
	}
	return names, err
}

// NeedAdmin fails when nobody is an active admin any more.
func NeedAdmin(ctx context.Context, tx *store.Tx) error {
	_, err := FirstAdmin(ctx, tx)
	if errors.Is(err, store.ErrNotFound) {
		return input.Refuse("role", "somebody has to be an active admin")
	}
	return err
}

// SwitchUser lets a user work, or not; then his keys for the API end.
func SwitchUser(ctx context.Context, tx *store.Tx, user string, active bool) error {
	n, err := query.Exec(ctx, tx, "UPDATE app_user SET active = $1, updated_at = $2 WHERE id = $3", active,
		store.Micros(time.Now()), user)
	if err == nil && n == 0 {
		return store.ErrNotFound
	}
	if err != nil || active {
		return err
	}
	_, err = tx.Exec(ctx, "DELETE FROM api_token WHERE user_id = $1", user)
	return err
}

// CheckDepartment fails when id is neither empty nor a department.
func CheckDepartment(ctx context.Context, db store.Queries, id string) error {
	if id == "" {
		return nil
	}
	_, err := query.One(ctx, db, query.Text, query.New("SELECT id FROM department WHERE id = ?", id))
	if errors.Is(err, store.ErrNotFound) {
		return input.Refuse("department", "there is no such department")
	}
	return err
}
