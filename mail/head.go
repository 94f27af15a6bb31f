package mail

import (
	"context"
	"slices"
	"strings"

	"frontdesk/mail/header"
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
	return !slices.ContainsFunc(names, func(name string) bool { return !slices.Contains(headFields, strings.ToLower(name)) })
}

// headOf is what is kept of a message's header, byte for byte; nothing where it is too long, or is so broken that it
// reads otherwise without the rest.
func headOf(m *mime.Message) []byte {
	head := header.Only(m.Head, headFields)
	alone := mime.ParseHeader(head)
	same := func(name string) bool { return slices.Equal(m.Header.Values(name), alone.Values(name)) }
	if len(head) == 0 || len(head) > maxHead || slices.ContainsFunc(headFields, func(name string) bool { return !same(name) }) {
		return nil
	}
	return head
}

// keepHead writes what is kept of the header of a content.
func keepHead(blob string, m *mime.Message) (todo []store.Statement) {
	if head := headOf(m); head != nil {
		todo = append(todo, store.Statement{Query: `INSERT INTO mail_head (blob, head) VALUES ($1, $2) ON CONFLICT DO NOTHING`,
			Args: []any{blob, head}})
	}
	return todo
}

// WithHeads is Stored with the heads of those messages that have one.
func (b *Box) WithHeads(ctx context.Context, folderID string, uids []uint32) ([]Stored, error) {
	return b.stored(ctx, `SELECT m.id, m.uid, m.blob, m.size, m.received_at, h.head FROM mail_message m LEFT JOIN mail_head h ON h.blob = m.blob
		WHERE m.folder = $1 AND m.uid IN `, folderID, uids)
}
