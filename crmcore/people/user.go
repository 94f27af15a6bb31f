package people

import (
	"cmp"
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"frontdesk/crmcore/address"
	"frontdesk/crmcore/fold"
	"frontdesk/crmcore/input"
	"frontdesk/guard"
	"frontdesk/store"
	"frontdesk/store/query"
)

// NewUser is a user to create.
type NewUser struct {
	User
	Password string `json:"password"`
}

// User reads one user: store.ErrNotFound.
func (p *People) User(ctx context.Context, id string) (User, error) {
	return query.One(ctx, p.db, scanUser, query.New("SELECT "+userColumns+" FROM app_user WHERE id = ?", id))
}

// Users lists all users in the order they were made. Everybody may know their colleagues.
func (p *People) Users(ctx context.Context) ([]User, error) {
	return query.All(ctx, p.db, scanUser, query.New("SELECT "+userColumns+" FROM app_user ORDER BY id"))
}

// IsColleague tells whether a user is called so, however it is written: in capitals, without accents, last name first,
// in letters that look the same.
func (p *People) IsColleague(ctx context.Context, name string) (bool, error) {
	wanted := nameWords(name)
	if len(wanted) == 0 {
		return false, nil
	}
	users, err := p.Users(ctx)
	return slices.ContainsFunc(users, func(u User) bool { return slices.Equal(nameWords(u.Name), wanted) }), err
}

func nameWords(name string) []string {
	found := fold.Words(guard.Latin(name))
	slices.Sort(found)
	return found
}

// CreateUser adds a user; admins only. Role defaults to user, access to own, locale to en.
func (p *People) CreateUser(ctx context.Context, actor User, in NewUser) (User, error) {
	u := in.User
	if err := errors.Join(OnlyAdmins(actor), u.normalise()); err != nil {
		return User{}, input.First(err)
	}
	hash, err := p.hash(ctx, in.Password)
	if err != nil {
		return User{}, err
	}
	u.ID, u.Active = store.NewID(), true
	now := store.Micros(time.Now())
	err = p.db.Tx(ctx, func(tx *store.Tx) error {
		return query.Steps(func() error { return CheckDepartment(ctx, tx, u.Department) }, func() error {
			_, err := tx.Exec(ctx, `INSERT INTO app_user (`+userColumns+`, password, created_at, updated_at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $12)`,
				u.ID, u.Login, u.Name, u.Email, u.Role, u.Department, u.Locale, u.Access, u.Active,
				u.Supervises, hash, now)
			return err
		})
	})
	return u, taken(err)
}

// UpdateUser changes all but the password; admins only. The last active admin can't be switched off.
func (p *People) UpdateUser(ctx context.Context, actor User, u User) (User, error) {
	if err := errors.Join(OnlyAdmins(actor), u.normalise()); err != nil {
		return User{}, input.First(err)
	}
	err := p.db.Tx(ctx, func(tx *store.Tx) error {
		return query.Steps(
			func() error { return CheckDepartment(ctx, tx, u.Department) },
			func() error {
				n, err := query.Exec(ctx, tx, `UPDATE app_user SET login = $1, name = $2, email = $3, role = $4, department = $5, locale = $6,
					access = $7, active = $8, updated_at = $9, supervises = $10 WHERE id = $11`,
					u.Login, u.Name, u.Email, u.Role, u.Department, u.Locale, u.Access, u.Active,
					store.Micros(time.Now()), u.Supervises, u.ID)
				if err == nil && n == 0 {
					return store.ErrNotFound
				}
				return err
			},
			func() error { return NeedAdmin(ctx, tx) })
	})
	return u, taken(err)
}

var loginPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,63}$`)

// normalise fills defaults and checks each field.
func (u *User) normalise() error {
	u.Login, u.Name = strings.ToLower(strings.TrimSpace(u.Login)), strings.TrimSpace(u.Name)
	u.Role, u.Access, u.Locale = cmp.Or(u.Role, Staff), cmp.Or(u.Access, AccessOwn), cmp.Or(u.Locale, "en")
	if !loginPattern.MatchString(u.Login) {
		return input.Refuse("login", "use letters, digits, dot, dash and underscore, at most 64")
	}
	if err := input.Text("name", u.Name, 1, input.MaxName); err != nil {
		return err
	}
	if u.Email != "" {
		a, err := address.ParseEmail(u.Email)
		if err != nil {
			return input.Refuse("email", err.Error())
		}
		u.Email = a.Value
	}
	switch {
	case u.Role != Admin && u.Role != Staff:
		return input.Refuse("role", "is admin or user")
	case u.Access != AccessOwn && u.Access != AccessDepartment && u.Access != AccessAll:
		return input.Refuse("access", "is own, department or all")
	case u.Supervises != SupervisesNobody && u.Supervises != SupervisesDepartment && u.Supervises != SupervisesAll:
		return input.Refuse("supervises", "is empty, department or all")
	case u.Locale != "en" && u.Locale != "ro" && u.Locale != "ru":
		return input.Refuse("locale", "is en, ro or ru")
	}
	return nil
}

// taken tells a violated unique index in words.
func taken(err error) error {
	if store.IsUnique(err) {
		return input.Refuse("login", "this login or mailbox is another user's")
	}
	return err
}
