package mail

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	gomail "github.com/emersion/go-message/mail"

	"frontdesk/mail/conversation"
	"frontdesk/mail/header"
	"frontdesk/mail/letter"
	"frontdesk/mail/mime"
	"frontdesk/mail/mime/coding"
	"frontdesk/store"
)

// A draft is a message of the folder Drafts (RFC 6154) with the flag \Draft, which other mail programs see and may have
// written. A save replaces it: its id stays, and its UID, which says what version it is, is a new one. Its Message-ID
// stays until it is sent.

// ErrChanged is the error of a save or a sending that would undo what somebody did to the draft since it was read.
var ErrChanged = errors.New("this draft was changed somewhere else meanwhile")

// DraftSave is a draft to be stored.
type DraftSave struct {
	Draft
	ID      string   `json:"id,omitempty" doc:"Of the draft it replaces; a new one when left out"`
	Version string   `json:"version,omitempty" doc:"Of that draft when it was read or saved last"`
	Keep    []string `json:"keep,omitempty" maxItems:"100" doc:"Keys of the stored files that stay; the others are taken out"`
	Source  string   `json:"source,omitempty" doc:"Id of the draft that has those files, for a new one"`
	IDs     []string `json:"ids,omitempty" maxItems:"100" doc:"Content-IDs of the files that come with it, in their order, of pictures that the HTML shows as cid:ID; empty: attached"`
}

// SavedDraft is a draft as it is stored.
type SavedDraft struct {
	Draft
	ID        string      `json:"id"`
	Version   string      `json:"version"`
	Mailbox   string      `json:"mailbox"` // id
	Thread    string      `json:"thread"`
	Formatted bool        `json:"formatted"` // another mail program wrote it in HTML
	Stored    []DraftFile `json:"files"`
}

// DraftFile is a stored attachment of a draft.
type DraftFile struct {
	Key  string `json:"key"` // of its name and content
	ID   string `json:"id,omitempty" doc:"Content-ID of a picture that the HTML shows"`
	Part string `json:"part" doc:"To read it as a file of the message"`
	Name string `json:"name"`
	Type string `json:"type"`
	Size int64  `json:"size"`
}

// storedDraft is the message of a draft.
type storedDraft struct {
	id, mailbox, folder, thread, blob string
	uid                               uint32
	raw                               []byte
	parsed                            *mime.Message
}

func (d *storedDraft) version() string { return strconv.FormatUint(uint64(d.uid), 10) }

// storedDraft finds a draft in one of the user's mailboxes. ErrNotFound.
func (b *Box) storedDraft(ctx context.Context, user, id string) (*storedDraft, error) {
	d := &storedDraft{id: id}
	err := b.db.QueryRow(ctx, `SELECT m.mailbox, m.folder, m.thread, m.blob, m.uid FROM mail_message m
		JOIN mailbox_user u ON u.mailbox = m.mailbox AND u.user_id = $1 WHERE m.id = $2 AND `+isDraft, user, id).
		Scan(&d.mailbox, &d.folder, &d.thread, &d.blob, &d.uid)
	if err != nil {
		return nil, fmt.Errorf("draft %s: %w", id, store.Found(err))
	}
	if d.raw, err = b.bytes(ctx, d.blob); err != nil {
		return nil, fmt.Errorf("draft %s: %w", id, err)
	}
	d.parsed = mime.ParseBytes(d.raw)
	return d, nil
}

// Draft reads a draft to go on with it. ErrNotFound.
func (b *Box) Draft(ctx context.Context, user, id string) (SavedDraft, error) {
	d, err := b.storedDraft(ctx, user, id)
	if err != nil {
		return SavedDraft{}, err
	}
	return b.saved(ctx, user, d)
}

func (b *Box) saved(ctx context.Context, user string, d *storedDraft) (SavedDraft, error) {
	m := d.parsed
	s := SavedDraft{ID: d.id, Version: d.version(), Mailbox: d.mailbox, Thread: d.thread,
		Formatted: m.HTML != "" && !m.Header.Has(editor), Stored: []DraftFile{}}
	s.Draft = Draft{To: letter.Drafted(m, "To"), Cc: letter.Drafted(m, "Cc"), Bcc: letter.Drafted(m, "Bcc"),
		Subject: m.Subject, Text: strings.TrimSuffix(m.Text, "\n"), HTML: b.outgoing(m.HTML)}
	if len(m.From) > 0 {
		s.From = strings.ToLower(m.From[0].Address)
	}
	for i, f := range letter.Files(d.raw, m, nil) {
		s.Stored = append(s.Stored, DraftFile{Key: f.Key(), ID: f.ID, Part: m.Parts[i].Path, Name: f.Name, Type: f.Type,
			Size: int64(len(f.Data))})
	}
	var err error
	if len(m.InReplyTo) > 0 {
		s.Reply, err = b.answered(ctx, user, d.mailbox, m.InReplyTo[0])
	}
	return s, err
}

