// Package field has the fields that a company adds to its records: what they are, what they may hold, and how lists ask
// for them.
package field

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"frontdesk/crmcore/input"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Type of a field's values.
type Type string

const (
	Text    Type = "text"
	Number  Type = "number"
	Money   Type = "money"
	Date    Type = "date"
	YesNo   Type = "yes_no"
	Choice  Type = "choice"
	Choices Type = "choices"
	User    Type = "user"
	Tags    Type = "tags"
)

// Field is one that records of its kinds have.
type Field struct {
	ID      string        `json:"id" readOnly:"true"`
	Name    string        `json:"name" minLength:"1" maxLength:"100"`
	Type    Type          `json:"type" enum:"text,number,money,date,yes_no,choice,choices,user,tags" doc:"Stays what it was when made"`
	Kinds   []record.Kind `json:"kinds" minItems:"1" maxItems:"4" enum:"lead,deal,contact,company"`
	Choices []Option      `json:"choices,omitempty" maxItems:"200" doc:"Of a choice or choices: those there are; one without an id is new"`
	BuiltIn bool          `json:"built_in" readOnly:"true"` // it comes with the program, which knows what it means
}

// Option is something to choose.
type Option struct {
	ID   string `json:"id,omitempty" maxLength:"100"`
	Name string `json:"name" minLength:"1" maxLength:"100"`
}

// LostReason is the built-in field that says why a deal was lost.
const LostReason = "lost_reason"

const maxFields = 200

const columns = "SELECT id, name, type, kinds, choices, built_in FROM field"

func scan(r store.Row) (f Field, err error) {
	var kinds, choices string
	if err = r.Scan(&f.ID, &f.Name, &f.Type, &kinds, &choices, &f.BuiltIn); err != nil {
		return f, err
	}
	if err = json.Unmarshal([]byte(kinds), &f.Kinds); err == nil {
		err = json.Unmarshal([]byte(choices), &f.Choices)
	}
	return f, err
}

// All are the fields there are, in order.
func All(ctx context.Context, db store.Queries) ([]Field, error) {
	return query.All(ctx, db, scan, query.New(columns+" WHERE NOT removed ORDER BY position, id"))
}

// of are those of a kind of record, by id.
func of(ctx context.Context, db store.Queries, kind record.Kind) (map[string]Field, error) {
	all, err := All(ctx, db)
	fields := map[string]Field{}
	for _, f := range all {
		if slices.Contains(f.Kinds, kind) {
			fields[f.ID] = f
		}
	}
	return fields, err
}

// Save makes a field (no ID) or changes one, also one that was removed, which returns with its values; admins only.
func Save(ctx context.Context, db *store.DB, actor people.User, f Field) (Field, error) {
	if err := people.OnlyAdmins(actor); err != nil {
		return Field{}, err
	}
	if err := f.check(); err != nil {
		return Field{}, err
	}
	err := db.Tx(ctx, func(tx *store.Tx) error {
		if f.ID == "" {
			return insert(ctx, tx, &f)
		}
		return update(ctx, tx, &f)
	})
	return f, err
}

func insert(ctx context.Context, tx *store.Tx, f *Field) error {
	n, err := query.One(ctx, tx, func(r store.Row) (n int, err error) { return n, r.Scan(&n) },
		query.New("SELECT COUNT(*) FROM field WHERE NOT removed"))
	if err != nil {
		return err
	}
	if n >= maxFields {
		return input.Refuse("name", fmt.Sprintf("there are %d fields already: remove some first", maxFields))
	}
	f.ID, f.BuiltIn = store.NewID(), false
	f.name()
	_, err = tx.Exec(ctx, `INSERT INTO field (id, name, type, kinds, choices, position, built_in, removed)
		SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT), COALESCE(MAX(position), 0) + 1, FALSE, FALSE FROM field`,
		f.ID, f.Name, f.Type, text(f.Kinds), text(f.Choices))
	return err
}

// update changes all but what a field's values are like.
func update(ctx context.Context, tx *store.Tx, f *Field) error {
	old, err := query.One(ctx, tx, scan, query.New(columns+" WHERE id = ?", f.ID))
	if err != nil {
		return err
	}
	if f.Type != old.Type {
		return input.Refuse("type", "stays "+string(old.Type)+": make another field")
	}
	f.BuiltIn = old.BuiltIn
	f.name()
	_, err = tx.Exec(ctx, "UPDATE field SET name = $1, kinds = $2, choices = $3, removed = FALSE WHERE id = $4", f.Name,
		text(f.Kinds), text(f.Choices), f.ID)
	return err
}

// Remove takes a field out of sight; admins only. Its values come back with it: see Save.
func Remove(ctx context.Context, db *store.DB, actor people.User, id string) error {
	if err := people.OnlyAdmins(actor); err != nil {
		return err
	}
	n, err := query.Exec(ctx, db, "UPDATE field SET removed = TRUE WHERE id = $1 AND NOT removed", id)
	if err == nil && n == 0 {
		return store.ErrNotFound
	}
	return err
}

// Order puts the fields in order; those not named come after; admins only.
func Order(ctx context.Context, db *store.DB, actor people.User, ids []string) error {
	if err := people.OnlyAdmins(actor); err != nil {
		return err
	}
	return db.Tx(ctx, func(tx *store.Tx) error {
		all, err := All(ctx, tx)
		if err != nil {
			return err
		}
		for _, f := range all {
			if !slices.Contains(ids, f.ID) {
				ids = append(ids, f.ID)
			}
		}
		for i, id := range ids {
			if _, err := tx.Exec(ctx, "UPDATE field SET position = $1 WHERE id = $2", i, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (f *Field) check() error {
	if err := input.Texts(input.Bound("name", &f.Name, 1, 100)); err != nil {
		return err
	}
	chosen := f.Type == Choice || f.Type == Choices
	switch f.Type {
	case Text, Number, Money, Date, YesNo, Choice, Choices, User, Tags:
	default:
		return input.Refuse("type", "is text, number, money, date, yes_no, choice, choices, user or tags")
	}
	switch {
	case chosen != (len(f.Choices) > 0):
		return input.Refuse("choices", "are what a choice, and no other field, has")
	case len(f.Choices) > 200:
		return input.Refuse("choices", "are at most 200")
	case len(f.Kinds) == 0:
		return input.Refuse("kinds", "is missing")
	}
	for _, kind := range f.Kinds {
		if !slices.Contains(record.Kinds(), kind) {
			return input.Refuse("kinds", "are lead, deal, contact and company")
		}
	}
	for i := range f.Choices {
		if err := input.Texts(input.Bound(fmt.Sprintf("choices[%d].name", i), &f.Choices[i].Name, 1, 100),
			input.Bound(fmt.Sprintf("choices[%d].id", i), &f.Choices[i].ID, 0, 100)); err != nil {
			return err
		}
	}
	return nil
}

// name gives new choices their ids.
func (f *Field) name() {
	for i := range f.Choices {
		if f.Choices[i].ID == "" {
			f.Choices[i].ID = store.NewID()
		}
	}
	if f.Choices == nil {
		f.Choices = []Option{}
	}
}

func text(v any) string {
	out, _ := json.Marshal(v) // of texts
	return string(out)
}
