package mailapi

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/mail"
	"frontdesk/web/api"
)

// MailboxPatch changes a mailbox; what is left out stays.
type MailboxPatch struct {
	Name  *string  `json:"name,omitempty" maxLength:"200"`
	Users []string `json:"users,omitempty" maxItems:"100" doc:"Ids of who reads and sends as it; the first is the owner"`
	Quota *int64   `json:"quota,omitempty" minimum:"0" doc:"Bytes, 0: none"`

	Shared *bool `json:"shared,omitempty" doc:"Its mail is shown whole on a client's timeline to whoever sees the client; else only to its users. A new mailbox of several users is shared when this is left out"`
}

// MailboxInput is a mailbox to be.
type MailboxInput struct {
	Address string `json:"address" maxLength:"320"`
	MailboxPatch
}

func (in MailboxPatch) apply(m *mail.Mailbox) {
	api.Set(&m.Name, in.Name)
	api.Set(&m.Quota, in.Quota)
	api.Set(&m.Shared, in.Shared)
	if in.Users != nil {
		m.Users = in.Users
	}
}

type (
	mailboxCreate struct{ Body MailboxInput }
	mailboxUpdate struct {
		api.ByID
		Body MailboxPatch
	}
	mailboxList struct {
		All bool `query:"all" doc:"All there are, for an admin"`
	}
)

func (o *Operations) listMailboxes(ctx context.Context, in *mailboxList) (api.Page[mail.Mailbox], error) {
	u := api.UserOf(ctx)
	if !in.All {
		return api.List(o.box.MailboxesOf(ctx, u.ID))
	}
	if !api.IsAdmin(u) {
		return api.Page[mail.Mailbox]{}, huma.Error403Forbidden("Only an administrator sees all mailboxes.")
	}
	return api.List(o.box.Mailboxes(ctx))
}

func (o *Operations) createMailbox(ctx context.Context, in *mailboxCreate) (mail.Mailbox, error) {
	m := mail.Mailbox{Address: in.Body.Address}
	m.Shared = len(in.Body.Users) > 1
	in.Body.apply(&m)
	if err := o.checkPeople(ctx, "users", in.Body.Users); err != nil {
		return m, err
	}
	return o.box.CreateMailbox(ctx, m)
}

func (o *Operations) updateMailbox(ctx context.Context, in *mailboxUpdate) (mail.Mailbox, error) {
	m, err := o.box.Mailbox(ctx, in.ID)
	if err != nil {
		return m, err
	}
	in.Body.apply(&m)
	if err := o.checkPeople(ctx, "users", in.Body.Users); err != nil {
		return m, err
	}
	return m, o.box.UpdateMailbox(ctx, m)
}

// checkPeople fails when one of the ids that an input's field has is no active user's.
func (o *Operations) checkPeople(ctx context.Context, field string, ids []string) error {
	for i, id := range ids {
		if err := api.CheckActive(ctx, o.core, fmt.Sprintf("%s[%d]", field, i), id); err != nil {
			return err
		}
	}
	return nil
}

func (o *Operations) deleteMailbox(ctx context.Context, in *api.ByID) error {
	return o.box.DeleteMailbox(ctx, in.ID)
}

// listFolders is for those who read the mailbox; also an admin reads only what is his own.
func (o *Operations) listFolders(ctx context.Context, in *api.ByID) (api.Page[mail.Folder], error) {
	own, err := o.box.MailboxesOf(ctx, api.UserOf(ctx).ID)
	if err != nil {
		return api.Page[mail.Folder]{}, err
	}
	if !slices.ContainsFunc(own, func(m mail.Mailbox) bool { return m.ID == in.ID }) {
		return api.Page[mail.Folder]{}, mail.ErrNoMailbox
	}
	return api.List(o.box.Folders(ctx, in.ID))
}

type messageList struct {
	api.Paging
	Mailbox string `query:"mailbox" maxLength:"100" doc:"Id; needed where folder and q are left out: a search without both is in all of the user's"`
	Folder  string `query:"folder" maxLength:"100" doc:"Id; all but Junk and Trash when left out"`
	Search  string `query:"q" maxLength:"200" doc:"Words that begin words of its people, subject, text or names of files, and from: to: subject: file: label: has:attachment is:unread is:flagged after:2026-03-01 before:2026-04-01"`
	Unseen  bool   `query:"unseen"`
	Flagged bool   `query:"flagged"`
	Taken   string `query:"taken" enum:"mine,none,open" doc:"Of shared mailboxes: conversations assigned to oneself, to nobody, or either"`
}

func (in messageList) listing() mail.Listing {
	return mail.Listing{Mailbox: in.Mailbox, Folder: in.Folder, Query: in.Search, Unseen: in.Unseen,
		Flagged: in.Flagged, Taken: in.Taken, After: in.After, Limit: in.Limit}
}

func mailPage[T any](p mail.Page[T], err error) (api.Page[T], error) {
	return api.Page[T]{Items: p.Items, Next: p.Next}, err
}

func (o *Operations) listMessages(ctx context.Context, in *messageList) (api.Page[mail.Summary], error) {
	page, err := mailPage(o.box.Messages(ctx, api.UserOf(ctx).ID, in.listing()))
	if err != nil {
		return page, err
	}
	return page, o.nameAll(ctx, page.Items)
}

func (o *Operations) listThreads(ctx context.Context, in *messageList) (api.Page[mail.Conversation], error) {
	page, err := mailPage(o.box.Threads(ctx, api.UserOf(ctx).ID, in.listing()))
	if err != nil {
		return page, err
	}
	people := make([]*mail.Summary, len(page.Items))
	for i := range page.Items {
		people[i] = &page.Items[i].Summary
	}
	return page, o.name(ctx, people)
}

