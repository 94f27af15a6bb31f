package crmapi

import (
	"context"
	"time"

	"frontdesk/crmcore"
	"frontdesk/crmcore/record"
	"frontdesk/crmcore/timeline"
	"frontdesk/web/api"
)

type timelineQuery struct {
	api.ByID
	api.Paging
	Kind string `query:"kind" enum:"call,mail,meeting,note,task,change,automation"`
}

// timeline answers with the activities of a record of that kind.
func (o *Operations) timeline(kind record.Kind) func(context.Context,
	*timelineQuery) (api.Page[timeline.Activity], error) {
	return func(ctx context.Context, in *timelineQuery) (api.Page[timeline.Activity], error) {
		return page(o.core.TimelineOf(ctx, api.UserOf(ctx), record.Ref{Kind: kind, ID: in.ID}, in.Kind,
			pageOf(in.Paging)))
	}
}

// card answers with all about a record of that kind.
func (o *Operations) card(kind record.Kind) func(context.Context, *api.ByID) (crmcore.CardView, error) {
	return func(ctx context.Context, in *api.ByID) (crmcore.CardView, error) {
		return o.core.Card(ctx, api.UserOf(ctx), record.Ref{Kind: kind, ID: in.ID})
	}
}

// NoteInput is a note on a record.
type NoteInput struct {
	Entity record.Ref `json:"entity"`
	Body   string     `json:"body" minLength:"1" maxLength:"20000"`
}

// TaskInput is something to be done for a record.
type TaskInput struct {
	Entity record.Ref `json:"entity"`
	Title  string     `json:"title" minLength:"1" maxLength:"400"`
	Body   string     `json:"body,omitempty" maxLength:"20000"`
	User   string     `json:"user,omitempty" doc:"Id of who has to do it; oneself when left out"`
	Due    *time.Time `json:"due,omitempty"`
}

// TaskPatch changes a task.
type TaskPatch struct {
	Done bool `json:"done"`
}

type (
	noteCreate   struct{ Body NoteInput }
	taskCreate   struct{ Body TaskInput }
	activityLink struct {
		api.ByID
		Body record.Ref
	}
	taskUpdate struct {
		api.ByID
		Body TaskPatch
	}
)

func (o *Operations) getActivity(ctx context.Context, in *api.ByID) (timeline.Activity, error) {
	return o.core.Activity(ctx, api.UserOf(ctx), in.ID)
}

func (o *Operations) linkActivity(ctx context.Context, in *activityLink) (timeline.Activity, error) {
	return o.core.Choose(ctx, api.UserOf(ctx), in.ID, in.Body)
}

func (o *Operations) createNote(ctx context.Context, in *noteCreate) (timeline.Activity, error) {
	return o.core.AddNote(ctx, api.UserOf(ctx), in.Body.Entity, in.Body.Body)
}

func (o *Operations) createTask(ctx context.Context, in *taskCreate) (timeline.Activity, error) {
	t := timeline.NewTask{Title: in.Body.Title, Body: in.Body.Body, User: in.Body.User, Due: in.Body.Due}
	return o.core.AddTask(ctx, api.UserOf(ctx), in.Body.Entity, t)
}

func (o *Operations) updateTask(ctx context.Context, in *taskUpdate) (timeline.Activity, error) {
	return o.core.SetDone(ctx, api.UserOf(ctx), in.ID, in.Body.Done)
}

func (o *Operations) myDay(ctx context.Context, _ *api.None) (timeline.Day, error) {
	return o.core.MyDay(ctx, api.UserOf(ctx))
}
