package people

import (
	"context"
	"errors"
	"slices"

	"frontdesk/store"
	"frontdesk/store/query"
)

// ErrForbidden: it exists, but the actor may not see or change it.
var ErrForbidden = errors.New("you may not see or change this; ask its responsible user or an administrator")

// SeesAll tells whether no record is hidden from a user.
func (u User) SeesAll() bool { return u.Role == Admin || u.Access == AccessAll }

// Readable is the predicate for the records of table t that the actor may see and change: all; or those of the people
// of his department and the ones below; or his own. A record nobody is responsible for counts as its department's, for
// everyone in it.
func Readable(actor User, t string) func(*query.Builder) {
	return func(q *query.Builder) {
		switch {
		case actor.SeesAll():
			q.Add("TRUE")
		case actor.Access == AccessDepartment && actor.Department != "":
			q.Add("("+t+".responsible = ? OR "+t+".responsible IN (SELECT id FROM app_user WHERE department IN (",
				actor.ID).With(Below(actor.Department))
			q.Add(")) OR (" + t + ".responsible = '' AND " + t + ".department IN (").
				With(Below(actor.Department)).Add(")))")
		case actor.Department != "":
			q.Add("("+t+".responsible = ? OR ("+t+".responsible = '' AND "+t+".department = ?))", actor.ID,
				actor.Department)
		default:
			q.Add(t+".responsible = ?", actor.ID)
		}
	}
}

// Seen selects the ids of the users whose work the actor may see: those of his department and the ones below, or his
// own. Who sees all needs no such choice: see SeesAll.
func Seen(actor User) func(*query.Builder) {
	return func(q *query.Builder) {
		q.Add("SELECT id FROM app_user WHERE id = ?", actor.ID)
		if actor.Access == AccessDepartment && actor.Department != "" {
			q.Add(" OR department IN (").With(Below(actor.Department)).Add(")")
		}
	}
}

// OfUsers gives the predicate for what belongs to the user whose id a column has, that the actor may see: all; or that
// of the people of his department and the ones below; or his own.
func OfUsers(actor User) func(column string) func(*query.Builder) {
	return func(column string) func(*query.Builder) {
		return func(q *query.Builder) {
			if actor.SeesAll() {
				q.Add("TRUE")
				return
			}
			q.Add(column + " IN (").With(Seen(actor)).Add(")")
		}
	}
}

// Below selects a department and all those under it. UNION, not UNION ALL: a cycle ends.
func Below(department string) func(*query.Builder) {
	return func(q *query.Builder) {
		q.Add(`WITH RECURSIVE tree (id) AS (SELECT ? UNION SELECT d.id FROM department d JOIN tree ON d.parent = tree.id)
			SELECT id FROM tree`, department)
	}
}

// OnlyAdmins is ErrForbidden for all but administrators.
func OnlyAdmins(actor User) error {
	if actor.Role != Admin {
		return ErrForbidden
	}
	return nil
}

// selfOrAdmin is ErrForbidden for all but the user himself and administrators.
func selfOrAdmin(actor User, user string) error {
	if actor.ID == user {
		return nil
	}
	return OnlyAdmins(actor)
}

// Readers answers whether the user may read what a user, or while nobody is responsible a department, has. It is the
// predicate of readable for records in hand.
func Readers(ctx context.Context, db *store.DB,
	user User) (func(responsible, department string) bool, error) {
	if user.SeesAll() || user.Department == "" || user.Access == AccessOwn {
		return user.reads(nil, nil), nil
	}
	var under, people []string
	err := db.ReadAll(ctx, []store.Read{
		query.Into(query.Text, new(query.Builder).With(Below(user.Department)), &under),
		query.Into(query.Text,
			query.New("SELECT id FROM app_user WHERE department IN (").With(Below(user.Department)).Add(")"),
			&people)})
	return user.reads(under, people), err
}

// reads is the predicate of Readers; under are the user's department and those below it, with their people.
func (u User) reads(under, people []string) func(responsible, department string) bool {
	switch {
	case u.SeesAll():
		return func(string, string) bool { return true }
	case u.Department == "":
		return func(responsible, _ string) bool { return responsible == u.ID }
	case u.Access == AccessOwn:
		return func(responsible, department string) bool {
			return responsible == u.ID || responsible == "" && department == u.Department
		}
	}
	return func(responsible, department string) bool {
		return responsible == u.ID || slices.Contains(people, responsible) ||
			responsible == "" && slices.Contains(under, department)
	}
}

// Reader is a user with the predicate of Readers.
type Reader struct {
	User
	May func(responsible, department string) bool
}

// ReadersOf are those of the users who are there. They and more are read in one turn at the database.
func ReadersOf(ctx context.Context, db *store.DB, ids []string, more ...store.Read) (all []Reader, err error) {
	var users []User
	under, people := map[string][]string{}, map[string][]string{} // by the department of a user
	tree := func(of string) *query.Builder {
		q := query.New(`WITH RECURSIVE tree (root, id) AS (SELECT department, department FROM app_user WHERE department <> '' AND id`)
		return q.In(ids).Add(` UNION SELECT tree.root, d.id FROM department d JOIN tree ON d.parent = tree.id) ` + of)
	}
	into := func(q *query.Builder, lists map[string][]string) store.Read {
		return store.Read{Query: q.String(), Args: q.Args, Line: func(r store.Row) error {
			var root, id string
			err := r.Scan(&root, &id)
			lists[root] = append(lists[root], id)
			return err
		}}
	}
	err = db.ReadAll(ctx, append([]store.Read{
		query.Into(scanUser, query.New("SELECT "+userColumns+" FROM app_user WHERE id").In(ids), &users),
		into(tree("SELECT root, id FROM tree"), under),
		into(tree("SELECT tree.root, u.id FROM tree JOIN app_user u ON u.department = tree.id"), people)}, more...))
	for _, u := range users {
		all = append(all, Reader{u, u.reads(under[u.Department], people[u.Department])})
	}
	return all, err
}
