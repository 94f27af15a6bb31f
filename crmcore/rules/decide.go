package rules

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Decision is what the rules say about a touch of somebody unknown.
type Decision struct {
	RuleID     string       `json:"rule_id"` // "": no rule applies, or the client is known
	Rule       string       `json:"rule"`    // its name
	Create     bool         `json:"create"`  // a lead
	User       string       `json:"user,omitempty"`
	Department string       `json:"department,omitempty"`
	Kept       bool         `json:"kept,omitempty"` // nobody is chosen: User only keeps the lead, and is not rung
	Known      []record.Ref `json:"known"`          // who the client is instead
}

// TraceStep tells how one rule was judged, and in what order.
type TraceStep struct {
	Rule    string `json:"rule"`
	Name    string `json:"name"`
	Matched bool   `json:"matched"`
	Why     string `json:"why"`
}

// Routing is a decision whose user may still be chosen in turn, inside the transaction that uses it.
type Routing struct {
	Decision
	turn []string // users to choose among, in order; the turn is kept per Department
}

// Decide asks the rules. A touch of ours outwards is only for rules that look at the direction.
func (b *Book) Decide(ctx context.Context, f Facts) ([]TraceStep, Routing, error) {
	list, err := listed(ctx, b.db)
	if err != nil {
		return nil, Routing{}, err
	}
	trace, rule := judge(list, f)
	if rule == nil {
		return trace, Routing{Decision: Decision{Known: []record.Ref{}}}, nil
	}
	route, note, err := b.route(ctx, b.db, *rule)
	if note != "" {
		trace = append(trace, TraceStep{Rule: rule.ID, Name: rule.Name, Matched: true, Why: note})
	}
	return trace, route, err
}

// DecideAll is Decide of several touches. The rules are read once, and whom each means is asked once.
func (b *Book) DecideAll(ctx context.Context, all []Facts) ([]Routing, error) {
	routes := make([]Routing, len(all))
	if len(all) == 0 {
		return routes, nil
	}
	list, err := listed(ctx, b.db)
	known := map[string]Routing{}
	for i := 0; i < len(all) && err == nil; i++ {
		_, rule := judge(list, all[i])
		if rule == nil {
			routes[i].Known = []record.Ref{}
			continue
		}
		route, there := known[rule.ID]
		if !there {
			if route, _, err = b.route(ctx, b.db, *rule); err == nil {
				known[rule.ID] = route
			}
		}
		routes[i] = route
	}
	return routes, err
}

// judge finds the first rule that applies; nil when none does.
func judge(list []Rule, f Facts) ([]TraceStep, *Rule) {
	trace := []TraceStep{}
	for i, r := range list {
		ok, why := r.applies(f)
		trace = append(trace, TraceStep{Rule: r.ID, Name: r.Name, Matched: ok, Why: why})
		if ok {
			return trace, &list[i]
		}
	}
	return trace, nil
}

func (r Rule) applies(f Facts) (bool, string) {
	switch {
	case !r.Active:
		return false, "switched off"
	case f.Direction == "out" && !r.When.names("direction"):
		return false, "for incoming only, as it does not name the direction"
	}
	return r.When.Holds(f)
}

// route finds out who a rule's action means; note tells when that had to be somebody else.
func (b *Book) route(ctx context.Context, db store.Queries, r Rule) (route Routing, note string, err error) {
	route.Decision = Decision{RuleID: r.ID, Rule: r.Name, Create: r.Then.Create, Known: []record.Ref{}}
	if !r.Then.Create {
		return route, "makes no lead", nil
	}
	err = b.assign(ctx, db, r.Then, &route)
	var unusable *input.Invalid
	if errors.As(err, &unusable) {
		note = unusable.Error() + ": the first admin keeps it, and calls ring where the number leads"
		err = toKeeper(ctx, db, &route)
	}
	return route, note, err
}

// assign does what an action says; an Invalid error means that whom it names is gone.
func (b *Book) assign(ctx context.Context, db store.Queries, then Action, route *Routing) (err error) {
	switch then.Assign {
	case ToUser:
		route.User = then.User
		return people.CheckUser(ctx, db, "user", then.User)
	case ToDepartment:
		route.Department = then.Department
		return people.CheckDepartment(ctx, db, then.Department)
	case ToNextAvailable:
		route.Department = then.Department
		route.turn, err = b.candidates(ctx, db, then.Department)
		return err
	case ToLeastBusy:
		users, err := b.candidates(ctx, db, then.Department)
		if err == nil {
			route.User, err = leastBusy(ctx, db, users)
		}
		return err
	case ToNobody:
		return toKeeper(ctx, db, route)
	}
	return toAdmin(ctx, db, route)
}

