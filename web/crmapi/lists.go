package crmapi

import (
	"context"

	"frontdesk/crmcore/lists"
	"frontdesk/crmcore/record"
	"frontdesk/web/api"
)

// ChangeInput is a change of many records.
type ChangeInput struct {
	Kind   record.Kind  `json:"kind" enum:"lead,deal,contact,company"`
	IDs    []string     `json:"ids" minItems:"1" maxItems:"1000"`
	Change lists.Change `json:"change"`
}

type (
	viewCreate struct{ Body lists.SavedView }
	viewUpdate struct {
		api.ByID
		Body lists.SavedView
	}
	manyChange struct{ Body ChangeInput }
)

func (o *Operations) listViews(ctx context.Context, _ *api.None) (api.Page[lists.SavedView], error) {
	return api.List(o.lists.Views(ctx, api.UserOf(ctx)))
}

func (o *Operations) createView(ctx context.Context, in *viewCreate) (lists.SavedView, error) {
	in.Body.ID = ""
	return o.lists.Save(ctx, api.UserOf(ctx), in.Body)
}

func (o *Operations) updateView(ctx context.Context, in *viewUpdate) (lists.SavedView, error) {
	in.Body.ID = in.ID
	return o.lists.Save(ctx, api.UserOf(ctx), in.Body)
}

func (o *Operations) deleteView(ctx context.Context, in *api.ByID) error {
	return o.lists.Delete(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) changeMany(ctx context.Context, in *manyChange) (lists.Changed, error) {
	return o.lists.Apply(ctx, api.UserOf(ctx), in.Body.Kind, in.Body.IDs, in.Body.Change)
}

func (o *Operations) undoChange(ctx context.Context, in *api.ByID) (lists.Changed, error) {
	return o.lists.Undo(ctx, api.UserOf(ctx), in.ID)
}
