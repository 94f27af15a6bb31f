package calling

import (
	"context"
	"errors"
	"slices"
	"time"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

const (
	maxLists = 500  // that one person has
	maxAdded = 1000 // records at once
)

const columns = "SELECT l.id, l.name, l.owner, l.kind, l.tries, l.minutes, l.paused FROM calling_list l"

func scan(r store.Row) (l List, err error) {
	l.Users, l.Departments = []string{}, []string{}
	return l, r.Scan(&l.ID, &l.Name, &l.Owner, &l.Kind, &l.Tries, &l.Minutes, &l.Paused)
}

// works is the predicate of lists that a user works: by name, or by his department or one above it.
func works(u people.User) func(*query.Builder) {
	return func(q *query.Builder) {
		q.Add("EXISTS (SELECT 1 FROM calling_agent a WHERE a.list = l.id AND (a.user_id = ?", u.ID)
		if u.Department != "" {
			q.Add(` OR a.department IN (WITH RECURSIVE up (id) AS (SELECT ?
				UNION SELECT d.parent FROM department d JOIN up ON d.id = up.id WHERE d.parent <> '') SELECT id FROM up)`,
				u.Department)
		}
		q.Add("))")
	}
}

// owns is the predicate of lists that a user may change.
func owns(u people.User) func(*query.Builder) {
	return func(q *query.Builder) {
		if u.Role == people.Admin {
			q.Add("TRUE")
			return
		}
		q.Add("l.owner = ?", u.ID)
	}
}

// All are the lists that the actor works or may change, the newest first.
func (c *Lists) All(ctx context.Context, actor people.User) ([]List, error) {
	return c.read(ctx, actor, func(q *query.Builder) {})
}

// One is a list that the actor works or may change; store.ErrNotFound.
func (c *Lists) One(ctx context.Context, actor people.User, id string) (List, error) {
	all, err := c.read(ctx, actor, func(q *query.Builder) { q.Add(" AND l.id = ?", id) })
	if err != nil || len(all) == 0 {
		return List{}, orNone(err)
	}
	return all[0], nil
}

func orNone(err error) error {
	if err == nil {
		return store.ErrNotFound
	}
	return err
}

func (c *Lists) read(ctx context.Context, actor people.User, which func(*query.Builder)) ([]List, error) {
	all, err := query.All(ctx, c.db, scan, query.New(columns+" WHERE (").With(owns(actor)).Add(" OR ").
		With(works(actor)).Add(")").With(which).Add(" ORDER BY l.id DESC"))
	if err != nil || len(all) == 0 {
		return []List{}, err
	}
	mine, err := query.All(ctx, c.db, query.Text, query.New("SELECT l.id FROM calling_list l WHERE ").
		With(works(actor)))
	if err != nil {
		return nil, err
	}
	for i := range all {
		l := &all[i]
		l.Mine = l.Owner == actor.ID || actor.Role == people.Admin
		l.Works = slices.Contains(mine, l.ID)
		if l.Progress, err = c.progress(ctx, *l); err != nil {
			return nil, err
		}
	}
	return all, c.agents(ctx, all)
}

// agents fills in who works each list.
func (c *Lists) agents(ctx context.Context, all []List) error {
	ids, at := make([]string, len(all)), map[string]*List{}
	for i := range all {
		ids[i], at[all[i].ID] = all[i].ID, &all[i]
	}
	_, err := query.All(ctx, c.db, func(r store.Row) (list string, err error) {
		var user, department string
		err = r.Scan(&list, &user, &department)
		if l := at[list]; err == nil && user != "" {
			l.Users = append(l.Users, user)
		} else if err == nil {
			l.Departments = append(l.Departments, department)
		}
		return list, err
	}, query.New("SELECT list, user_id, department FROM calling_agent WHERE list").In(ids).
		Add(" ORDER BY user_id, department"))
	return err
}

// Save keeps a new list (no ID), which is the actor's, or changes one that he may change. Who works it has to be among
// the users whose work the actor may see.
func (c *Lists) Save(ctx context.Context, actor people.User, l List) (List, error) {
	if err := c.check(ctx, actor, &l); err != nil {
		return List{}, err
	}
	err := c.db.Tx(ctx, func(tx *store.Tx) error {
		if l.ID == "" {
			return c.insert(ctx, tx, actor, &l)
		}
		if err := c.mayChange(ctx, tx, actor, l.ID); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `UPDATE calling_list SET name = $2, tries = $3, minutes = $4, paused = $5 WHERE id = $1`,
			l.ID, l.Name, l.Tries, l.Minutes, l.Paused)
		if err != nil {
			return err
		}
		return keepAgents(ctx, tx, l)
	})
	if err != nil {
		return List{}, err
	}
	return c.One(ctx, actor, l.ID)
}

