package mailapi

import (
	"context"
	"errors"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/mail/desk"
	"frontdesk/web/api"
)

// deskRoutes are the operations on conversations, labels and lists.
func (o *Operations) deskRoutes(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "PATCH /mail/threads",
		Summary: "Mark, label or move conversations; answers where their messages were"}, o.updateThreads)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/mailboxes/{id}/labels",
		Summary: "Labels that messages of a mailbox have"}, o.listLabels)
	api.Do(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "POST /mail/messages/{id}/unsubscribe",
		Summary: "Leave the list a message came by: by one click (RFC 8058), else by a mail"}, o.unsubscribe)
}

// ThreadsPatch marks, labels or moves conversations; what is left out stays.
type ThreadsPatch struct {
	Threads      []desk.ThreadRef `json:"threads" minItems:"1" maxItems:"200"`
	From         string           `json:"from,omitempty" maxLength:"100" doc:"Id of the folder they are in; without: all but drafts, what was sent and what is in Trash"`
	Folder       string           `json:"folder,omitempty" maxLength:"100" doc:"Id of the folder they move to"`
	Use          string           `json:"use,omitempty" enum:"INBOX,Archive,Junk,Trash" doc:"Or its use, in the mailbox of each"`
	Seen         *bool            `json:"seen,omitempty"`
	Flagged      *bool            `json:"flagged,omitempty"`
	AddLabels    []string         `json:"add_labels,omitempty" maxItems:"20"`
	RemoveLabels []string         `json:"remove_labels,omitempty" maxItems:"20"`
}

type threadsUpdate struct{ Body ThreadsPatch }

func (o *Operations) updateThreads(ctx context.Context, in *threadsUpdate) (api.Page[desk.Place], error) {
	p := in.Body
	return api.List(o.desk.Do(ctx, api.UserOf(ctx).ID, p.Threads, desk.Act{From: p.From, Folder: p.Folder, Use: p.Use,
		Seen: p.Seen, Flagged: p.Flagged, AddLabels: p.AddLabels, RemoveLabels: p.RemoveLabels}))
}

// MailLabel is one that messages have.
type MailLabel struct {
	Name string `json:"name"`
}

func (o *Operations) listLabels(ctx context.Context, in *api.ByID) (api.Page[MailLabel], error) {
	names, err := o.desk.Labels(ctx, api.UserOf(ctx).ID, in.ID)
	list := make([]MailLabel, len(names))
	for i, name := range names {
		list[i].Name = name
	}
	return api.List(list, err)
}

func (o *Operations) unsubscribe(ctx context.Context, in *api.ByID) error {
	err := o.desk.Unsubscribe(ctx, api.UserOf(ctx).ID, in.ID)
	switch {
	case errors.Is(err, desk.ErrNoList):
		return huma.Error409Conflict("This mail says no way to leave its list that can be gone for you.")
	case errors.Is(err, desk.ErrListSilly):
		return huma.Error502BadGateway("The sender's server did not take it. Try again later, or open the " +
			"sender's page.")
	}
	return err
}
