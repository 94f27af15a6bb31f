package query

import (
	"context"
	"encoding/json"
	"errors"

	"frontdesk/store"
)

// ReadSetting reads one of the company's settings into v, which stays as it is where nobody set it.
func ReadSetting(ctx context.Context, q store.Queries, name string, v any) error {
	var value string
	err := store.Found(q.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, name).Scan(&value))
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(value), v)
}

// SaveSetting changes one of the company's settings.
func SaveSetting(ctx context.Context, q store.Queries, name string, v any) error {
	value, err := json.Marshal(v)
	if err != nil {
		return err
	}
	_, err = q.Exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, string(value))
	return err
}
