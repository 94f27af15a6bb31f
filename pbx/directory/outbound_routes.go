package directory

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"frontdesk/store"
)

// routesSetting is the name under which the outbound routes are kept, in their order.
const routesSetting = "pbx.routes"

// maxRoutes bounds the list.
const maxRoutes = 200

// OutboundRoutes lists the routes of calls outside, in their order.
func (d *Directory) OutboundRoutes(ctx context.Context) ([]OutboundRoute, error) {
	return outboundRoutes(d.db.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, routesSetting))
}

func outboundRoutes(row store.Row) ([]OutboundRoute, error) {
	list, value := []OutboundRoute{}, ""
	err := row.Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return list, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(value), &list)
	}
	return list, err
}

// SaveOutboundRoutes replaces the list. Errors: *Invalid.
func (d *Directory) SaveOutboundRoutes(ctx context.Context, list []OutboundRoute) error {
	if len(list) > maxRoutes {
		return invalid("routes", "at most %d", maxRoutes)
	}
	for i := range list {
		if err := d.checkOutboundRoute(&list[i], fmt.Sprintf("routes[%d].", i)); err != nil {
			return err
		}
	}
	err := d.db.Tx(ctx, func(tx *store.Tx) error {
		if err := leadSomewhere(ctx, tx, list); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `INSERT INTO setting (name, value) VALUES ($1, $2)
			ON CONFLICT (name) DO UPDATE SET value = excluded.value`, routesSetting, asJSON(list))
		return err
	})
	if err == nil {
		d.touched()
	}
	return err
}

// checkOutboundRoute validates a route and brings it into its stored form; at is where it stands in the list.
func (d *Directory) checkOutboundRoute(r *OutboundRoute, at string) error {
	r.Name = strings.TrimSpace(r.Name)
	for _, list := range []*[]string{&r.Prefixes, &r.Countries, &r.Users, &r.Trunks} {
		if *list == nil {
			*list = []string{}
		}
	}
	for i, p := range r.Prefixes {
		p = strings.NewReplacer(" ", "", "-", "").Replace(p)
		if !digits(strings.TrimPrefix(p, "+"), 1, 15) {
			return invalid(at+"prefixes", "%q is not the beginning of a number like +4021, or a short number", p)
		}
		r.Prefixes[i] = p
	}
	known := phonenumbers.GetSupportedRegions()
	for i, c := range r.Countries {
		if r.Countries[i] = strings.ToUpper(c); !known[r.Countries[i]] {
			return invalid(at+"countries", "%q is no country code like RO or DE", c)
		}
	}
	if r.CallerID != "" {
		e164, ok := Normalise(r.CallerID, d.config.Region)
		if !ok {
			return invalid(at+"caller_id", "%q is no telephone number", r.CallerID)
		}
		r.CallerID = e164
	}
	switch {
	case r.Name == "" || len(r.Name) > 200:
		return invalid(at+"name", "give the route a name of at most 200 characters")
	case len(r.Trunks) == 0:
		return invalid(at+"trunks", "choose at least one line that these calls go over")
	}
	return nil
}

// leadSomewhere refuses routes over trunks, or at hours, that are not there.
func leadSomewhere(ctx context.Context, tx *store.Tx, list []OutboundRoute) error {
	for i, r := range list {
		for _, id := range r.Trunks {
			if err := mustBe(ctx, tx, "trunk", id, fmt.Sprintf("routes[%d].trunks", i)); err != nil {
				return err
			}
		}
		if r.Schedule == "" {
			continue
		}
		if err := mustBe(ctx, tx, "schedule", r.Schedule, fmt.Sprintf("routes[%d].schedule", i)); err != nil {
			return err
		}
	}
	return nil
}

func mustBe(ctx context.Context, tx *store.Tx, table, id, field string) error {
	var n int
	err := tx.QueryRow(ctx, `SELECT count(*) FROM `+table+` WHERE id = $1`, id).Scan(&n)
	if err == nil && n == 0 {
		return invalid(field, "%q is not there any more: choose another one", id)
	}
	return err
}

// routedBy is the name of an outbound route that has what is asked for; "" when none has.
func (d *Directory) routedBy(ctx context.Context, has func(OutboundRoute) bool) (string, error) {
	list, err := d.OutboundRoutes(ctx)
	if i := slices.IndexFunc(list, has); err == nil && i >= 0 {
		return list[i].Name, nil
	}
	return "", err
}
