package mailapi

import (
	"context"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/mail"
	"frontdesk/mail/letter"
	"frontdesk/web/api"
)

type (
	draftSave    struct{ Body mail.DraftSave }
	draftVersion struct {
		Version string `json:"version" maxLength:"20" doc:"Of the draft when it was read or saved last"`
	}
	draftSend struct {
		api.ByID
		Body draftVersion
	}
)

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
	receipt, err := o.queue.SendDraft(ctx, api.UserOf(ctx).ID, in.ID, in.Body.Version)
	return Sent{ID: receipt.ID, Message: receipt.Copy.ID}, err
}
