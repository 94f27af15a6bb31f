package directory

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"maps"
	"slices"
	"strings"
)

// codesSetting is the name under which the codes are kept.
const codesSetting = "pbx.codes"

// Codes are the feature codes.
func (d *Directory) Codes(ctx context.Context) (Codes, error) {
	codes := Codes(maps.Clone(usualCodes))
	var value string
	err := d.db.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, codesSetting).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return codes, nil
	}
	if err != nil {
		return codes, err
	}
	return codes, json.Unmarshal([]byte(value), &codes)
}

// SaveCodes changes feature codes; those left out stay. Errors: *Invalid.
func (d *Directory) SaveCodes(ctx context.Context, changed Codes) error {
	codes, err := d.Codes(ctx)
	if err != nil {
		return err
	}
	taken := map[string]Feature{}
	maps.Copy(codes, changed)
	for _, f := range slices.Sorted(maps.Keys(codes)) {
		code := codes[f]
		if _, known := usualCodes[f]; !known {
			return invalid(string(f), "there is no such feature")
		}
		if code == "" {
			continue
		}
		if !strings.ContainsAny(code[:1], "*#") || !digits(code[1:], 1, 4) {
			return invalid(string(f), "%q is no code: write * or #, then one to four digits", code)
		}
		if other, again := taken[code]; again {
			return invalid(string(f), "%s is the code of %s already", code, other)
		}
		taken[code] = f
	}
	return d.write(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2)
		ON CONFLICT (name) DO UPDATE SET value = excluded.value`, codesSetting, asJSON(codes))
}

// mates are the users who share a group with a user: each may take a call that rings another.
func (p *Plan) mates(user string) map[string]bool {
	var groups [][]string
	for _, g := range p.groups {
		groups = append(groups, g.Members)
	}
	for _, n := range p.numbers {
		groups = append(groups, n.Timed.people(n.Destination)...)
	}
	for _, e := range p.extensions {
		groups = append(groups, e.Timed.people(e.Destination)...)
	}
	all := map[string]bool{}
	for _, users := range groups {
		if slices.Contains(users, user) {
			for _, mate := range users {
				all[mate] = true
			}
		}
	}
	return all
}

// MayPickUp tells whether a user may take a call that rings some users: one of them is himself, or of a group of his.
func (p *Plan) MayPickUp(user string, rung []string) bool {
	if user == "" {
		return false
	}
	mates := p.mates(user)
	return slices.ContainsFunc(rung, func(other string) bool { return other == user || mates[other] })
}

// UserOf is the user whom an extension rings alone, "" for none.
func (p *Plan) UserOf(extension string) string {
	if e := p.extensions[extension]; e.Kind == "user" {
		return e.User
	}
	return ""
}
