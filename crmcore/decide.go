package crmcore

import (
	"context"
	"errors"
	"fmt"
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

// routing is a decision whose user may still be chosen in turn, inside the transaction that uses it.
type routing struct {
	Decision
	turn []string // users to choose among, in order; the turn is kept per Department
}

// DryRun tells what Receive would do with a touch, and why, without doing it.
func (c *Core) DryRun(ctx context.Context, t Touch) ([]TraceStep, Decision, error) {
	t, err := c.prepare(ctx, t)
	if err != nil {
		return nil, Decision{}, err
	}
	_, trace, decision, err := c.foresee(ctx, t)
	return trace, decision, err
}

// foresee finds out who a prepared touch is with, and what the rules would say.
func (c *Core) foresee(ctx context.Context, t Touch) (found, []TraceStep, Decision, error) {
	f, err := c.with(ctx, c.db, t)
	if err != nil {
		return f, nil, Decision{}, err
	}
	if f.known() {
		return f, []TraceStep{}, Decision{Known: f.refs()}, nil
	}
	if why := t.neverLead(); why != "" {
		return f, []TraceStep{{Matched: true, Why: why}}, Decision{Known: []record.Ref{}}, nil
	}
	trace, route, err := c.decide(ctx, t)
	if err != nil || len(route.turn) == 0 {
		return f, trace, route.Decision, err
	}
	last, err := query.One(ctx, c.db, query.Text, query.New("SELECT last_user FROM rotation WHERE department = ?",
		route.Department))
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	route.User = next(route.turn, last)
	return f, trace, route.Decision, err
}

// neverLead says why a touch of somebody unknown makes no lead, whatever the rules; "" when they decide.
func (t Touch) neverLead() string {
	switch {
	case t.own:
		return "the address is our own"
	case t.Client.Anonymous():
		return "the caller is anonymous"
	case t.Client.Internal():
		return "the number is internal"
	case t.Client.Overlong():
		return "the number has too many digits to be one"
	case !t.Channel.policy().leads:
		return "a " + string(t.Channel) + " makes no lead"
	case t.NoLead:
		return "automatic or internal: makes no lead"
	}
	return ""
}

// decide asks the rules. A touch of ours outwards is only for rules that look at the direction.
func (c *Core) decide(ctx context.Context, t Touch) ([]TraceStep, routing, error) {
	list, err := rules(ctx, c.db)
	if err != nil {
		return nil, routing{}, err
	}
	f, trace := c.facts(t), []TraceStep{}
	for _, r := range list {
		ok, why := r.applies(f)
		trace = append(trace, TraceStep{Rule: r.ID, Name: r.Name, Matched: ok, Why: why})
		if !ok {
			continue
		}
		route, note, err := c.route(ctx, r)
		if note != "" {
			trace = append(trace, TraceStep{Rule: r.ID, Name: r.Name, Matched: true, Why: note})
		}
		return trace, route, err
	}
	return trace, routing{Decision: Decision{Known: []record.Ref{}}}, nil
}

func (r Rule) applies(f facts) (bool, string) {
	switch {
	case !r.Active:
		return false, "switched off"
	case f.direction == "out" && !r.When.names("direction"):
		return false, "for incoming only, as it does not name the direction"
	}
	return r.When.holds(f)
}

// route finds out who a rule's action means; note tells when that had to be somebody else.
func (c *Core) route(ctx context.Context, r Rule) (route routing, note string, err error) {
	route.Decision = Decision{RuleID: r.ID, Rule: r.Name, Create: r.Then.Create, Known: []record.Ref{}}
	if !r.Then.Create {
		return route, "makes no lead", nil
	}
	err = c.assign(ctx, r.Then, &route)
	var unusable *input.Invalid
	if errors.As(err, &unusable) {
		note = unusable.Error() + ": the first admin keeps it, and calls ring where the number leads"
		err = c.toKeeper(ctx, &route)
	}
	return route, note, err
}

// assign does what an action says; an Invalid error means that whom it names is gone.
func (c *Core) assign(ctx context.Context, then Action, route *routing) (err error) {
	switch then.Assign {
	case ToUser:
		route.User = then.User
		return people.CheckUser(ctx, c.db, "user", then.User)
	case ToDepartment:
		route.Department = then.Department
		return people.CheckDepartment(ctx, c.db, then.Department)
	case ToNextAvailable:
		route.Department = then.Department
		route.turn, err = c.available(ctx, then.Department)
		return err
	case ToNobody:
		return c.toKeeper(ctx, route)
	}
	return c.toAdmin(ctx, route)
}

// toKeeper leaves it with the first active admin, so that it is not lost, though nobody chose him.
func (c *Core) toKeeper(ctx context.Context, route *routing) error {
	route.Kept = true
	return c.toAdmin(ctx, route)
}

// toAdmin gives it to the first active admin; to nobody when there is none.
func (c *Core) toAdmin(ctx context.Context, route *routing) (err error) {
	route.Department, route.turn = "", nil
	route.User, err = people.FirstAdmin(ctx, c.db)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}

// available are a department's active users who can take a client now; when none can, all of them.
func (c *Core) available(ctx context.Context, department string) ([]string, error) {
	q := query.New("SELECT id FROM app_user WHERE active AND department IN (").With(people.Below(department)).
		Add(") ORDER BY id")
	users, err := query.All(ctx, c.db, query.Text, q)
	if err != nil {
		return nil, err
	}
	if len(users) == 0 {
		return nil, input.Refuse("department", "has no active users")
	}
	free := c.hooks.Available(ctx, users)
	can := slices.DeleteFunc(slices.Clone(users), func(id string) bool { return !slices.Contains(free, id) })
	if len(can) == 0 {
		return users, nil
	}
	return can, nil
}

// stillHere gives to the keeper what was decided for somebody who was dismissed since.
func (c *Core) stillHere(ctx context.Context, tx *store.Tx, route *routing) error {
	if route.User == "" || people.Here(ctx, tx, route.User) {
		return nil
	}
	route.Kept, route.Department = true, ""
	admin, err := people.FirstAdmin(ctx, tx)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	route.User = admin
	return err
}

// take chooses the user whose turn it is. The row of the turn is locked until the transaction ends.
func (r *routing) take(ctx context.Context, tx *store.Tx) error {
	if len(r.turn) == 0 {
		return nil
	}
	last, err := query.Text(tx.QueryRow(ctx, `INSERT INTO rotation (department, last_user) VALUES ($1, '')
		ON CONFLICT (department) DO UPDATE SET last_user = rotation.last_user RETURNING last_user`, r.Department))
	if err != nil {
		return fmt.Errorf("turn of department %s: %w", r.Department, err)
	}
	r.User = next(r.turn, last)
	_, err = tx.Exec(ctx, "UPDATE rotation SET last_user = $1 WHERE department = $2", r.User, r.Department)
	return err
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
