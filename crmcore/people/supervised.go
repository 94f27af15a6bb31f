package people

import (
	"context"

	"frontdesk/store/query"
)

// MaySupervise tells whether a user may listen in on anybody's calls.
func (u User) MaySupervise() bool { return u.Role == Admin || u.Supervises != SupervisesNobody }

// Supervisable are those of some users in on whose calls a user may listen: those of his department and the ones below,
// or all; nobody's, where he has no such right. It is asked of what stands now.
func (p *People) Supervisable(ctx context.Context, user string, of []string) ([]string, error) {
	actor, err := p.User(ctx, user)
	if err != nil || !actor.Active || len(of) == 0 {
		return nil, err
	}
	q := query.New("SELECT id FROM app_user WHERE id").In(of)
	switch {
	case actor.Role == Admin || actor.Supervises == SupervisesAll:
	case actor.Supervises == SupervisesDepartment && actor.Department != "":
		q.Add(" AND department IN (").With(Below(actor.Department)).Add(")")
	default:
		return nil, nil
	}
	return query.All(ctx, p.db, query.Text, q)
}
