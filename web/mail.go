package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"frontdesk/mail"
	"frontdesk/mail/queue"
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
	set(&m.Name, in.Name)
	set(&m.Quota, in.Quota)
	set(&m.Shared, in.Shared)
	if in.Users != nil {
		m.Users = in.Users
	}
}

// DomainInput is a mail domain to be.
type DomainInput struct {
	Name string `json:"name" minLength:"3" maxLength:"253"`
}

// DNSRecord is a record to publish.
type DNSRecord struct {
	Name  string `json:"name"`
	Type  string `json:"type"`
	Value string `json:"value"`
	Why   string `json:"why"`
}

type (
	mailboxCreate struct{ Body MailboxInput }
	mailboxUpdate struct {
		ByID
		Body MailboxPatch
	}
	mailboxList struct {
		All bool `query:"all" doc:"All there are, for an admin"`
	}
	domainCreate struct{ Body DomainInput }
	domainPath   struct {
		Name string `path:"name" maxLength:"253"`
	}
)

func (o *mailOps) listDomains(ctx context.Context, _ *none) (Page[mail.Domain], error) {
	domains, err := o.box.Domains(ctx)
	for i := range domains {
		if err == nil {
			domains[i].Roles, err = o.box.Roles(ctx, domains[i].Name)
		}
	}
	return list(domains, err)
}

func (o *mailOps) createDomain(ctx context.Context, in *domainCreate) (mail.Domain, error) {
	return o.box.CreateDomain(ctx, in.Body.Name)
}

func (o *mailOps) deleteDomain(ctx context.Context, in *domainPath) error {
	return o.box.DeleteDomain(ctx, in.Name)
}

func (o *mailOps) domainRecords(ctx context.Context, in *domainPath) (Page[DNSRecord], error) {
	d, err := o.box.Domain(ctx, in.Name)
	if err != nil {
		return Page[DNSRecord]{}, err
	}
	host := o.host
	if host == "" {
		host = "mail." + d.Name
	}
	return list([]DNSRecord{
		{d.Name, "MX", "10 " + host + ".", "Mail for the domain comes to this server."},
		{d.Name, "TXT", "v=spf1 mx -all", "Only this server sends mail of the domain (SPF, RFC 7208)."},
		{d.Selector + "._domainkey." + d.Name, "TXT", d.Record, "Receivers check our signature with this key (DKIM, RFC 6376)."},
		{"_dmarc." + d.Name, "TXT", "v=DMARC1; p=quarantine; rua=mailto:postmaster@" + d.Name, "What receivers do with forged mail (DMARC, RFC 7489)."},
	}, nil)
}

func (o *mailOps) listMailboxes(ctx context.Context, in *mailboxList) (Page[mail.Mailbox], error) {
	u := userOf(ctx)
	if !in.All {
		return list(o.box.MailboxesOf(ctx, u.ID))
	}
	if !isAdmin(u) {
		return Page[mail.Mailbox]{}, huma.Error403Forbidden("Only an administrator sees all mailboxes.")
	}
	return list(o.box.Mailboxes(ctx))
}

func (o *mailOps) createMailbox(ctx context.Context, in *mailboxCreate) (mail.Mailbox, error) {
	m := mail.Mailbox{Address: in.Body.Address}
	m.Shared = len(in.Body.Users) > 1
	in.Body.apply(&m)
	if err := o.checkPeople(ctx, "users", in.Body.Users); err != nil {
		return m, err
	}
	return o.box.CreateMailbox(ctx, m)
}