type threadQuery struct {
	api.ByID
	Mailbox string `query:"mailbox" required:"true" maxLength:"100" doc:"Id"`
}

func (o *Operations) mailThread(ctx context.Context, in *threadQuery) (api.Page[mail.Summary], error) {
	page, err := api.List(o.box.Thread(ctx, api.UserOf(ctx).ID, in.Mailbox, in.ID))
	if err != nil {
		return page, err
	}
	return page, o.nameAll(ctx, page.Items)
}

type messageQuery struct {
	api.ByID
	Remote bool `query:"remote" doc:"With the remote images the sender put in"`
}

func (o *Operations) getMessage(ctx context.Context, in *messageQuery) (mail.Message, error) {
	return o.box.Message(ctx, api.UserOf(ctx).ID, in.ID, in.Remote)
}

// MessagePatch marks or moves messages; what is left out stays.
type MessagePatch struct {
	Seen    *bool   `json:"seen,omitempty"`
	Flagged *bool   `json:"flagged,omitempty"`
	Folder  *string `json:"folder,omitempty" doc:"Id of the folder they move to"`
}

// MessagesPatch marks or moves several messages.
type MessagesPatch struct {
	IDs []string `json:"ids" minItems:"1" maxItems:"500"`
	MessagePatch
}

type (
	messageUpdate struct {
		api.ByID
		Body MessagePatch
	}
	messagesUpdate struct{ Body MessagesPatch }
)

func (o *Operations) updateMessage(ctx context.Context, in *messageUpdate) error {
	return o.patchMessages(ctx, []string{in.ID}, in.Body)
}

func (o *Operations) updateMessages(ctx context.Context, in *messagesUpdate) error {
	return o.patchMessages(ctx, in.Body.IDs, in.Body.MessagePatch)
}

func (o *Operations) patchMessages(ctx context.Context, ids []string, p MessagePatch) error {
	user := api.UserOf(ctx).ID
	if p.Seen != nil {
		if err := o.box.MarkSeen(ctx, user, ids, *p.Seen); err != nil {
			return err
		}
	}
	if p.Flagged != nil {
		if err := o.box.Flag(ctx, user, ids, *p.Flagged); err != nil {
			return err
		}
	}
	if p.Folder == nil {
		return nil
	}
	return o.box.Move(ctx, user, ids, *p.Folder)
}

func (o *Operations) deleteMessage(ctx context.Context, in *api.ByID) error {
	return o.box.Delete(ctx, api.UserOf(ctx).ID, []string{in.ID})
}

// rawMessage is offered as a file: a browser must not show what strangers wrote.
func (o *Operations) rawMessage(ctx context.Context, in *api.ByID) (*api.StreamOutput, error) {
	r, err := o.box.RawOf(ctx, api.UserOf(ctx).ID, in.ID)
	if err != nil {
		return nil, err
	}
	return download("message.eml", "message/rfc822", r), nil
}

type filePath struct {
	api.ByID
	Part string `path:"part" maxLength:"60" pattern:"^[0-9]+([.][0-9]+)*$"`
}

func (o *Operations) attachment(ctx context.Context, in *filePath) (*api.StreamOutput, error) {
	file, data, err := o.box.Attachment(ctx, api.UserOf(ctx).ID, in.ID, in.Part)
	if err != nil {
		return nil, err
	}
	return download(file.Name, file.Type, io.NopCloser(bytes.NewReader(data))), nil
}

// download answers with a file to be saved. Whatever its type claims, no browser runs it in our name: it is an
// attachment, not sniffed, and a page made of it would be sandboxed.
func download(name, kind string, r io.ReadCloser) *api.StreamOutput {
	if _, _, err := mime.ParseMediaType(kind); err != nil {
		kind = "application/octet-stream"
	}
	return &api.StreamOutput{Body: func(ctx huma.Context) {
		defer r.Close()
		ctx.SetHeader("Content-Type", kind)
		ctx.SetHeader("Content-Disposition", disposition(name))
		ctx.SetHeader("Content-Security-Policy", "default-src 'none'; sandbox")
		ctx.SetHeader("Cross-Origin-Resource-Policy", "same-origin")
		if s, ok := r.(io.Seeker); ok {
			if size, err := s.Seek(0, io.SeekEnd); err == nil {
				ctx.SetHeader("Content-Length", strconv.FormatInt(size, 10))
				s.Seek(0, io.SeekStart) // it could go to the end
			}
		}
		ctx.SetStatus(http.StatusOK)
		io.Copy(ctx.BodyWriter(), r) // to a client that may be gone
	}}
}

// disposition names a file for saving (RFC 6266); names that can't be written so are replaced.
func disposition(name string) string {
	if name == "" {
		name = "attachment"
	}
	if text := mime.FormatMediaType("attachment", map[string]string{"filename": api.Cut(name, 200)}); text != "" {
		return text
	}
	return `attachment; filename="attachment"`
}

// Sent names a mail that was accepted for sending.
type Sent struct {
	ID      string `json:"id" doc:"In the queue"`
	Message string `json:"message" doc:"Its copy in Sent"`

	At *time.Time `json:"at,omitempty" doc:"When it goes out, where that is later: then it has no id and no copy yet"`
}

type mailSend struct{ Body mail.Draft }

func (o *Operations) sendMail(ctx context.Context, in *mailSend) (Sent, error) {
	receipt, err := o.queue.SubmitDraft(ctx, api.UserOf(ctx).ID, in.Body)
	return Sent{ID: receipt.ID, Message: receipt.Copy.ID}, err
}
