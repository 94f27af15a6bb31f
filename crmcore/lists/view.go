// Package lists has what people do with lists of records: views that they keep, and changes of many at once.
package lists

import (
	"context"
	"encoding/json"

	"frontdesk/crmcore"
	"frontdesk/crmcore/field"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Lists keeps them. It is safe for concurrent use.
type Lists struct {
	db   *store.DB
	core *crmcore.Core
}

// New opens them.
func New(db *store.DB, core *crmcore.Core) *Lists { return &Lists{db, core} }

// SavedView is a list as somebody keeps it.
type SavedView struct {
	ID      string        `json:"id" readOnly:"true"`
	List    record.Kind   `json:"list" enum:"lead,deal,contact,company"`
	Name    string        `json:"name" minLength:"1" maxLength:"100"`
	Owner   string        `json:"owner" readOnly:"true"`
	Shared  bool          `json:"shared" doc:"Everybody has it; who sees which records of it stays as it is"`
	Where   []field.Asked `json:"where" maxItems:"20"`
	Order   record.Order  `json:"order" enum:"newest,name,updated,amount"`
	Columns []string      `json:"columns" maxItems:"50" maxLength:"100" doc:"In order; none: the usual ones"`
}

const maxViews = 200 // that one person has

// shape is what of a view is kept as JSON.
type shape struct {
	Where   []field.Asked `json:"where"`
	Order   record.Order  `json:"order"`
	Columns []string      `json:"columns"`
}

func scanView(r store.Row) (v SavedView, err error) {
	var text string
	if err = r.Scan(&v.ID, &v.List, &v.Name, &v.Owner, &v.Shared, &text); err != nil {
		return v, err
	}
	var s shape
	err = json.Unmarshal([]byte(text), &s)
	v.Where, v.Order, v.Columns = s.Where, s.Order, s.Columns
	return v, err
}

const viewColumns = "SELECT id, list, name, owner, shared, query FROM saved_view"

// Views are the actor's own and those that are shared, by name.
func (l *Lists) Views(ctx context.Context, actor people.User) ([]SavedView, error) {
	return query.All(ctx, l.db, scanView,
		query.New(viewColumns+" WHERE owner = ? OR shared ORDER BY name, id", actor.ID))
}

// Save keeps a new view (no ID), or changes one of the actor's own; administrators change shared ones, too.
func (l *Lists) Save(ctx context.Context, actor people.User, v SavedView) (SavedView, error) {
	if err := l.check(ctx, actor, &v); err != nil {
		return SavedView{}, err
	}
	text, err := json.Marshal(shape{v.Where, v.Order, v.Columns})
	if err != nil {
		return SavedView{}, err
	}
	if v.ID != "" {
		n, err := l.alter(ctx, actor, "UPDATE saved_view SET name = $3, shared = $4, query = $5", v.ID, v.Name,
			v.Shared, string(text))
		if err != nil || n == 0 {
			return SavedView{}, orNone(err)
		}
		return query.One(ctx, l.db, scanView, query.New(viewColumns+" WHERE id = ?", v.ID))
	}
	own, err := query.All(ctx, l.db, query.Text, query.New("SELECT id FROM saved_view WHERE owner = ?", actor.ID))
	if err != nil {
		return SavedView{}, err
	}
	if len(own) >= maxViews {
		return SavedView{}, input.Refuse("name", "you keep 200 views already: delete some first")
	}
	v.ID, v.Owner = store.NewID(), actor.ID
	_, err = l.db.Exec(ctx, `INSERT INTO saved_view (id, list, name, owner, shared, query) VALUES ($1, $2, $3, $4, $5, $6)`,
		v.ID, v.List, v.Name, v.Owner, v.Shared, string(text))
	return v, err
}

// Delete removes a view of the actor's own; administrators remove shared ones, too.
func (l *Lists) Delete(ctx context.Context, actor people.User, id string) error {
	n, err := l.alter(ctx, actor, "DELETE FROM saved_view", id)
	if n == 0 {
		return orNone(err)
	}
	return err
}

// alter runs a statement on a view that the actor may change: $1 is its id, $2 he.
func (l *Lists) alter(ctx context.Context, actor people.User, statement, id string, args ...any) (int64, error) {
	statement += " WHERE id = $1 AND (owner = $2"
	if actor.Role == people.Admin {
		statement += " OR shared"
	}
	return query.Exec(ctx, l.db, statement+")", append([]any{id, actor.ID}, args...)...)
}

func orNone(err error) error {
	if err == nil {
		return store.ErrNotFound
	}
	return err
}

func (l *Lists) check(ctx context.Context, actor people.User, v *SavedView) error {
	if err := input.Texts(input.Bound("name", &v.Name, 1, 100)); err != nil {
		return err
	}
	if v.Order == "" {
		v.Order = record.Newest
	}
	if len(v.Where) > field.MaxConditions {
		return input.Refuse("where", "has at most 20 conditions")
	}
	return l.core.Narrow(ctx, actor, v.List, v.Where, new(record.Filter))
}
