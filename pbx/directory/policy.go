package directory

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// policySetting is the name under which the policy is kept.
const policySetting = "pbx.outbound"

// Policy is the outbound policy; without one, nothing is allowed.
func (d *Directory) Policy(ctx context.Context) (OutboundPolicy, error) {
	p := OutboundPolicy{Countries: []string{}, Short: []string{}}
	var value string
	err := d.db.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, policySetting).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	return p, json.Unmarshal([]byte(value), &p)
}

// SavePolicy replaces the outbound policy. Errors: *Invalid.
func (d *Directory) SavePolicy(ctx context.Context, p OutboundPolicy) error {
	known := phonenumbers.GetSupportedRegions()
	for i, code := range p.Countries {
		p.Countries[i] = strings.ToUpper(code)
		if !known[p.Countries[i]] {
			return invalid("countries", "%q is no country code like RO or DE", code)
		}
	}
	for _, number := range p.Short {
		if !digits(number, 2, maxExtension) {
			return invalid("short", "%q is no short number", number)
		}
	}
	return d.write(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, policySetting, asJSON(p))
}