// answered finds the message that a draft answers, best in the draft's mailbox; "" when it is gone.
func (b *Box) answered(ctx context.Context, user, mailbox, messageID string) (id string, err error) {
	err = b.db.QueryRow(ctx, `SELECT m.id FROM mail_message m JOIN mailbox_user u ON u.mailbox = m.mailbox AND u.user_id = $1
		WHERE m.message_id = $2 AND NOT `+isDraft+` ORDER BY CASE WHEN m.mailbox = $3 THEN 0 ELSE 1 END, m.received_at LIMIT 1`,
		user, coding.Clean(messageID, conversation.MaxID), mailbox).Scan(&id)
	if err = store.Found(err); errors.Is(err, ErrNotFound) {
		return "", nil
	}
	return id, err
}

// SaveDraft stores a draft of at most so many bytes. ErrNotOurs when the user may not send as From, ErrChanged when the
// draft is another one by now, ErrNotFound when it was sent or deleted, ErrTooBig, ErrQuota.
func (b *Box) SaveDraft(ctx context.Context, user string, s DraftSave, most int64) (saved SavedDraft, err error) {
	mailbox, err := b.MaySend(ctx, user, s.From)
	if err != nil {
		return saved, fmt.Errorf("save draft: %w", err)
	}
	letter.Identify(s.Files, s.IDs)
	old, err := b.replaced(ctx, user, &s)
	if err != nil {
		return saved, fmt.Errorf("save draft: %w", err)
	}
	raw, err := b.draftBytes(ctx, user, mailbox, s, old)
	if err != nil {
		return saved, fmt.Errorf("save draft: %w", err)
	}
	if int64(len(raw)) > most {
		return saved, ErrTooBig
	}
	if s.ID == "" {
		old = nil
	}
	stored, err := b.replaceDraft(ctx, mailbox.ID, old, raw)
	if err != nil {
		return saved, fmt.Errorf("save draft: %w", err)
	}
	return b.saved(ctx, user, stored)
}

