package crmcore

import "frontdesk/store"

const userColumns = "id, login, name, email, role, department, locale, access, active"

func userFields(u *User) []any {
	return []any{&u.ID, &u.Login, &u.Name, &u.Email, &u.Role, &u.Department, &u.Locale, &u.Access, &u.Active}
}

func scanUser(r store.Row) (u User, err error) { return u, r.Scan(userFields(&u)...) }
