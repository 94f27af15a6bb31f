package mailapi

import (
	"context"
	"errors"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/mail"
	"frontdesk/mail/desk"
	"frontdesk/mail/letter"
	"frontdesk/mail/queue"
	"frontdesk/mail/team"
	"frontdesk/store"
	"frontdesk/web/api"
)

type (
	draftSave struct{ Body mail.DraftSave }
	// DraftSend says which draft goes out, and when.
	DraftSend struct {
		Version string     `json:"version" maxLength:"20" doc:"Of the draft when it was read or saved last"`
		Undo    int        `json:"undo,omitempty" minimum:"0" maximum:"120" doc:"Seconds in which it may be taken back"`
		At      *time.Time `json:"at,omitempty" doc:"When it goes out; without: after undo"`
		Remind  *time.Time `json:"remind,omitempty" doc:"When its writer wants to know that nobody answered"`
		Anyway  bool       `json:"anyway,omitempty" doc:"Although a colleague answers, too: without, 428 tells of that in a shared mailbox"`
	}
	draftSend struct {
		api.ByID
		Body DraftSend
	}
)

// laterRoutes are the operations on what happens later.
func (o *Operations) laterRoutes(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "POST /mail/drafts/{id}/send",
		Summary: "Send a draft as it is stored, now or later", Status: 202}, o.sendDraft)
	api.Do(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "DELETE /mail/scheduled/{id}",
		Summary: "Take back what was to be sent later: it is a draft again"}, o.takeBack)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/scheduled",
		Summary: "Drafts that go out later, the next first"}, o.listScheduled)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "POST /mail/snooze",
		Summary: "Take conversations out of the inbox until a time; answers where their messages were"}, o.snooze)
}

func draftForm() *huma.Schema { return form("DraftSave") }

func (o *Operations) getDraft(ctx context.Context, in *api.ByID) (mail.SavedDraft, error) {
	return o.box.Draft(ctx, api.UserOf(ctx).ID, in.ID)
}

func (o *Operations) saveDraft(ctx context.Context, in *draftSave) (mail.SavedDraft, error) {
	return o.box.SaveDraft(ctx, api.UserOf(ctx).ID, in.Body, o.maxMail)
}

func (o *Operations) saveDraftFiles(ctx context.Context, in *parcel) (saved mail.SavedDraft, err error) {
	var draft mail.DraftSave
	err = o.carry(ctx, in, &draft, func(files []letter.File) error {
		draft.Files = files
		saved, err = o.saveDraft(ctx, &draftSave{Body: draft})
		return err
	})
	return saved, err
}

// sendDraft sends a draft as it is stored.
func (o *Operations) sendDraft(ctx context.Context, in *draftSend) (Sent, error) {
	user, b := api.UserOf(ctx).ID, in.Body
	if !b.Anyway {
		if err := o.team.Check(ctx, user, in.ID); err != nil {
			return Sent{}, crossing(err)
		}
	}
	if b.Undo == 0 && b.At == nil && b.Remind == nil {
		receipt, err := o.queue.SendDraft(ctx, user, in.ID, b.Version, func(ctx context.Context, tx *store.Tx,
			r queue.Receipt) error {
			return team.Answered(ctx, tx, user, r.Copy.ID)
		})
		return Sent{ID: receipt.ID, Message: receipt.Copy.ID}, err
	}
	s := desk.Sending{Undo: time.Duration(b.Undo) * time.Second}
	api.Set(&s.At, b.At)
	api.Set(&s.Remind, b.Remind)
	at, err := o.desk.Send(ctx, user, in.ID, b.Version, s)
	return Sent{At: &at}, untimely(err)
}

// untimely tells a person of a time that is none, or of what is over.
func untimely(err error) error {
	switch {
	case errors.Is(err, desk.ErrTime):
		return huma.Error422UnprocessableEntity(err.Error())
	case errors.Is(err, desk.ErrGone):
		return huma.Error410Gone(err.Error())
	}
	return err
}

func (o *Operations) takeBack(ctx context.Context, in *api.ByID) error {
	return untimely(o.desk.TakeBack(ctx, api.UserOf(ctx).ID, in.ID))
}

func (o *Operations) listScheduled(ctx context.Context, _ *api.None) (api.Page[desk.Scheduled], error) {
	return api.List(o.desk.Scheduled(ctx, api.UserOf(ctx).ID))
}

// SnoozeInput is which conversations come back when.
type SnoozeInput struct {
	Threads []desk.ThreadRef `json:"threads" minItems:"1" maxItems:"200"`
	Until   time.Time        `json:"until"`
}

type snoozeThreads struct{ Body SnoozeInput }

func (o *Operations) snooze(ctx context.Context, in *snoozeThreads) (api.Page[desk.Place], error) {
	were, err := o.desk.Snooze(ctx, api.UserOf(ctx).ID, in.Body.Threads, in.Body.Until)
	return api.List(were, untimely(err))
}