// replaced reads the draft that is saved again, or that a new one takes files of, and adds the files that stay; nil
// when there is none.
func (b *Box) replaced(ctx context.Context, user string, s *DraftSave) (old *storedDraft, err error) {
	id := s.ID
	if id == "" {
		id = s.Source
	}
	if id == "" {
		return nil, nil
	}
	old, err = b.storedDraft(ctx, user, id)
	if errors.Is(err, ErrNotFound) && s.ID == "" { // it was sent or deleted: what is left of it is saved all the same
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if s.ID != "" && s.Version != old.version() {
		return nil, ErrChanged
	}
	s.Files = append(letter.Files(old.raw, old.parsed, append([]string{}, s.Keep...)), s.Files...)
	return old, nil
}

// draftBytes is the message of a draft. What it answers stays when that message itself is gone.
func (b *Box) draftBytes(ctx context.Context, user string, from Mailbox, s DraftSave,
	old *storedDraft) ([]byte, error) {
	address, domain, err := split(s.From)
	if err != nil {
		return nil, err
	}
	h := letter.Begin(store.NewID()+"@"+domain, gomail.Address{Name: from.Name, Address: address}, s.Subject)
	for key, list := range map[string][]string{"To": s.To, "Cc": s.Cc, "Bcc": s.Bcc} {
		letter.Draft(&h, key, list)
	}
	if old != nil {
		if s.ID != "" && old.parsed.MessageID != "" {
			h.SetMessageID(old.parsed.MessageID)
		}
		if len(old.parsed.InReplyTo) > 0 {
			h.SetMsgIDList("In-Reply-To", old.parsed.InReplyTo)
			h.SetMsgIDList("References", old.parsed.References)
		}
	}
	if err := b.answers(ctx, user, &h, s.Reply); err != nil && !errors.Is(err, ErrNotFound) {
		return nil, err
	}
	if s.HTML != "" {
		h.Set(editor, "1")
	}
	return b.write(h, s.Draft)
}

// replaceDraft stores a draft in place of old, in the folder Drafts of a mailbox, or as a new one.
func (b *Box) replaceDraft(ctx context.Context, mailbox string, old *storedDraft, raw []byte) (*storedDraft, error) {
	d := &storedDraft{mailbox: mailbox, raw: raw, parsed: mime.ParseBytes(raw)}
	blob, size, err := b.PutBlob(ctx, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	e := entry{mailbox: mailbox, blob: blob, size: size, parsed: d.parsed, received: time.Now(),
		flags: Flags{Draft: true, Seen: true}, outgoing: true}
	changed := []string{mailbox}
	if old != nil {
		e.id, changed = old.id, append(changed, old.mailbox)
	}
	err = b.db.Tx(ctx, func(tx *store.Tx) error {
		if err := takeDraft(ctx, tx, old, mailbox); err != nil {
			return err
		}
		if e.folder, err = draftsOf(ctx, tx, mailbox); err != nil {
			return err
		}
		if err := reserve(ctx, tx, mailbox, size); err != nil {
			return err
		}
		refs, err := b.insert(ctx, tx, []entry{e}, leaveToAny)
		if err != nil {
			return err
		}
		d.id, d.uid = refs[0].ID, refs[0].UID
		return tx.QueryRow(ctx, `SELECT thread FROM mail_message WHERE id = $1`, d.id).Scan(&d.thread)
	})
	if err != nil {
		b.Unclaimed(blob)
		return nil, err
	}
	b.Changed(slices.Compact(changed)...)
	return d, nil
}

func draftsOf(ctx context.Context, tx *store.Tx, mailbox string) (name string, err error) {
	err = tx.QueryRow(ctx, `SELECT name FROM mail_folder WHERE mailbox = $1 AND special_use = 'Drafts'`,
		mailbox).Scan(&name)
	return name, store.Found(err)
}

// takeDraft removes a draft (nil: none) as it was read; with it, it locks the mailbox that something is stored in next.
func takeDraft(ctx context.Context, tx *store.Tx, d *storedDraft, next string) error {
	if d == nil {
		return lock(ctx, tx, next)
	}
	boxes := []string{d.mailbox, next}
	slices.Sort(boxes)
	for _, id := range slices.Compact(boxes) {
		if err := lock(ctx, tx, id); err != nil {
			return err
		}
	}
	var uid uint32
	var folder string
	if err := tx.QueryRow(ctx, `SELECT uid, folder FROM mail_message WHERE id = $1`, d.id).Scan(&uid,
		&folder); err != nil {
		return store.Found(err)
	}
	if uid != d.uid || folder != d.folder {
		return ErrChanged
	}
	f, err := firstFolder(folders(ctx, tx, `id = $1`, folder))
	if err != nil {
		return err
	}
	return remove(ctx, tx, f, []uint32{uid})
}

// ReadyDraft is a draft that is about to be sent.
type ReadyDraft struct {
	Composed
	stored *storedDraft
}

// ReadyDraft makes the mail of a draft: byte for byte what is stored, less what mail programs note in drafts for
// themselves. ErrNotFound, ErrChanged, ErrNotOurs, letter.ErrRecipients.
func (b *Box) ReadyDraft(ctx context.Context, user, id, version string) (r ReadyDraft, err error) {
	d, err := b.storedDraft(ctx, user, id)
	if err != nil {
		return r, fmt.Errorf("send draft: %w", err)
	}
	if d.version() != version {
		return r, fmt.Errorf("send draft: %w", ErrChanged)
	}
	s, err := b.saved(ctx, user, d)
	if err != nil {
		return r, fmt.Errorf("send draft: %w", err)
	}
	r.stored = d
	if r.Mailbox, err = b.MaySend(ctx, user, s.From); err != nil {
		return r, fmt.Errorf("send draft: %w", err)
	}
	if r.To, err = letter.Recipients(&gomail.Header{}, s.To, s.Cc, s.Bcc); err != nil {
		return r, fmt.Errorf("send draft: %w", err)
	}
	r.From, r.MessageID, r.Reply = s.From, d.parsed.MessageID, s.Reply
	fields, err := header.Read(bytes.NewReader(d.raw))
	if err != nil {
		return r, fmt.Errorf("send draft: %w", err)
	}
	r.Raw = slices.Concat(header.Without(fields, ofDrafts), d.raw[len(fields):])
	return r, nil
}

// editor is the field of a draft whose HTML our editor wrote.
const editor = "X-Frontdesk-Editor"

// ofDrafts tells which fields only drafts have. Date is of the last save: the queue sets the one of the sending (RFC
// 5322 section 3.6.1).
func ofDrafts(name string, _ []byte) bool {
	switch name {
	case "date", "fcc", "x-identity-key", "x-account-key":
		return true
	}
	return strings.HasPrefix(name, "x-mozilla-") || strings.HasPrefix(name, "x-evolution-") ||
		strings.HasPrefix(name, "x-frontdesk-")
}

// TakeDraftTx removes a draft in the transaction that sends it, in which sent is the mailbox of its copy. The caller
// calls Changed for r.Drafts after its commit. ErrChanged, ErrNotFound.
func (b *Box) TakeDraftTx(ctx context.Context, tx *store.Tx, r ReadyDraft, sent string) error {
	return takeDraft(ctx, tx, r.stored, sent)
}

// Drafts is the mailbox the draft is in.
func (r ReadyDraft) Drafts() string { return r.stored.mailbox }
