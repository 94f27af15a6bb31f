package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"frontdesk/pbx/dialplan"
)

// Plan is the present state of the tables, for routing. It is read once and kept until something changes.
func (d *Directory) Plan(ctx context.Context) (*dialplan.Plan, error) {
	d.mu.Lock()
	plan, version := d.plan, d.version
	d.mu.Unlock()
	if plan != nil {
		return plan, nil
	}
	plan, err := d.fresh(ctx)
	if err != nil {
		return nil, fmt.Errorf("dial plan: %w", err)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.version == version { // not changed while it was read
		d.plan = plan
	}
	return plan, nil
}

// fresh is the plan as the tables are now, for checks; it knows the titles of some more meetings, to which something is
// about to lead.
func (d *Directory) fresh(ctx context.Context, meetings ...string) (*dialplan.Plan, error) {
	trunks, err1 := d.Trunks(ctx)
	devices, err2 := d.Devices(ctx, "")
	t := dialplan.Tables{Region: d.config.Region, Devices: map[string][]string{}}
	var errs [12]error
	t.Numbers, errs[0] = d.Numbers(ctx)
	t.Extensions, errs[1] = d.Extensions(ctx)
	t.Groups, errs[2] = d.HuntGroups(ctx)
	t.Queues, errs[3] = d.Queues(ctx)
	t.Schedules, errs[4] = d.Schedules(ctx)
	t.Handlings, errs[5] = handlings(ctx, d.db)
	t.Codes, errs[6] = d.Codes(ctx)
	t.Policy, errs[7] = d.Policy(ctx)
	t.Menus, errs[8] = d.Menus(ctx)
	t.Boxes, errs[9] = d.Boxes(ctx)
	t.Routes, errs[10] = d.OutboundRoutes(ctx)
	t.Music, errs[11] = d.Music(ctx)
	if err := errors.Join(err1, err2, errors.Join(errs[:]...)); err != nil {
		return nil, err
	}
	for _, trunk := range trunks {
		if trunk.Active {
			t.Trunks = append(t.Trunks, trunk.known())
		}
	}
	for _, v := range devices {
		if !v.Off {
			t.Devices[v.User] = append(t.Devices[v.User], v.ID)
		}
	}
	var err error
	if t.Departments, err = d.departments(ctx, t.Routes); err != nil {
		return nil, err
	}
	t.Meetings, err = d.Titles(ctx, append(t.Doors(), meetings...))
	return dialplan.New(t), err
}

// departments are those that users are in, where a route asks for that.
func (d *Directory) departments(ctx context.Context, routes []dialplan.OutboundRoute) (map[string][]string, error) {
	asks := func(r dialplan.OutboundRoute) bool { return len(r.Departments) > 0 }
	if d.config.Departments == nil || !slices.ContainsFunc(routes, asks) {
		return nil, nil
	}
	return d.config.Departments(ctx)
}
