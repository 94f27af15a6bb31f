package directory

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"frontdesk/pbx/dialplan"
	"frontdesk/pbx/input"
	"frontdesk/store"
)

// Names of the settings of telephony.
const (
	codesSetting  = "pbx.codes"
	policySetting = "pbx.outbound"
	routesSetting = "pbx.routes"
	musicSetting  = "pbx.music" // pbx/prompts asks for it, too
)

// setting reads a setting into what to points to, which stays as it is where there is none.
func (d *Directory) setting(ctx context.Context, name string, to any) error {
	var value string
	err := d.db.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return errors.Join(err, readJSON(value, to))
}

const putSetting = `INSERT INTO setting (name, value) VALUES ($1, $2)
	ON CONFLICT (name) DO UPDATE SET value = excluded.value`

// Codes are the feature codes.
func (d *Directory) Codes(ctx context.Context) (dialplan.Codes, error) {
	codes := dialplan.UsualCodes()
	return codes, d.setting(ctx, codesSetting, &codes)
}

// SaveCodes changes feature codes; those left out stay. Errors: *input.Invalid.
func (d *Directory) SaveCodes(ctx context.Context, changed dialplan.Codes) error {
	codes, err := d.Codes(ctx)
	if err != nil {
		return err
	}
	maps.Copy(codes, changed)
	if err := codes.Check(); err != nil {
		return err
	}
	return d.write(ctx, putSetting, codesSetting, asJSON(codes))
}

// Policy is the outbound policy; without one, nothing is allowed.
func (d *Directory) Policy(ctx context.Context) (dialplan.OutboundPolicy, error) {
	p := dialplan.OutboundPolicy{Countries: []string{}, Short: []string{}}
	return p, d.setting(ctx, policySetting, &p)
}

// SavePolicy replaces the outbound policy. Errors: *input.Invalid.
func (d *Directory) SavePolicy(ctx context.Context, p dialplan.OutboundPolicy) error {
	if err := p.Check(); err != nil {
		return err
	}
	return d.write(ctx, putSetting, policySetting, asJSON(p))
}

// Music is the prompt that who waits hears; "": what ships.
func (d *Directory) Music(ctx context.Context) (prompt string, err error) {
	err = d.db.QueryRow(ctx, `SELECT value FROM setting WHERE name = $1`, musicSetting).Scan(&prompt)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return prompt, err
}

// SaveMusic chooses another one. Errors: *input.Invalid.
func (d *Directory) SaveMusic(ctx context.Context, prompt string) error {
	err := d.db.Tx(ctx, func(tx *store.Tx) error {
		if err := (table{prompt: "music"}).hold(ctx, tx, prompt); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, putSetting, musicSetting, prompt)
		return err
	})
	if err == nil {
		d.touched()
	}
	return err
}

// OutboundRoutes lists the routes of calls outside, in their order.
func (d *Directory) OutboundRoutes(ctx context.Context) ([]dialplan.OutboundRoute, error) {
	list := []dialplan.OutboundRoute{}
	err := d.setting(ctx, routesSetting, &list)
	for i := range list { // those of before there were any
		list[i].Departments = slices.Concat([]string{}, list[i].Departments)
	}
	return list, err
}

// SaveOutboundRoutes replaces the list. Errors: *input.Invalid.
func (d *Directory) SaveOutboundRoutes(ctx context.Context, list []dialplan.OutboundRoute) error {
	if err := dialplan.CheckRoutes(list, d.config.Region); err != nil {
		return err
	}
	err := d.db.Tx(ctx, func(tx *store.Tx) error {
		if err := leadSomewhere(ctx, tx, list); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, putSetting, routesSetting, asJSON(list))
		return err
	})
	if err == nil {
		d.touched()
	}
	return err
}

// leadSomewhere refuses routes over trunks, or at hours, that are not there.
func leadSomewhere(ctx context.Context, tx *store.Tx, list []dialplan.OutboundRoute) error {
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
		return input.Refuse(field, "%q is not there any more: choose another one", id)
	}
	return err
}

// routedBy is the name of an outbound route that has what is asked for; "" when none has.
func (d *Directory) routedBy(ctx context.Context, has func(dialplan.OutboundRoute) bool) (string, error) {
	list, err := d.OutboundRoutes(ctx)
	if i := slices.IndexFunc(list, has); err == nil && i >= 0 {
		return list[i].Name, nil
	}
	return "", err
}

// DepartmentUnused fails with ErrInUse while an outbound route is for a department.
func (d *Directory) DepartmentUnused(ctx context.Context, department string) error {
	name, err := d.routedBy(ctx, func(r dialplan.OutboundRoute) bool {
		return slices.Contains(r.Departments, department)
	})
	if err == nil && name != "" {
		err = fmt.Errorf("the route of calls out %q is for it: change that first: %w", name, ErrInUse)
	}
	return err
}
