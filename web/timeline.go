package web

import (
	"context"
	"time"

	"frontdesk/crmcore"
)

type timelineQuery struct {
	ByID
	Paging
}

// timeline answers with the activities of a record of that kind.
func (o *crmOps) timeline(kind crmcore.EntityKind) func(context.Context, *timelineQuery) (Page[crmcore.Activity], error) {
	return func(ctx context.Context, in *timelineQuery) (Page[crmcore.Activity], error) {
		return page(o.core.Timeline(ctx, userOf(ctx), crmcore.Ref{Kind: kind, ID: in.ID}, in.page()))
	}
}

// card answers with all about a record of that kind.
func (o *crmOps) card(kind crmcore.EntityKind) func(context.Context, *ByID) (crmcore.CardView, error) {
	return func(ctx context.Context, in *ByID) (crmcore.CardView, error) {
		return o.core.Card(ctx, userOf(ctx), crmcore.Ref{Kind: kind, ID: in.ID})
	}
}

// NoteInput is a note on a record.
type NoteInput struct {
	Entity crmcore.Ref `json:"entity"`
	Body   string      `json:"body" minLength:"1" maxLength:"20000"`
}

// TaskInput is something to be done for a record.
type TaskInput struct {
	Entity crmcore.Ref `json:"entity"`
	Title  string      `json:"title" minLength:"1" maxLength:"400"`
	Body   string      `json:"body,omitempty" maxLength:"20000"`
	User   string      `json:"user,omitempty" doc:"Id of who has to do it; oneself when left out"`
	Due    *time.Time  `json:"due,omitempty"`
}

// TaskPatch changes a task.
type TaskPatch struct {
	Done bool `json:"done"`
}

type (
	noteCreate   struct{ Body NoteInput }
	taskCreate   struct{ Body TaskInput }
	activityLink struct {
		ByID
		Body crmcore.Ref
	}
	taskUpdate struct {
		ByID
		Body TaskPatch
	}
)

func (o *crmOps) getActivity(ctx context.Context, in *ByID) (crmcore.Activity, error) {
	return o.core.Activity(ctx, userOf(ctx), in.ID)
}

func (o *crmOps) linkActivity(ctx context.Context, in *activityLink) (crmcore.Activity, error) {
	return o.core.Choose(ctx, userOf(ctx), in.ID, in.Body)
}

func (o *crmOps) createNote(ctx context.Context, in *noteCreate) (crmcore.Activity, error) {
	return o.core.AddNote(ctx, userOf(ctx), in.Body.Entity, in.Body.Body)
}

func (o *crmOps) createTask(ctx context.Context, in *taskCreate) (crmcore.Activity, error) {
	t := crmcore.NewTask{Title: in.Body.Title, Body: in.Body.Body, User: in.Body.User, Due: in.Body.Due}
	return o.core.AddTask(ctx, userOf(ctx), in.Body.Entity, t)
}

func (o *crmOps) updateTask(ctx context.Context, in *taskUpdate) (crmcore.Activity, error) {
	return o.core.SetDone(ctx, userOf(ctx), in.ID, in.Body.Done)
}

func (o *crmOps) myDay(ctx context.Context, _ *none) (crmcore.Day, error) {
	return o.core.MyDay(ctx, userOf(ctx))
}
