package automation

import (
	"context"
	"errors"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/rules"
	"frontdesk/store"
	"frontdesk/store/query"
)

// pick names the user whom a rule means, now: never somebody who is dismissed, and of a department's people those who
// can take a client. Where there is nobody else it is the first admin; note says so.
func (a *Automation) pick(ctx context.Context, tx *store.Tx, w Whom, f *facts) (user, note string, err error) {
	then := rules.Action{Assign: rules.ToAdmin, User: w.User, Department: w.Department}
	switch w.Who {
	case responsible:
		then.Assign, then.User = rules.ToUser, f.responsible
	case oneUser:
		then.Assign = rules.ToUser
	case nextAvailable:
		then.Assign = rules.ToNextAvailable
	case leastBusy:
		then.Assign = rules.ToLeastBusy
	}
	user, note, err = a.core.Pick(ctx, tx, then)
	if err == nil && user == "" {
		err = input.Refuse("to", "there is nobody: somebody has to be an active admin")
	}
	return user, note, err
}

// all are those whom a notice goes to.
func (a *Automation) all(ctx context.Context, tx *store.Tx, w Whom, f *facts) ([]string, error) {
	if w.Who != department {
		user, _, err := a.pick(ctx, tx, w, f)
		return []string{user}, err
	}
	return query.All(ctx, tx, query.Text, query.New("SELECT id FROM app_user WHERE active AND department IN (").
		With(people.Below(w.Department)).Add(") ORDER BY id"))
}

// check refuses who is not there.
func (w *Whom) check(ctx context.Context, db store.Queries, at string, departments bool) error {
	if w == nil {
		return input.Refuse(at, "is missing")
	}
	switch w.Who {
	case responsible, admin:
		return nil
	case oneUser:
		return people.CheckUser(ctx, db, at+".user", w.User)
	case nextAvailable, leastBusy:
		return w.checkDepartment(ctx, db, at)
	case department:
		if departments {
			return w.checkDepartment(ctx, db, at)
		}
	}
	return input.Refuse(at+".who", "is responsible, user, next_available, least_busy or admin")
}

func (w *Whom) checkDepartment(ctx context.Context, db store.Queries, at string) error {
	if w.Department == "" {
		return input.Refuse(at+".department", "is missing")
	}
	err := people.CheckDepartment(ctx, db, w.Department)
	var bad *input.Invalid
	if errors.As(err, &bad) {
		return input.Refuse(at+".department", bad.Problem)
	}
	return err
}
