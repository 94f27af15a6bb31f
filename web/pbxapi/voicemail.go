package pbxapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"frontdesk/pbx/voicemail"
	"frontdesk/web/api"
)

// voicemailRoutes registers what people do with the messages in their boxes.
func (o *Operations) voicemailRoutes(f *api.Frame) {
	api.Add(f, users("Calls", "GET /voicemail", "The messages in one's voicemail boxes, the newest first"),
		o.ownMessages)
	api.Add(f, users("Calls", "GET /me/voicemail-boxes", "One's voicemail boxes, and how much is in them"), o.ownBoxes)
	sound := users("Calls", "GET /voicemail/{id}/sound", "A message of one's voicemail; then it counts as heard")
	sound.Streams = "audio/wav"
	api.Raw(f, sound, o.messageSound)
	api.Do(f, users("Calls", "DELETE /voicemail/{id}", "Remove a message, for all whose box it is in"), o.deleteMessage)
}

func (o *Operations) ownMessages(ctx context.Context, _ *api.None) (api.Page[voicemail.Message], error) {
	return api.List(o.voicemail.List(ctx, api.UserOf(ctx).ID))
}

// OwnBox is a voicemail box as who may hear it sees it.
type OwnBox struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	New  int    `json:"new" doc:"Messages that nobody heard yet"`
	Old  int    `json:"old" doc:"The others"`
}

func (o *Operations) ownBoxes(ctx context.Context, _ *api.None) (page api.Page[OwnBox], err error) {
	plan, err := o.directory.Plan(ctx)
	if err != nil {
		return page, err
	}
	page.Items = []OwnBox{}
	for _, id := range plan.BoxesOf(api.UserOf(ctx).ID) {
		n, err := o.voicemail.Count(ctx, []string{id})
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, OwnBox{id, plan.Box(id).Name, n.New, n.Old})
	}
	return page, nil
}

// messageSound answers with any part of the file, as players ask.
func (o *Operations) messageSound(ctx context.Context, in *api.ByID) (*api.StreamOutput, error) {
	m, err := o.voicemail.Of(ctx, api.UserOf(ctx).ID, in.ID)
	if err != nil {
		return nil, err
	}
	file, err := o.voicemail.File(ctx, m)
	if err == nil {
		err = o.voicemail.Heard(ctx, m, api.UserOf(ctx).ID)
	}
	if err != nil {
		return nil, err
	}
	return &api.StreamOutput{Body: func(ctx huma.Context) {
		defer file.Close()
		r, w := humago.Unwrap(ctx)
		w.Header().Set("Content-Type", "audio/wav")
		w.Header().Set("Cache-Control", "private, no-store")
		http.ServeContent(w, r, "", time.Time{}, file)
	}}, nil
}

func (o *Operations) deleteMessage(ctx context.Context, in *api.ByID) error {
	return o.voicemail.Delete(ctx, api.UserOf(ctx).ID, in.ID)
}
