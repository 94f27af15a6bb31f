package crmapi

import (
	"context"
	"encoding/json"

	"frontdesk/crmcore/field"
	"frontdesk/crmcore/input"
	"frontdesk/crmcore/record"
	"frontdesk/web/api"
)

type (
	fieldCreate struct{ Body field.Field }
	fieldUpdate struct {
		api.ByID
		Body field.Field
	}
)

func (o *Operations) listFields(ctx context.Context, _ *api.None) (api.Page[field.Field], error) {
	return api.List(o.core.Fields(ctx))
}

func (o *Operations) createField(ctx context.Context, in *fieldCreate) (field.Field, error) {
	in.Body.ID = ""
	return o.core.SaveField(ctx, api.UserOf(ctx), in.Body)
}

func (o *Operations) updateField(ctx context.Context, in *fieldUpdate) (field.Field, error) {
	in.Body.ID = in.ID
	return o.core.SaveField(ctx, api.UserOf(ctx), in.Body)
}

func (o *Operations) deleteField(ctx context.Context, in *api.ByID) error {
	return o.core.RemoveField(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) orderFields(ctx context.Context, in *ruleOrder) (api.Page[field.Field], error) {
	if err := o.core.OrderFields(ctx, api.UserOf(ctx), in.Body.IDs); err != nil {
		return api.Page[field.Field]{}, err
	}
	return api.List(o.core.Fields(ctx))
}

// where reads the conditions of a list.
func (o *Operations) where(ctx context.Context, kind record.Kind, text string, f *record.Filter) error {
	if text == "" {
		return nil
	}
	var conditions []field.Asked
	if json.Unmarshal([]byte(text), &conditions) != nil || len(conditions) > field.MaxConditions {
		return input.Refuse("where", "is a JSON list of at most 20 conditions")
	}
	return o.core.Narrow(ctx, api.UserOf(ctx), kind, conditions, f)
}
