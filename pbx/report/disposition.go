package report

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"frontdesk/pbx/input"
	"frontdesk/store"
	"frontdesk/store/query"
)

// Disposition is what came of a call, as one who spoke says.
type Disposition struct {
	Result   string `json:"result" maxLength:"100" doc:"One of the company's results; empty: none"`
	NextStep string `json:"next_step" maxLength:"100" doc:"One of the company's next steps; empty: none"`
}

// Choices are the company's own lists. What was said of calls stays when it is taken off a list.
type Choices struct {
	Results   []string `json:"results" maxItems:"50"`
	NextSteps []string `json:"next_steps" maxItems:"50"`
}

// choicesSetting is the name under which the lists are kept.
const choicesSetting = "pbx.dispositions"

// maxChoices bounds each list, maxChoice the bytes of a member.
const (
	maxChoices = 50
	maxChoice  = 100
)

// Choices are the company's lists, empty at first.
func (r *Reports) Choices(ctx context.Context) (Choices, error) {
	c := Choices{Results: []string{}, NextSteps: []string{}}
	var value string
	err := r.db.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, choicesSetting).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return c, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(value), &c)
	}
	return c, err
}

// SaveChoices replaces the lists. Errors: *input.Invalid.
func (r *Reports) SaveChoices(ctx context.Context, c Choices) error {
	for field, list := range map[string]*[]string{"results": &c.Results, "next_steps": &c.NextSteps} {
		if err := checkChoices(field, list); err != nil {
			return err
		}
	}
	value, err := json.Marshal(c)
	if err != nil {
		return err
	}
	_, err = r.db.Exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, choicesSetting, string(value))
	return err
}

func checkChoices(field string, list *[]string) error {
	trimmed := []string{}
	for _, text := range *list {
		text = strings.TrimSpace(text)
		switch {
		case text == "" || len(text) > maxChoice:
			return input.Refuse(field, "each has 1 to %d characters", maxChoice)
		case slices.Contains(trimmed, text):
			return input.Refuse(field, "%q is there twice", text)
		}
		trimmed = append(trimmed, text)
	}
	if *list = trimmed; len(trimmed) > maxChoices {
		return input.Refuse(field, "at most %d", maxChoices)
	}
	return nil
}

// Say keeps what came of a call, in place of what was said before. Both empty: nothing is said any more. Errors:
// *input.Invalid.
func (r *Reports) Say(ctx context.Context, call, user string, d Disposition) error {
	known, err := r.Choices(ctx)
	switch {
	case err != nil:
		return err
	case d == Disposition{}:
		_, err := r.db.Exec(ctx, `DELETE FROM call_disposition WHERE call = $1`, call)
		return err
	case d.Result != "" && !slices.Contains(known.Results, d.Result):
		return input.Refuse("result", "%q is on the company's list no more: choose another one", d.Result)
	case d.NextStep != "" && !slices.Contains(known.NextSteps, d.NextStep):
		return input.Refuse("next_step", "%q is on the company's list no more: choose another one", d.NextStep)
	}
	_, err = r.db.Exec(ctx, `INSERT INTO call_disposition (call, result, next_step, user_id, said_at)
		VALUES ($1, $2, $3, $4, $5) ON CONFLICT (call) DO UPDATE SET result = excluded.result,
		next_step = excluded.next_step, user_id = excluded.user_id, said_at = excluded.said_at`,
		call, d.Result, d.NextStep, user, store.Micros(store.Now()))
	return err
}

// Said are the dispositions of those of the calls that have one.
func (r *Reports) Said(ctx context.Context, calls []string) (map[string]Disposition, error) {
	of := map[string]Disposition{}
	_, err := query.All(ctx, r.db, func(row store.Row) (d Disposition, err error) {
		var call string
		err = row.Scan(&call, &d.Result, &d.NextStep)
		of[call] = d
		return d, err
	}, query.New("SELECT call, result, next_step FROM call_disposition WHERE call").In(calls))
	return of, err
}
