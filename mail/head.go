package mail

import (
	"context"
	"slices"
	"strings"

	"frontdesk/mail/header"
	"frontdesk/mail/imap"
	"frontdesk/mail/mime"
	"frontdesk/store"
)

// headFields are kept beside a message: what ENVELOPE tells, and what mail programs ask for in lists.
var headFields = []string{"date", "subject", "from", "sender", "reply-to", "to", "cc", "bcc", "in-reply-to",
	"message-id", "references", "content-type", "priority", "x-priority", "importance", "newsgroups", "list-id",
	"list-unsubscribe", "auto-submitted", "disposition-notification-to"}

// maxHead is how long they may be together.
const maxHead = 16 << 10

// InHead tells whether all these fields are in Stored.Head.
func InHead(names ...string) bool {
	return !slices.ContainsFunc(names,
		func(name string) bool { return !slices.Contains(headFields, strings.ToLower(name)) })
}

// headOf is what is kept of a message's header, byte for byte; nothing where it is too long, or is so broken that it
// reads otherwise without the rest.
func headOf(m *mime.Message) []byte {
	head := header.Only(m.Head, headFields)
	alone := mime.ParseHeader(head)
	same := func(name string) bool { return slices.Equal(m.Header.Values(name), alone.Values(name)) }
	if len(head) == 0 || len(head) > maxHead ||
		slices.ContainsFunc(headFields, func(name string) bool { return !same(name) }) {
		return nil
	}
	return head
}

// keepHead writes what is kept of the header of a content, and its envelope and structure as IMAP says them. A version
// before this one kept the header alone.
func keepHead(blob string, m *mime.Message) (todo []store.Statement) {
	head := headOf(m)
	if head == nil {
		return nil
	}
	envelope, structure := short(imap.AppendEnvelope(nil, m.Header)), []byte(nil)
	if m.Root != nil { // the message was read whole
		structure = short(imap.AppendStructure(nil, m.Root, true))
	}
	return []store.Statement{{Query: `INSERT INTO mail_head (blob, head, envelope, structure) VALUES ($1, $2, $3, $4)
		ON CONFLICT (blob) DO UPDATE SET envelope = excluded.envelope, structure = excluded.structure WHERE mail_head.structure IS NULL`,
		Args: []any{blob, head, envelope, structure}}}
}

// short is nil where a text is too long to be kept: then the message is read.
func short(text []byte) []byte {
	if len(text) > maxHead {
		return nil
	}
	return text
}

// Kept is what is wanted of messages that are not opened.
type Kept struct{ Head, Envelope, Structure bool }

// WithKept is Stored with what is kept of those messages that have it.
func (b *Box) WithKept(ctx context.Context, folderID string, uids []uint32, want Kept) ([]Stored, error) {
	column := func(name string, wanted bool) string {
		if wanted {
			return ", h." + name
		}
		return ", NULL"
	}
	return b.stored(ctx, `SELECT m.id, m.uid, m.blob, m.size, m.received_at`+column("head", want.Head)+
		column("envelope", want.Envelope)+column("structure", want.Structure)+
		` FROM mail_message m LEFT JOIN mail_head h ON h.blob = m.blob WHERE m.folder = $1 AND m.uid `, folderID, uids)
}