// toKeeper leaves it with the first active admin, so that it is not lost, though nobody chose him.
func toKeeper(ctx context.Context, db store.Queries, route *Routing) error {
	route.Kept = true
	return toAdmin(ctx, db, route)
}

// toAdmin gives it to the first active admin; to nobody when there is none.
func toAdmin(ctx context.Context, db store.Queries, route *Routing) (err error) {
	route.Department, route.turn = "", nil
	route.User, err = people.FirstAdmin(ctx, db)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	return err
}

// candidates are a department's active users who can take a client now; when none can, all of them.
func (b *Book) candidates(ctx context.Context, db store.Queries, department string) ([]string, error) {
	q := query.New("SELECT id FROM app_user WHERE active AND department IN (").With(people.Below(department)).
		Add(") ORDER BY id")
	users, err := query.All(ctx, db, query.Text, q)
	if err != nil {
		return nil, err
	}
	if len(users) == 0 {
		return nil, input.Refuse("department", "has no active users")
	}
	free := b.available(ctx, users)
	can := slices.DeleteFunc(slices.Clone(users), func(id string) bool { return !slices.Contains(free, id) })
	if len(can) == 0 {
		return users, nil
	}
	return can, nil
}

// leastBusy is who of the users has the fewest leads and deals under way; of several the first.
func leastBusy(ctx context.Context, db store.Queries, users []string) (string, error) {
	q := query.New(`SELECT u.id FROM app_user u WHERE u.id`).In(users).Add(` ORDER BY
		(SELECT COUNT(*) FROM lead l WHERE l.responsible = u.id AND l.stage IN ('new', 'in_progress')) +
		(SELECT COUNT(*) FROM deal d JOIN stage s ON s.id = d.stage WHERE d.responsible = u.id AND s.kind = 'open'),
		u.id LIMIT 1`)
	return query.One(ctx, db, query.Text, q)
}

// Pick names the user whom an action means, in a transaction that gives him something; note says when it had to be
// somebody else, and is "" otherwise. It is nobody only where there is no admin.
func (b *Book) Pick(ctx context.Context, tx *store.Tx, then Action) (user, note string, err error) {
	then.Create = true
	route, note, err := b.route(ctx, tx, Rule{Then: then})
	if err != nil {
		return "", "", err
	}
	one := []*Routing{&route}
	err = query.Steps(func() error { return TakeTurns(ctx, tx, one) }, func() error { return StillHere(ctx, tx, one) })
	return route.User, note, err
}

// StillHere gives to the keeper what was decided for those who were dismissed since.
func StillHere(ctx context.Context, tx *store.Tx, routes []*Routing) error {
	var chosen []string
	for _, r := range routes {
		if r.User != "" && !slices.Contains(chosen, r.User) {
			chosen = append(chosen, r.User)
		}
	}
	here, err := query.All(ctx, tx, query.Text, query.New("SELECT id FROM app_user WHERE active AND id").In(chosen))
	if err != nil || len(here) == len(chosen) {
		return err
	}
	admin, err := people.FirstAdmin(ctx, tx)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	for _, r := range routes {
		if r.User != "" && !slices.Contains(here, r.User) {
			r.Kept, r.Department, r.User = true, "", admin
		}
	}
	return nil
}

// Foresee names the user whose turn it would be.
func (r *Routing) Foresee(ctx context.Context, db store.Queries) error {
	if len(r.turn) == 0 {
		return nil
	}
	last, err := query.One(ctx, db, query.Text,
		query.New("SELECT last_user FROM rotation WHERE department = ?", r.Department))
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	r.User = next(r.turn, last)
	return nil
}

// TakeTurns chooses the users whose turn it is, in the order of the decisions. The rows of the turns are locked until
// the transaction ends.
func TakeTurns(ctx context.Context, tx *store.Tx, routes []*Routing) error {
	turns := map[string][]*Routing{} // by department
	for _, r := range routes {
		if len(r.turn) > 0 {
			turns[r.Department] = append(turns[r.Department], r)
		}
	}
	for _, department := range slices.Sorted(maps.Keys(turns)) {
		last, err := query.Text(tx.QueryRow(ctx, `INSERT INTO rotation (department, last_user) VALUES ($1, '')
			ON CONFLICT (department) DO UPDATE SET last_user = rotation.last_user RETURNING last_user`, department))
		if err != nil {
			return fmt.Errorf("turn of department %s: %w", department, err)
		}
		for _, r := range turns[department] {
			last = next(r.turn, last)
			r.User = last
		}
		if err := tx.Later(ctx, store.Statement{Query: "UPDATE rotation SET last_user = $1 WHERE department = $2",
			Args: []any{last, department}}); err != nil {
			return err
		}
	}
	return nil
}

// next is the one after last in a sorted list, round and round.
func next(users []string, last string) string {
	for _, id := range users {
		if id > last {
			return id
		}
	}
	return users[0]
}
