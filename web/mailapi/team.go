package mailapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/mail/team"
	"frontdesk/web/api"
)

// teamRoutes are the operations on what users of a shared mailbox know of each other.
func (o *Operations) teamRoutes(f *api.Frame) {
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/threads/{id}/team",
		Summary: "Whose a conversation is, who reads and answers it, and what colleagues say beside it"}, o.teamState)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/mailboxes/{id}/looks",
		Summary: "Who has which conversations of a mailbox open"}, o.teamLooks)
	api.Do(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "PUT /mail/looks/{tab}",
		Summary: "Say what a tab does with a conversation; again every half minute while it does"}, o.teamLook)
	api.Do(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "DELETE /mail/looks/{tab}",
		Summary: "Say that a tab has no conversation open any more"}, o.teamGone)
	api.Do(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "PUT /mail/threads/assigned",
		Summary: "Assign conversations to one who reads their mailbox, or to nobody"}, o.teamAssign)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "POST /mail/comments", Status: 201,
		Summary: "Say something to colleagues beside a conversation; it is never mailed"}, o.teamComment)
	api.Do(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "DELETE /mail/comments/{id}",
		Summary: "Remove a comment of one's own"}, o.teamUncomment)
	api.Add(f, api.Route{Tag: "Mail", Access: api.Users, Pattern: "GET /mail/notices",
		Summary: "Conversations that one was given or mentioned in, and did not open since"}, o.teamNotices)
}

// LookInput is what a tab does.
type LookInput struct {
	team.Thread
	Doing string `json:"doing" enum:"reading,answering"`
}

// AssignInput says whose conversations are.
type AssignInput struct {
	Threads []team.Thread `json:"threads" minItems:"1" maxItems:"200"`
	User    string        `json:"user" maxLength:"100" doc:"Empty: nobody's"`
}

// CommentInput is a comment to be.
type CommentInput struct {
	team.Thread
	Text     string   `json:"text" minLength:"1" maxLength:"10000"`
	Mentions []string `json:"mentions,omitempty" maxItems:"50" doc:"Users who are told"`
}

type (
	// TabPath names a browser tab.
	TabPath struct {
		Tab string `path:"tab" maxLength:"100"`
	}
	lookPut struct {
		TabPath
		Body LookInput
	}
	assignPut   struct{ Body AssignInput }
	commentPost struct{ Body CommentInput }
)

func (o *Operations) teamState(ctx context.Context, in *threadQuery) (team.State, error) {
	return o.team.State(ctx, api.UserOf(ctx).ID, team.Thread{Thread: in.ID, Mailbox: in.Mailbox})
}

func (o *Operations) teamLooks(ctx context.Context, in *api.ByID) (api.Page[team.Look], error) {
	return api.List(o.team.Looks(ctx, api.UserOf(ctx).ID, in.ID))
}

func (o *Operations) teamLook(ctx context.Context, in *lookPut) error {
	return o.team.Look(ctx, api.UserOf(ctx).ID, in.Tab, in.Body.Thread, in.Body.Doing)
}

func (o *Operations) teamGone(ctx context.Context, in *TabPath) error {
	return o.team.Gone(ctx, api.UserOf(ctx).ID, in.Tab)
}

func (o *Operations) teamAssign(ctx context.Context, in *assignPut) error {
	return crossing(o.team.Assign(ctx, api.UserOf(ctx).ID, in.Body.Threads, in.Body.User))
}

func (o *Operations) teamComment(ctx context.Context, in *commentPost) (team.Comment, error) {
	b := in.Body
	c, err := o.team.Comment(ctx, api.UserOf(ctx).ID, b.Thread, b.Text, b.Mentions)
	return c, crossing(err)
}

func (o *Operations) teamUncomment(ctx context.Context, in *api.ByID) error {
	return o.team.Uncomment(ctx, api.UserOf(ctx).ID, in.ID)
}

func (o *Operations) teamNotices(ctx context.Context, _ *api.None) (api.Page[team.Notice], error) {
	return api.List(o.team.Notices(ctx, api.UserOf(ctx).ID))
}

// crossing tells a person of what colleagues do.
func crossing(err error) error {
	switch {
	case errors.Is(err, team.ErrOthers):
		return huma.NewError(http.StatusPreconditionRequired, err.Error())
	case errors.Is(err, team.ErrMember):
		return huma.Error422UnprocessableEntity(err.Error())
	}
	return err
}