func (c *Lists) insert(ctx context.Context, tx *store.Tx, actor people.User, l *List) error {
	var n int
	if err := tx.QueryRow(ctx, "SELECT COUNT(*) FROM calling_list WHERE owner = $1", actor.ID).Scan(&n); err != nil {
		return err
	}
	if n >= maxLists {
		return input.Refuse("name", "you keep 500 lists already: delete some first")
	}
	l.ID = store.NewID()
	_, err := tx.Exec(ctx, `INSERT INTO calling_list (id, name, owner, kind, tries, minutes, paused, created_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`, l.ID, l.Name, actor.ID, l.Kind, l.Tries, l.Minutes, l.Paused,
		store.Micros(time.Now()))
	if err != nil {
		return err
	}
	return keepAgents(ctx, tx, *l)
}

func keepAgents(ctx context.Context, tx *store.Tx, l List) error {
	if _, err := tx.Exec(ctx, "DELETE FROM calling_agent WHERE list = $1", l.ID); err != nil {
		return err
	}
	q := query.New("INSERT INTO calling_agent (list, user_id, department) VALUES ")
	for _, user := range l.Users {
		q.Values(l.ID, user, "")
	}
	for _, department := range l.Departments {
		q.Values(l.ID, "", department)
	}
	_, err := tx.Exec(ctx, q.String(), q.Args...)
	return err
}

func (c *Lists) check(ctx context.Context, actor people.User, l *List) error {
	if err := input.Texts(input.Bound("name", &l.Name, 1, 100)); err != nil {
		return err
	}
	if l.Kind != record.Contact && l.Kind != record.Lead && l.Kind != record.Company {
		return input.Refuse("kind", "is contact, lead or company")
	}
	slices.Sort(l.Users)
	slices.Sort(l.Departments)
	l.Users, l.Departments = slices.Compact(l.Users), slices.Compact(l.Departments)
	if len(l.Users)+len(l.Departments) == 0 {
		l.Users = []string{actor.ID}
	}
	ask := query.New("SELECT u.id FROM app_user u WHERE u.active AND ").With(people.OfUsers(actor)("u.id")).
		Add(" AND u.id").In(l.Users)
	known, err := query.All(ctx, c.db, query.Text, ask)
	if err != nil {
		return err
	}
	if len(known) < len(l.Users) {
		return input.Refuse("users", "are active users whose work you may see")
	}
	ask = query.New("SELECT d.id FROM department d WHERE d.id").In(l.Departments)
	switch {
	case actor.SeesAll():
	case actor.Access == people.AccessDepartment:
		ask.Add(" AND d.id IN (").With(people.Below(actor.Department)).Add(")")
	default:
		ask.Add(" AND FALSE")
	}
	if known, err = query.All(ctx, c.db, query.Text, ask); err == nil && len(known) < len(l.Departments) {
		return input.Refuse("departments", "are those whose work you may see")
	}
	return err
}

