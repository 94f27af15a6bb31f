package crmcore

import (
	"context"
	"time"

	"frontdesk/crmcore/field"
	"frontdesk/crmcore/people"
	"frontdesk/crmcore/record"
)

// Fields are those that the company adds to its records, in order.
func (c *Core) Fields(ctx context.Context) ([]field.Field, error) { return field.All(ctx, c.db) }

// SaveField makes or changes a field: see field.Save.
func (c *Core) SaveField(ctx context.Context, actor people.User, f field.Field) (field.Field, error) {
	return field.Save(ctx, c.db, actor, f)
}

// RemoveField takes a field out of sight.
func (c *Core) RemoveField(ctx context.Context, actor people.User, id string) error {
	return field.Remove(ctx, c.db, actor, id)
}

// OrderFields puts the fields in order.
func (c *Core) OrderFields(ctx context.Context, actor people.User, ids []string) error {
	return field.Order(ctx, c.db, actor, ids)
}

// Narrow makes a filter ask for the records of a kind that satisfy conditions as well.
func (c *Core) Narrow(ctx context.Context, actor people.User, kind record.Kind, conditions []field.Asked,
	f *record.Filter) error {
	asker := field.Asker{DB: c.db, Actor: actor, Zone: c.cfg.Zone, Now: time.Now()}
	return asker.Where(ctx, kind, conditions, f)
}