func (o *mailOps) updateMailbox(ctx context.Context, in *mailboxUpdate) (mail.Mailbox, error) {
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
func (o *mailOps) checkPeople(ctx context.Context, field string, ids []string) error {
	for i, id := range ids {
		if err := checkActive(ctx, o.core, fmt.Sprintf("%s[%d]", field, i), id); err != nil {
			return err
		}
	}
	return nil
}

func (o *mailOps) deleteMailbox(ctx context.Context, in *ByID) error {
	return o.box.DeleteMailbox(ctx, in.ID)
}

// listFolders is for those who read the mailbox; also an admin reads only what is his own.
func (o *mailOps) listFolders(ctx context.Context, in *ByID) (Page[mail.Folder], error) {
	own, err := o.box.MailboxesOf(ctx, userOf(ctx).ID)
	if err != nil {
		return Page[mail.Folder]{}, err
	}
	if !slices.ContainsFunc(own, func(m mail.Mailbox) bool { return m.ID == in.ID }) {
		return Page[mail.Folder]{}, mail.ErrNoMailbox
	}
	return list(o.box.Folders(ctx, in.ID))
}

type messageList struct {
	Paging
	Mailbox string `query:"mailbox" maxLength:"100" doc:"Id; needed where folder is left out"`
	Folder  string `query:"folder" maxLength:"100" doc:"Id; all but Junk and Trash when left out"`
	Search  string `query:"q" maxLength:"200" doc:"Words that must all be in people, subject or beginning"`
	Unseen  bool   `query:"unseen"`
	Flagged bool   `query:"flagged"`
}

func (in messageList) listing() mail.Listing {
	return mail.Listing{Mailbox: in.Mailbox, Folder: in.Folder, Query: in.Search, Unseen: in.Unseen, Flagged: in.Flagged, After: in.After, Limit: in.Limit}
}

func mailPage[T any](p mail.Page[T], err error) (Page[T], error) {
	return Page[T]{Items: p.Items, Next: p.Next}, err
}

func (o *mailOps) listMessages(ctx context.Context, in *messageList) (Page[mail.Summary], error) {
	page, err := mailPage(o.box.Messages(ctx, userOf(ctx).ID, in.listing()))
	if err != nil {
		return page, err
	}
	return page, o.nameAll(ctx, page.Items)
}

func (o *mailOps) listThreads(ctx context.Context, in *messageList) (Page[mail.Conversation], error) {
	page, err := mailPage(o.box.Threads(ctx, userOf(ctx).ID, in.listing()))
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
	ByID
	Mailbox string `query:"mailbox" required:"true" maxLength:"100" doc:"Id"`
}

func (o *mailOps) mailThread(ctx context.Context, in *threadQuery) (Page[mail.Summary], error) {
	page, err := list(o.box.Thread(ctx, userOf(ctx).ID, in.Mailbox, in.ID))
	if err != nil {
		return page, err
	}
	return page, o.nameAll(ctx, page.Items)
}

type messageQuery struct {
	ByID
	Remote bool `query:"remote" doc:"With the remote images the sender put in"`
}

func (o *mailOps) getMessage(ctx context.Context, in *messageQuery) (mail.Message, error) {
	return o.box.Message(ctx, userOf(ctx).ID, in.ID, in.Remote)
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
		ByID
		Body MessagePatch
	}
	messagesUpdate struct{ Body MessagesPatch }
)

func (o *mailOps) updateMessage(ctx context.Context, in *messageUpdate) error {
	return o.patchMessages(ctx, []string{in.ID}, in.Body)
}

func (o *mailOps) updateMessages(ctx context.Context, in *messagesUpdate) error {
	return o.patchMessages(ctx, in.Body.IDs, in.Body.MessagePatch)
}

func (o *mailOps) patchMessages(ctx context.Context, ids []string, p MessagePatch) error {
	user := userOf(ctx).ID
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

func (o *mailOps) deleteMessage(ctx context.Context, in *ByID) error {
	return o.box.Delete(ctx, userOf(ctx).ID, []string{in.ID})
}

// rawMessage is offered as a file: a browser must not show what strangers wrote.
func (o *mailOps) rawMessage(ctx context.Context, in *ByID) (*streamOutput, error) {
	r, err := o.box.RawOf(ctx, userOf(ctx).ID, in.ID)
	if err != nil {
		return nil, err
	}
	return download("message.eml", "message/rfc822", r), nil
}

type filePath struct {
	ByID
	Part string `path:"part" maxLength:"60" pattern:"^[0-9]+([.][0-9]+)*$"`
}

func (o *mailOps) attachment(ctx context.Context, in *filePath) (*streamOutput, error) {
	file, data, err := o.box.Attachment(ctx, userOf(ctx).ID, in.ID, in.Part)
	if err != nil {
		return nil, err
	}
	return download(file.Name, file.Type, io.NopCloser(bytes.NewReader(data))), nil
}

// download answers with a file to be saved. Whatever its type claims, no browser runs it in our name: it is an attachment, not sniffed,
// and a page made of it would be sandboxed.
func download(name, kind string, r io.ReadCloser) *streamOutput {
	if _, _, err := mime.ParseMediaType(kind); err != nil {
		kind = "application/octet-stream"
	}
	return &streamOutput{func(ctx huma.Context) {
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
	if text := mime.FormatMediaType("attachment", map[string]string{"filename": cut(name, 200)}); text != "" {
		return text
	}
	return `attachment; filename="attachment"`
}

// Sent names a mail that was accepted for sending.
type Sent struct {
	ID      string `json:"id" doc:"In the queue"`
	Message string `json:"message" doc:"Its copy in Sent"`
}

type mailSend struct{ Body mail.Draft }

func (o *mailOps) sendMail(ctx context.Context, in *mailSend) (Sent, error) {
	receipt, err := o.queue.SubmitDraft(ctx, userOf(ctx).ID, in.Body)
	return Sent{ID: receipt.ID, Message: receipt.Copy.ID}, err
}

func (o *mailOps) listQueue(ctx context.Context, in *Paging) (Page[queue.Item], error) {
	items, err := o.queue.List(ctx, in.After, in.Limit+1)
	p := Page[queue.Item]{Items: items}
	if len(items) > in.Limit {
		p.Items = items[:in.Limit]
		p.Next = p.Items[in.Limit-1].ID
	}
	return p, err
}

func (o *mailOps) retryQueued(ctx context.Context, in *ByID) error {
	return o.queue.Retry(ctx, in.ID)
}

func (o *mailOps) dropQueued(ctx context.Context, in *ByID) error {
	return o.queue.Drop(ctx, in.ID)
}
