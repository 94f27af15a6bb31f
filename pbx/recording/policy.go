package recording

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"

	"frontdesk/pbx/input"
)

// policySetting is the name under which the policy is kept.
const policySetting = "pbx.recording"

// Policy says which calls are recorded. The rules are gone through in order, the first that a call fits decides; a call
// that fits none is not recorded, and so none is without a policy.
type Policy struct {
	Rules []Rule `json:"rules"`
	Days  int    `json:"days" doc:"So long recordings are kept"`
}

// What a rule has done with a call.
const (
	Always = "always" // it is recorded
	Asked  = "asked"  // an agent begins
	Never  = "never"
)

// Rule is for calls that fit all it says.
type Rule struct {
	Direction string   `json:"direction,omitempty" doc:"in, out or internal; left out: any"`
	Lines     []string `json:"lines" doc:"Our numbers; empty: any"`
	Users     []string `json:"users" doc:"Ids: one of them takes part; empty: anybody"`
	Record    string   `json:"record" doc:"always; asked: when an agent begins; never"`
	Announce  bool     `json:"announce" doc:"Both sides hear that the call is recorded before it is"`
	Language  string   `json:"language" doc:"Of the announcement"`
	Pause     bool     `json:"pause" doc:"Agents may pause, as for the number of a card"`
	Stop      bool     `json:"stop" doc:"Agents may stop, and begin again"`
}

// Call is what the policy is asked about.
type Call struct {
	Direction string
	Line      string
	Users     []string // who take part
}

func (r Rule) fits(c Call) bool {
	return (r.Direction == "" || r.Direction == c.Direction) &&
		(len(r.Lines) == 0 || slices.Contains(r.Lines, c.Line)) &&
		(len(r.Users) == 0 || slices.ContainsFunc(c.Users, func(u string) bool { return slices.Contains(r.Users, u) }))
}

// For is the rule of a call.
func (p Policy) For(c Call) Rule {
	if i := slices.IndexFunc(p.Rules, func(r Rule) bool { return r.fits(c) }); i >= 0 {
		return p.Rules[i]
	}
	return Rule{Record: Never}
}

// defaultDays recordings are kept.
const defaultDays, maxDays = 90, 3650

// Policy is the one that holds; without one nothing is recorded.
func (r *Recordings) Policy(ctx context.Context) (Policy, error) {
	p := Policy{Rules: []Rule{}, Days: defaultDays}
	var value string
	err := r.db.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, policySetting).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	return p, json.Unmarshal([]byte(value), &p)
}

// SavePolicy replaces the policy; calls that begin to talk from now on follow it. Errors: *input.Invalid.
func (r *Recordings) SavePolicy(ctx context.Context, p Policy) error {
	if p.Days < 1 || p.Days > maxDays {
		return input.Refuse("days", "recordings are kept for 1 to %d days", maxDays)
	}
	for i := range p.Rules {
		rule := &p.Rules[i]
		if !slices.Contains([]string{"", "in", "out", "internal"}, rule.Direction) {
			return input.Refuse("rules", "%q is no direction: in, out or internal", rule.Direction)
		}
		if !slices.Contains([]string{Always, Asked, Never}, rule.Record) {
			return input.Refuse("rules", "%q: say always, asked or never", rule.Record)
		}
		rule.Lines, rule.Users = append([]string{}, rule.Lines...), append([]string{}, rule.Users...)
	}
	p.Rules = append([]Rule{}, p.Rules...)
	value, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = r.db.Exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
		policySetting, string(value))
	return err
}
