package toll

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"frontdesk/store"
)

// Config says whose company it is.
type Config struct {
	Region string         // country in which calls are not abroad, ISO 3166
	Zone   *time.Location // whose midnight begins a day
	Log    *slog.Logger
}

// Tolls counts calls outside, of all nodes, and refuses those beyond the rules. It is safe for concurrent use.
type Tolls struct {
	config Config
	db     *store.DB
}

// New opens the tables.
func New(c Config, db *store.DB) *Tolls { return &Tolls{c, db} }

// rulesSetting is the name of the setting that keeps the rules.
const rulesSetting = "pbx.toll"

func rulesOf(ctx context.Context, q store.Queries) (Rules, error) {
	r := Usual()
	var value string
	err := store.Found(q.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, rulesSetting).Scan(&value))
	if errors.Is(err, store.ErrNotFound) {
		return r, nil
	}
	return r, errors.Join(err, json.Unmarshal([]byte(value), &r))
}

// Rules are the company's.
func (t *Tolls) Rules(ctx context.Context) (Rules, error) { return rulesOf(ctx, t.db) }

// SaveRules replaces them; they count for the next call. Errors: *input.Invalid.
func (t *Tolls) SaveRules(ctx context.Context, r Rules) error {
	if err := r.Check(); err != nil {
		return err
	}
	value, err := json.Marshal(r)
	if err != nil {
		return err
	}
	_, err = t.db.Exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, rulesSetting, string(value))
	return err
}