// mayChange is people.ErrForbidden for a list that the actor works and may not change, store.ErrNotFound for any other.
func (c *Lists) mayChange(ctx context.Context, db store.Queries, actor people.User, list string) error {
	may, err := query.All(ctx, db, func(r store.Row) (may bool, err error) { return may, r.Scan(&may) },
		query.New("SELECT ").With(owns(actor)).Add(" FROM calling_list l WHERE l.id = ? AND (", list).With(owns(actor)).
			Add(" OR ").With(works(actor)).Add(")"))
	switch {
	case err != nil || len(may) == 0:
		return orNone(err)
	case !may[0]:
		return people.ErrForbidden
	}
	return nil
}

// Delete removes a list; its clients stay.
func (c *Lists) Delete(ctx context.Context, actor people.User, id string) error {
	return c.db.Tx(ctx, func(tx *store.Tx) error {
		if err := c.mayChange(ctx, tx, actor, id); err != nil {
			return err
		}
		for _, from := range []string{"calling_item WHERE list", "calling_agent WHERE list", "calling_list WHERE id"} {
			if _, err := tx.Exec(ctx, "DELETE FROM "+from+" = $1", id); err != nil {
				return err
			}
		}
		return nil
	})
}

// Added tells how many records came onto a list.
type Added struct {
	Added   int `json:"added"`
	Already int `json:"already" doc:"Were on it"`
	Refused int `json:"refused" doc:"Are not there any more, or not one's own to see"`
}

// Add puts records that the actor may see at the end of a list, in the order given.
func (c *Lists) Add(ctx context.Context, actor people.User, list string, ids []string) (a Added, err error) {
	if len(ids) == 0 || len(ids) > maxAdded {
		return a, input.Refuse("ids", "are 1 to 1000")
	}
	if err := c.mayChange(ctx, c.db, actor, list); err != nil {
		return a, err
	}
	var kind record.Kind
	if err := c.db.QueryRow(ctx, "SELECT kind FROM calling_list WHERE id = $1", list).Scan(&kind); err != nil {
		return a, store.Found(err)
	}
	refs := make([]record.Ref, len(ids))
	for i, id := range ids {
		refs[i] = kind.Ref(id)
	}
	refs = record.Distinct(refs)
	seen, err := record.Visible(ctx, c.db, actor, refs)
	if err != nil {
		return a, err
	}
	a.Refused = len(refs) - len(seen)
	err = c.db.Tx(ctx, func(tx *store.Tx) (err error) {
		a.Added, err = put(ctx, tx, list, seen)
		return err
	})
	a.Already = len(seen) - a.Added
	return a, err
}

// put puts records at the end of a list, and counts those that were not on it.
func put(ctx context.Context, tx *store.Tx, list string, records []record.Named) (added int, err error) {
	now := store.Micros(time.Now())
	for i, one := range records {
		n, err := query.Exec(ctx, tx, `INSERT INTO calling_item (id, list, record, position, state, due, promised, tries,
			reached, agent, lease, call, answered, changed_at)
			VALUES ($1, $2, $3, $4, 'open', 0, '', 0, FALSE, '', 0, '', FALSE, $5) ON CONFLICT DO NOTHING`,
			store.NewID(), list, one.ID, now+int64(i), now)
		if err != nil {
			return added, err
		}
		added += int(n)
	}
	return added, nil
}

// Put puts a record at the end of a list of its kind, whoever keeps it, in a transaction of the caller's, and names the
// list. Errors: Invalid.
func Put(ctx context.Context, tx *store.Tx, list string, ref record.Ref) (name string, err error) {
	var kind record.Kind
	err = store.Found(tx.QueryRow(ctx, "SELECT name, kind FROM calling_list WHERE id = $1", list).Scan(&name, &kind))
	switch {
	case errors.Is(err, store.ErrNotFound):
		return "", input.Refuse("list", "the calling list is gone")
	case err != nil:
		return "", err
	case kind != ref.Kind:
		return "", input.Refuse("list", "the calling list is for another kind of record")
	}
	_, err = put(ctx, tx, list, []record.Named{{Ref: ref}})
	return name, err
}
