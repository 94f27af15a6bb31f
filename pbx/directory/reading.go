package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"frontdesk/store"
)

// Plan is the present state of the tables, for routing. It is read once and kept until something changes.
func (d *Directory) Plan(ctx context.Context) (*Plan, error) {
	d.mu.Lock()
	plan, version := d.plan, d.version
	d.mu.Unlock()
	if plan != nil {
		return plan, nil
	}
	plan, err := d.readPlan(ctx)
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

func (d *Directory) readPlan(ctx context.Context) (*Plan, error) {
	trunks, err1 := d.Trunks(ctx)
	numbers, err2 := d.Numbers(ctx)
	extensions, err3 := d.Extensions(ctx)
	groups, err9 := d.HuntGroups(ctx)
	queues, err10 := d.Queues(ctx)
	devices, err4 := d.Devices(ctx, "")
	meetings, err5 := d.Titles(ctx, doors(numbers, extensions, groups, queues))
	schedules, err6 := d.Schedules(ctx)
	handling, err7 := handlings(ctx, d.db)
	codes, err8 := d.Codes(ctx)
	policy, err14 := d.Policy(ctx)
	menus, err11 := d.Menus(ctx)
	boxes, err12 := d.Boxes(ctx)
	routes, err13 := d.OutboundRoutes(ctx)
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7, err8, err9, err10, err11, err12,
		err13, err14); err != nil {
		return nil, err
	}
	plan := newPlan(d.config.Region, trunks, numbers, extensions, devices, meetings, schedules, groups, queues, handling, codes,
		policy)
	plan.machines(menus, boxes)
	plan.routes = routes
	return plan, nil
}

// doors are the meetings that numbers, extensions, hunt groups and queues lead to.
func doors(numbers []Number, extensions []Extension, groups []HuntGroup, queues []Queue) (ids []string) {
	for _, n := range numbers {
		ids = append(ids, n.Timed.meetings(n.Destination)...)
	}
	for _, e := range extensions {
		ids = append(ids, e.Timed.meetings(e.Destination)...)
	}
	for _, q := range queues {
		for _, to := range q.Leads.all() {
			if *to != nil {
				ids = append(ids, (*to).Meeting)
			}
		}
	}
	for _, g := range groups {
		if g.Otherwise != nil {
			ids = append(ids, g.Otherwise.Meeting)
		}
	}
	slices.Sort(ids)
	return slices.DeleteFunc(slices.Compact(ids), func(id string) bool { return id == "" })
}

// DeleteMeeting removes a meeting; people in it stay until they leave. ErrInUse while a number or extension leads there.
func (d *Directory) DeleteMeeting(ctx context.Context, id string) error {
	plan, err := d.Plan(ctx)
	if err != nil {
		return err
	}
	if user := plan.leadsTo(id); user != "" {
		return fmt.Errorf("%s leads to it: %w", user, ErrInUse)
	}
	return d.db.Tx(ctx, func(tx *store.Tx) error {
		if err := keepOwner(ctx, tx, id); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM meeting WHERE id = $1`, id)
		return err
	})
}
